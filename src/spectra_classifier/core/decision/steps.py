"""The two things that happen: a train is finished, or time passes."""
from dataclasses import replace

from .alarms import follow, standing_alarms
from .conditions import View, broken_limits, first_failure
from .config import UNKNOWN_INDEX, Alarm, DecisionConfig
from .observation import ModelStanding, Observation
from .presence import absence, followed, standing
from .state import Decision, DecisionState, PatternDecision, PatternState
from .voting import advance, ballots


def step(state: DecisionState, seen: Observation, config: DecisionConfig):
    """What a finished train changes: (new state, `Decision`).

    A repeated or late train is judged but does not vote, does not advance
    the sequence, and cannot grant a permit that did not stand.
    """
    papers = ballots(seen, config)
    news = seen.kind.news
    state = replace(fitted(state, config), last=seen)
    before = state.patterns[config.primary].state
    if news:
        state = replace(
            state, fresh=seen.time, train_id=seen.train_id,
            sequence=state.sequence + 1,
            losses=(*state.losses, seen.lost)[-config.window:],
            presences=followed(state.presences, seen, config),
            patterns=tuple(
                advance(pattern, paper, seen, config) for pattern, paper
                in zip(state.patterns, papers, strict=True)))
        state = _interlock(state, seen, config)
    view = View(state, config, seen.time, seen.model, seen.fault, seen, news)
    return _conclude(
        view, papers, state.patterns[config.primary].state != before)


def tick(state: DecisionState, now: float, config: DecisionConfig,
         model: ModelStanding = None, fault: str = ""):
    """What silence changes at monotonic `now`: (new state, `Decision`).

    A tick withdraws (nothing came for too long, the model or the health is
    not what it was with the last train) and never grants; the sequence
    stands still. `model`: the present standing, None for that of the last
    train; `fault`: trouble since then.
    """
    state = fitted(state, config)
    seen = state.last
    if model is None:
        model = ModelStanding() if seen is None else seen.model
    fault = fault or ("" if seen is None else seen.fault)
    view = View(state, config, now, model, fault, seen)
    papers = (None,) * len(config.patterns) if seen is None else ballots(
        seen, config)
    return _conclude(view, papers)


def fitted(state, config):
    """`state` with one pattern state for each pattern of `config`."""
    if len(state.patterns) == len(config.patterns):
        return state
    return replace(state, patterns=(PatternState(),) * len(config.patterns),
                   permit=False)


def firing(state, config):
    """The sentence of the first pattern whose reaction is an interlock."""
    missing = absence(state, config)
    for pattern, found in zip(config.patterns, state.patterns, strict=True):
        reaction = config.reaction(found.state, missing)
        # unknown counts once something was known: not at the very start
        known = found.state >= 0 or found.previous >= 0
        if known and reaction.alarm is Alarm.INTERLOCK:
            return (f"sample state {reaction.sample_class!r} of "
                    f"pulse pattern {pattern.name!r} since train "
                    f"{found.decided_train}")
    return ""


def _interlock(state, seen, config):
    fired = firing(state, config)
    if not fired or state.interlocked:
        return state
    return replace(state, latch=fired, interlocked=True)


def _conclude(view, papers, changed=False):
    view = replace(view, state=replace(
        view.state, broken=broken_limits(view)))
    failed = first_failure(view)
    reason = failed.sentence(view) if failed else "all conditions hold"
    state = view.state
    if failed and state.permit and view.config.latching and not state.latch:
        state = replace(state, latch="the permit was lost at train "
                        f"{state.train_id}: {reason}")
    stands = standing_alarms(replace(view, state=state))
    state = replace(state, permit=failed is None, alarms=follow(
        state.alarms, stands, view.now, state.train_id, view.config))
    decision = _decision(view, state, papers)
    return state, replace(
        decision, changed=changed, reason=reason,
        condition=failed.name if failed else "")


def _decision(view, state, papers):
    config = view.config
    alarms = tuple(alarm for alarm in state.alarms if alarm.raised)
    patterns = tuple(
        _pattern_decision(pattern, found, paper, view.now, config)
        for pattern, found, paper in zip(
            config.patterns, state.patterns, papers, strict=True))
    main, shown = state.patterns[config.primary], patterns[config.primary]
    return Decision(
        train_id=state.train_id, time=view.now,
        sample_state=main.state, sample_state_name=shown.state_name,
        previous_state=main.previous,
        previous_state_name=config.class_name(main.previous),
        transition_train=main.transition.train_id,
        transition_pulse=main.transition.pulse,
        decided_train=main.decided_train, dwell=shown.dwell,
        class_fractions=shown.fractions,
        unknown_fraction=shown.unknown_fraction,
        confidence=shown.confidence, patterns=patterns,
        armed=state.armed, latch=state.latch,
        interlocked=state.interlocked, permit=state.permit,
        sequence=state.sequence,
        valid_for=config.permit_valid_for,
        alarm=alarms[0].severity if alarms else Alarm.NONE,
        alarm_reason=alarms[0].reason if alarms else "", alarms=alarms,
        config_hash=config.hash, presence=standing(state, config))


def _pattern_decision(pattern, found, paper, now, config):
    nothing = (0.,) * len(config.classes)
    return PatternDecision(
        name=pattern.name, required=pattern.required, state=found.state,
        state_name=config.class_name(found.state),
        fractions=paper.fractions if paper else nothing,
        unknown_fraction=paper.unknown_fraction if paper else 0.,
        eligible=paper.eligible if paper else 0,
        voted=bool(paper and paper.voted),
        dwell=0. if found.since is None else now - found.since,
        confidence=paper.confidence[found.state] if paper
        and found.state != UNKNOWN_INDEX else 0.)
