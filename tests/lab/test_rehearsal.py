"""The judge sees what it is there to see; plan and report, without Karabo."""
import asyncio
import time
from collections import Counter, deque
from pathlib import Path
from types import MappingProxyType, SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from karabo.middlelayer import State

from spectra_classifier.simulation.stream.faults import FAULTS
from spectra_lab.rehearsal import crew as crew_module
from spectra_lab.rehearsal import run
from spectra_lab.rehearsal.expectations import DEADLY, EXPECTED, SOURCE
from spectra_lab.rehearsal.judge import Judge
from spectra_lab.rehearsal.options import Options
from spectra_lab.rehearsal.plan import Plan
from spectra_lab.rehearsal.records import Said, Sent
from spectra_lab.rehearsal.replay import Replayer
from spectra_lab.rehearsal.report import ZERO, nothing_wrong, summarise
from spectra_lab.rehearsal.timing import Memory, Times

PERMITTED, OTHER = 0, 1
PULSES = 20


class Court:
    """A judge and a stream of trains at 10 Hz."""

    def __init__(self, warm=10):
        self.judge = Judge([PERMITTED])
        self.judge.armed()
        self.now = 100.
        self.next = 1000
        for _ in range(warm):   # two windows
            self.train()

    def train(self, permit=False, majority=PERMITTED, fault="", said=(),
              sent=True, out=True, distance=50):
        train_id, self.next = self.next, self.next + 1
        self.now += 0.1
        if sent:
            self.judge.sent(Sent(train_id, self.now, majority, distance,
                                 fault, PULSES))
        if out:
            values = dict(
                train_id=train_id, at=self.now + 0.02, pulses=PULSES,
                coded=PULSES, permit=permit, reason="all conditions hold",
                sequence=train_id, latency=20., model="m",
                codes=(PERMITTED,) * PULSES) | dict(said)
            self.judge.said(Said(**values))

    def verdict(self):
        self.judge.settle(float("inf"))
        return {key: count for key, count in self.judge.counts.items()
                if key in ZERO and count}


def test_nothing_is_wrong_with_a_good_stream():
    court = Court()
    for _ in range(30):
        court.train(permit=True)
    for _ in range(10):
        court.train(majority=OTHER)
    assert court.verdict() == {}
    assert court.judge.counts["trains_sent"] == 50
    assert court.judge.counts["pulses_received"] == 50 * PULSES


def test_a_train_that_never_comes_out_is_lost_with_its_pulses():
    court = Court()
    court.train()
    court.train(out=False)
    court.train()
    assert court.verdict() == {"trains_lost_by_us": 1,
                               "pulses_unaccounted": PULSES}


def test_a_loss_that_a_fault_explains_is_named_after_it():
    court = Court()
    court.train()
    excuse = court.judge.excuse("classifier killed", court.now)
    court.train(out=False)
    excuse.end = court.now + 0.05
    court.train()
    assert court.verdict() == {}
    assert court.judge.explained == {"classifier killed": 1}


@pytest.mark.parametrize("said", [
    {"pulses": PULSES - 1, "coded": PULSES - 1}, {"coded": PULSES - 1}],
    ids=["another number", "a pulse without a code"])
def test_pulses_that_do_not_add_up(said):
    court = Court()
    court.train(said=said)
    assert court.verdict() == {"trains_unaccounted": 1,
                               "pulses_unaccounted": 1}


def test_a_train_that_nobody_sent():
    court = Court()
    court.train(sent=False)
    assert court.verdict() == {"trains_unaccounted": 1,
                               "pulses_unaccounted": PULSES}


def test_a_repeated_train_has_two_sides_twice():
    court = Court()
    court.train()
    court.next -= 1
    court.train(fault="repeated")
    assert court.verdict() == {}


DENYING = [name for name, expected in SOURCE.items() if expected.denies]


def test_a_permit_with_a_fault_that_denies_is_wrong(subtests):
    assert DENYING
    for fault in DENYING:
        with subtests.test(fault=fault):
            court = Court()
            court.train(permit=True)
            court.train(permit=True, fault=fault)
            assert court.verdict() == {"wrong_permits": 1}


def test_a_denial_has_to_give_its_own_reason():
    court = Court()
    court.train(permit=True)
    court.train(fault="stale time", said={"reason": "the moon is full"})
    # the train behind it is denied for whatever came before
    court.train(fault="stale time", said={"reason": "the moon is full"})
    assert court.verdict() == {"wrong_reasons": 1}
    court.train(permit=True)
    court.train(fault="stale time", said={
        "reason": "the train age is 10007 ms; the limit is 1000 ms"})
    assert court.verdict() == {"wrong_reasons": 1}


def test_a_permit_after_a_window_of_another_class_is_wrong():
    court = Court()
    court.train(permit=True)
    for _ in range(4):
        court.train(permit=True, majority=OTHER)
    assert court.verdict() == {}
    court.train(permit=True, majority=OTHER)
    assert court.verdict() == {"wrong_permits": 1}


UNUSABLE = [name for name, expected in SOURCE.items() if not expected.usable]


def test_a_class_of_pulses_that_cannot_show_one_is_wrong(subtests):
    assert UNUSABLE
    for fault in UNUSABLE:
        with subtests.test(fault=fault):
            court = Court()
            court.train(permit=True, fault=fault)
            assert "wrong_classes" not in court.verdict()
            court.train(fault=fault, said={"classed": 1})
            assert court.verdict()["wrong_classes"] == 1


def test_where_everything_is_forbidden_nothing_is_right():
    court = Court()
    court.train(permit=True, said={"classed": PULSES})
    period = court.judge.forbid("few strips left", court.now + 0.05)
    court.train()
    assert court.verdict() == {}
    court.train(permit=True, said={"classed": 3})
    period.end = court.now + 0.05
    court.train(permit=True, said={"classed": PULSES})
    assert court.verdict() == {"wrong_classes": 1, "wrong_permits": 1}


NOT_GIVEN = [
    {"codes": (OTHER,) * PULSES}, {"codes": (-1,) * PULSES}, {"codes": ()},
    {"codes": (-3,) * PULSES}]


def test_a_permit_that_the_codes_do_not_give_is_wrong(subtests):
    for said in NOT_GIVEN:
        with subtests.test(said=said):
            court = Court()
            for _ in range(5):
                court.train(said=said)
            court.train(permit=True, said=said)
            assert court.verdict() == {"wrong_permits": 1}


NO_CONDITION = [
    {"latency": 501.}, {"latency": float("nan")}, {"model": ""},
    {"codes": (PERMITTED,) * 9 + (-5,) * 11}]


def test_a_permit_without_one_of_its_conditions_is_wrong(subtests):
    for said in NO_CONDITION:
        with subtests.test(said=said):
            court = Court()
            court.train(permit=True)
            court.train(permit=True, said=said)
            assert court.verdict() == {"wrong_permits": 1}


def test_a_judge_who_comes_late_waits_for_two_windows():
    court = Court(warm=0)
    for _ in range(10):
        court.train(permit=True, said={"codes": (-1,) * PULSES})
    assert court.verdict() == {}
    court.train(permit=True, said={"codes": (-1,) * PULSES})
    assert court.verdict() == {"wrong_permits": 1}


def test_a_train_without_pulses_changes_no_permit():
    court = Court()
    court.train(permit=True, said={"codes": ()})
    assert court.verdict() == {}


def test_between_two_states_either_is_right():
    court = Court()
    for _ in range(10):
        court.train(permit=True, majority=OTHER, distance=0)
    assert court.verdict() == {}


def test_nobody_permits_before_an_operator_has_armed():
    court = Court()
    court.train(permit=True)
    court.judge.restarted()
    court.train(permit=True)
    court.judge.armed()
    for _ in range(3):
        court.train()
    court.train(permit=True)
    assert court.verdict() == {"wrong_permits": 1}


def test_a_sum_that_the_classifier_itself_finds_wrong():
    court = Court()
    court.train(said={"reason": "the pulses do not add up: 1 received"})
    assert court.verdict() == {"identity_broken": 1}


def test_the_truth_may_come_after_the_result():
    court = Court()
    court.train(sent=False)
    court.judge.settle(court.now + 1)
    court.judge.sent(Sent(court.next - 1, court.now, 0, 50, "", PULSES))
    assert court.verdict() == {}


def test_every_fault_of_the_source_has_an_expectation():
    assert set(SOURCE) == set(FAULTS)


def test_a_plan_holds_every_fault_and_is_fixed_by_its_seed():
    def kinds(seed, count):
        plan = Plan(seed)
        return [plan.draw(True).kind for _ in range(count)]
    assert set(kinds(3, len(EXPECTED))) == set(EXPECTED)
    assert kinds(3, 80) == kinds(3, 80) != kinds(4, 80)


class SlowLine:
    """A beamline whose guard is latched and answers when `answer` is set."""
    servers = MappingProxyType({})
    found = MappingProxyType({
        ("source", "state"): State.ACQUIRING, ("guard", "enabled"): True,
        ("guard", "state"): State.INTERLOCKED, ("classifier", "armed"): True})

    def __init__(self):
        self.asked, self.answer = asyncio.Event(), asyncio.Event()
        self.called = []

    async def get(self, name, key):
        if name == "guard":
            self.asked.set()
            await self.answer.wait()
        return self.found[name, key]

    async def call(self, name, slot):
        self.called.append((name, slot))


def test_a_crew_that_steps_back_ends_first_what_it_is_about(monkeypatch):
    monkeypatch.setattr(crew_module, "PERIOD", 0)

    async def play():
        line = SlowLine()
        crew = crew_module.Crew(line, Judge(), lambda: 0)
        work = asyncio.create_task(crew.work())
        await line.asked.wait()
        back = asyncio.create_task(crew.step_back())
        await asyncio.sleep(0)
        assert not crew.hands_off
        line.answer.set()
        await back
        assert line.called == [("guard", "acknowledge")]
        for _ in range(20):
            await asyncio.sleep(0)
        assert line.called == [("guard", "acknowledge")]
        work.cancel()

    # a loop of its own: that of Karabo wants a broker
    loop = asyncio.SelectorEventLoop()
    try:
        loop.run_until_complete(play())
    finally:
        loop.close()


def test_what_is_timed_waits_for_the_open_shutter():
    plan = Plan(1)
    seen = []
    while (strike := plan.draw(False)) is not None:
        seen.append(strike)
    assert {s.kind for s in seen} == {
        kind for kind, expected in EXPECTED.items()
        if expected.within is None}
    assert plan.draw(True).expectation.within is not None


def test_times_are_distributions():
    times = Times()
    for seconds in 0.1, 0.3, 0.2:
        times.add("stale time", seconds, "classifier")
    times.add("source killed", 0.5, "guard")
    times.add("source killed", 0.7, "classifier")
    assert times.table() == {
        "stale time": {"n": 3, "median": 0.2, "p95": 0.29, "max": 0.3,
                       "all": [0.1, 0.2, 0.3]},
        "source killed": {"n": 2, "median": 0.6, "p95": 0.69, "max": 0.7,
                          "all": [0.5, 0.7]}}
    by = times.table_by()
    assert by["classifier"]["all"] == [0.1, 0.2, 0.3, 0.7]
    assert by["classifier"]["kinds"] == {"stale time": 3, "source killed": 1}
    assert by["guard"]["kinds"] == {"source killed": 1}


def life(*megabytes):
    return [(float(second), value) for second, value in enumerate(megabytes)]


def test_growth_is_of_the_longest_life():
    memory = Memory()
    memory._lives = {("classifier", 1): life(*[500.] * 5),
                     ("classifier", 2): life(*[100.] * 20, *[110.] * 20),
                     ("guard", 3): life(*[1.] * 3)}
    found = memory.lives()
    assert found["classifier"]["growth_mb"] == 10.
    assert found["classifier"]["mb_per_hour"] == 3600 * 10 / 20
    assert found["guard"] == {"seconds": 2., "mb": 1., "growth_mb": None,
                              "mb_per_hour": None}


def test_a_warm_up_and_a_spike_are_no_growth():
    memory = Memory()
    looks = [*range(50), *[300.] * 150]
    looks[120] = looks[170] = 900.
    memory._lives = {("classifier", 1): life(*looks)}
    found = memory.lives()["classifier"]
    assert (found["growth_mb"], found["mb_per_hour"]) == (0., 0.)


def test_what_grows_for_ever_is_seen_whatever_its_steps():
    memory = Memory()
    memory._lives = {("classifier", 1): life(
        *[300. + second // 100 for second in range(8000)])}
    assert memory.lives()["classifier"]["mb_per_hour"] == pytest.approx(
        36., rel=0.01)


def test_processes_live_where_they_are_spared():
    plan = Plan(3)
    plan.draw(True)
    plan.spare()
    kinds = {plan.draw(True).kind for _ in range(3 * len(EXPECTED))}
    assert kinds == set(EXPECTED) - DEADLY


@given(st.integers(0, 2**32 - 1), st.data())
def test_a_plan_holds_every_fault_though_some_are_put_back(seed, data):
    plan, struck, draws = Plan(seed), set(), 0
    while not plan.complete(struck):
        assert struck < set(EXPECTED)
        # a shutter that stays closed for a while
        strike = plan.draw(draws > 5)
        draws += 1
        if draws % 10 and data.draw(st.booleans()):
            plan.put_back(strike)
        else:
            struck.add(strike.kind)
    assert struck == set(EXPECTED)


def test_what_only_kills_goes_on_killing():
    plan = Plan(3, ["classifier killed"])
    plan.spare()
    assert plan.draw(True).kind == "classifier killed"


def test_what_the_quota_removes_is_replayed_nevertheless(tmp_path):
    folder = tmp_path / "snapshots"
    folder.mkdir()
    path = folder / "event.h5"
    path.write_bytes(b"no snapshot")
    replayer = Replayer(folder, tmp_path / "kept")
    replayer._kept.mkdir()
    replayer._collect()
    path.unlink()
    replayer._thread.start()
    replayer.finish()
    assert (replayer.snapshots, replayer.mismatches) == (1, 1)
    assert "event.h5" in replayer.problems[0]
    assert not list((tmp_path / "kept").iterdir())


def finished(judge, problems=()):
    return summarise(SimpleNamespace(
        judge=judge, problems=list(problems), struck=Counter({"gap": 3}),
        times=Times(), memory=Memory(), seconds=12., trace=deque(),
        readings={}, crew=SimpleNamespace(restarts={}),
        options=Options(Path("lab"), seconds=12., seed=4)),
        SimpleNamespace(snapshots=2, mismatches=0, problems=[]))


def test_the_report_has_the_promised_keys():
    court = Court()
    court.train(permit=True)
    assert court.verdict() == {}
    numbers = finished(court.judge)
    assert numbers.keys() >= {
        "faults_injected", "trains_lost_by_us", "pulses_unaccounted",
        "wrong_permits", "replay_mismatches", "latency_ms_p99",
        "rss_growth_mb"}
    assert numbers["faults_injected"] == 3
    assert numbers["finished"]
    assert numbers["latency_ms_p99"] == 20
    assert numbers["command"] == (
        "bash scripts/rehearse.sh --seconds 12 --seed 4 "
        "--pulses-per-train 2700 --preset realistic")
    assert nothing_wrong(numbers)


@pytest.mark.parametrize("full", [False, True], ids=["written", "no room"])
def test_what_was_found_so_far_is_kept_meanwhile(monkeypatch, full):
    kept = []

    def keep(rehearsal):
        kept.append(rehearsal.seconds)
        if full:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "LOOK", 0)
    now = time.monotonic()
    rehearsal = object.__new__(run.Rehearsal)
    vars(rehearsal).update(
        judge=Judge(), beamline=SimpleNamespace(servers={}), memory=Memory(),
        shutter=SimpleNamespace(isOpen=SimpleNamespace(value=True)),
        _keep=keep, _kept=now - run.KEEP - 1, _begun=now - 100)
    look = rehearsal._look()
    for _ in range(3):
        look.send(None)
    assert kept == [pytest.approx(100, abs=20)]
    look.close()


def test_each_single_wrong_is_a_failure(subtests):
    for key in ZERO:
        with subtests.test(key=key):
            court = Court()
            court.train()
            court.verdict()
            assert not nothing_wrong(finished(court.judge) | {key: 1})


def test_a_rehearsal_without_trains_proves_nothing():
    assert not nothing_wrong(finished(Judge()))
