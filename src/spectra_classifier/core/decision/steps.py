"""The two events of the decision: a train is finished, or time passes."""
from collections.abc import Sequence
from dataclasses import replace

from .alarms import follow, standing_alarms
from .config import UNKNOWN_INDEX, Alarm, DecisionConfig, PulsePattern
from .observation import ModelStanding, Observation
from .permit_conditions import View, broken_limits, first_failure
from .presence import absence, followed, standing
from .state import (
    Cause,
    Decision,
    DecisionState,
    PatternDecision,
    PatternState,
)
from .voting import Ballot, advance, ballots


def step(state: DecisionState, seen: Observation,
         config: DecisionConfig) -> tuple[DecisionState, Decision]:
    """Return state and decision after a finished train.

    A repeated or late train, and one whose labels were made under another
    configuration, is evaluated but does not vote, does not advance the
    sequence, and cannot grant a permit that was not granted before.
    """
    papers = ballots(seen, config)
    news = seen.kind.news and seen.basis == state.basis
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
        state = _interlock(_with_causes(state, seen, config), config)
    view = View(state, config, seen.time, seen.model, seen.fault, seen, news)
    return _conclude(
        view, papers, state.patterns[config.primary].state != before)


def tick(state: DecisionState, now: float, config: DecisionConfig,
         model: ModelStanding | None = None,
         fault: str = "") -> tuple[DecisionState, Decision]:
    """Return state and decision after silence until monotonic `now`.

    A tick withdraws (no train for too long, or the model or a fault has
    changed since the last train) and never grants; the sequence does not
    advance.

    Parameters
    ----------
    model
        Its present standing, None for that of the last train.
    fault
        A fault since the last train, "" for none.
    """
    view = present(state, now, config, model, fault)
    papers = (None,) * len(config.patterns) if view.seen is None else ballots(
        view.seen, config)
    return _conclude(view, papers)


def present(state: DecisionState, now: float, config: DecisionConfig,
            model: ModelStanding | None = None, fault: str = "") -> View:
    """Return the view without a train at `now`; parameters as for `tick`."""
    seen = state.last
    if model is None:
        model = ModelStanding() if seen is None else seen.model
    return View(fitted(state, config), config, now, model,
                fault or ("" if seen is None else seen.fault), seen)


def fitted(state: DecisionState, config: DecisionConfig) -> DecisionState:
    """Return `state` with one pattern state for each pattern of `config`."""
    if len(state.patterns) == len(config.patterns):
        return state
    return replace(state, patterns=(PatternState(),) * len(config.patterns),
                   permit=False)


def firing(state: DecisionState,
           config: DecisionConfig) -> list[tuple[PulsePattern, PatternState]]:
    """Return each pulse pattern that triggers an interlock, with its state."""
    missing = absence(state, config)
    # unknown counts once something was known: not at the very start
    return [(pattern, found) for pattern, found in zip(
        config.patterns, state.patterns, strict=True)
        if (found.state >= 0 or found.previous >= 0)
        and config.reaction(found.state, missing).alarm is Alarm.INTERLOCK]


def _with_causes(state: DecisionState, seen: Observation,
                 config: DecisionConfig) -> DecisionState:
    """What the pulses show now that have fired an interlock."""
    papers = ballots(seen, config, [one.pattern for one in state.causes])
    return replace(state, causes=tuple(
        one._replace(shown=advance(one.shown, paper, seen, config))
        for one, paper in zip(state.causes, papers, strict=True)))


def _interlock(state: DecisionState, config: DecisionConfig) -> DecisionState:
    known = {one.pattern.selection for one in state.causes}
    new = tuple(Cause(pattern, found) for pattern, found
                in firing(state, config) if pattern.selection not in known)
    if not new:
        return state
    latch = state.latch
    if not state.causes:
        reaction = config.reaction(new[0].shown.state,
                                   absence(state, config))
        latch = (f"sample state {reaction.sample_class!r} of pulse pattern "
                 f"{new[0].pattern.name!r} since train "
                 f"{new[0].shown.decided_train}")
    return replace(state, latch=latch, causes=(*state.causes, *new))


def _conclude(view: View, papers: Sequence[Ballot | None],
              changed: bool = False) -> tuple[DecisionState, Decision]:
    view = replace(view, state=replace(
        view.state, broken=broken_limits(view)))
    failed = first_failure(view)
    reason = failed.sentence(view) if failed else "all conditions hold"
    state = view.state
    if failed and state.permit and view.config.latching:
        state = replace(state, lost=True, latch=state.latch or (
            f"the permit was lost at train {state.train_id}: {reason}"))
    active = standing_alarms(replace(view, state=state))
    state = replace(state, permit=failed is None, alarms=follow(
        state.alarms, active, view.now, state.train_id, view.config))
    decision = _decision(view, state, papers)
    return state, replace(
        decision, changed=changed, reason=reason,
        condition=failed.name if failed else "")


def _decision(view: View, state: DecisionState,
              papers: Sequence[Ballot | None]) -> Decision:
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
        transition_earliest=main.halfway.earliest if main.halfway else 0,
        transition_latest=main.halfway.latest if main.halfway else 0,
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


def _pattern_decision(pattern: PulsePattern, found: PatternState,
                      paper: Ballot | None, now: float,
                      config: DecisionConfig) -> PatternDecision:
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
