"""The whole chain against the specification: hypothesis looks for a way.

The long runs are those of `benchmarks/oracle.py`, with the same steps.
"""
import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    rule,
    run_state_machine_as_test,
)

from tests.oracle.chain import ABSURD, CHANGES, GUARDS, STARTS, Chain
from tests.oracle.driver import do, run
from tests.oracle.payloads import PAYLOADS

#: seconds on a busy machine; 20 on a quiet one for all of them
#: of hypothesis, and of the seeded driver for each seed
EXAMPLES, STEPS_OF_EACH, STEPS = 15, 30, 2500
DETAIL = st.integers(0, (1 << 13) - 1)
KINDS = st.integers(0, len(PAYLOADS) - 1)
TRAIN_STEPS = st.sampled_from((1, 1, 1, 2, 30, 999, 1001, 35_999, 36_001, -5,
                         -1200, None))


class Machine(RuleBasedStateMachine):
    """Every rule is one step of the chain, checked."""

    def __init__(self):
        super().__init__()
        self.chain = Chain()

    def teardown(self):
        self.chain.close()

    def do(self, name, *arguments):
        do(self.chain, name, arguments)

    @rule(kind=st.sampled_from((0, 0, 0, 1)), trains=st.integers(1, 6))
    def healthy(self, kind, trains):
        for _ in range(trains):
            self.do("send", kind)
            self.do("work", 2)
            self.do("hear", 2)
            self.do("wait", 4)

    @rule(kind=st.sampled_from((0, 1)))
    def up(self, kind):
        self.healthy(kind, 3)
        self.do("call", 2)
        self.do("call", 0)
        self.do("guard_call", 3)
        self.do("guard_call", 0)
        self.healthy(kind, 3)

    @rule(kind=KINDS, detail=DETAIL, step=TRAIN_STEPS,
          source=st.sampled_from((0, 0, 0, 1)), age=st.integers(0, 5))
    def send(self, kind, detail, step, source, age):
        self.do("send", kind, detail, step, source, age)

    @rule(back=st.integers(1, 6))
    def again(self, back):
        self.do("again", back)

    @rule(items=st.integers(1, 4))
    def work(self, items):
        self.do("work", items)

    @rule(count=st.integers(1, 4), drop=st.booleans())
    def hear(self, count, drop):
        self.do("hear", count, drop)

    @rule(hundredths=st.sampled_from((0, 1, 7, 30, 110)))
    def wait(self, hundredths):
        self.do("wait", hundredths)

    @rule(tenths=st.integers(1, 30))
    def stall(self, tenths):
        self.do("stall", tenths)

    @rule(seconds=st.sampled_from((-100., -0.4, 0.4, 3.)))
    def set_clock(self, seconds):
        self.do("set_clock", seconds)

    @rule(number=st.integers(0, 4))
    def call(self, number):
        self.do("call", number)

    @rule(number=st.integers(0, 3))
    def guard_call(self, number):
        self.do("guard_call", number)

    @rule(number=st.integers(0, len(CHANGES) - 1), choice=st.integers(0, 4))
    def change(self, number, choice):
        self.do("change", number, choice)

    @rule()
    def repair(self):
        self.do("repair")

    @rule(number=st.integers(0, len(ABSURD) - 1))
    def absurdity(self, number):
        self.do("absurdity", number)

    @rule(number=st.integers(0, 6))
    def swap(self, number):
        self.do("swap", number)

    @rule(word=st.integers(0, 71), source=st.integers(0, 3))
    def forge(self, word, source):
        self.do("forge", word, source)

    @rule(number=st.integers(0, 23))
    def kill(self, number):
        self.do("kill", number)

    @rule(source=st.sampled_from((0, 0, 1)))
    def connect(self, source):
        self.do("connect", source)

    @rule()
    def guard_disconnect(self):
        self.do("guard_disconnect")

    @rule(variant=st.integers(0, len(GUARDS) - 1))
    def start_guard(self, variant):
        self.do("start_guard", variant)

    @rule(variant=st.integers(0, len(STARTS) - 1))
    def start_classifier(self, variant):
        self.do("start_classifier", variant)


@pytest.fixture
def chain():
    made = Chain()
    yield made
    made.close()


def steps(chain, *trace):
    for step in trace:
        do(chain, *step)


def trains(number, times):
    """Healthy trains of one payload."""
    return [("send", (number,)), ("work", (2,)), ("hear", (2,)),
            ("wait", (4,))] * times


ARM, RESET = ("call", (0,)), ("call", (3,))
OPEN = [*trains(0, 3), ARM, ("guard_call", (0,)), *trains(0, 3)]
NO_PULSE = 9


def test_a_healthy_chain_opens_and_closes(chain):
    """The oracle is not content because nothing ever happens."""
    steps(chain, *OPEN, *trains(0, 5))
    assert chain.shutter.open
    steps(chain, ("wait", (60,)))
    assert not chain.shutter.open
    assert chain.counts["permit"] >= 8


def test_trains_without_pulses_end_the_permit(chain):
    """They are trains that do not vote: the window alone bridges them."""
    steps(chain, *OPEN)
    permits = []
    for _ in range(5):
        steps(chain, *trains(NO_PULSE, 1))
        permits.append(chain.classifier.shown("permit"))
    window = chain.values["decision.window"]
    assert permits == [True] * (window - 1) + [False] * (6 - window)
    assert chain.classifier.shown("sampleStateIndex") == -1
    steps(chain, ARM, *trains(NO_PULSE, 5))
    assert not chain.classifier.shown("permit")


def test_what_a_source_sent_it_must_go_on_sending_whatever_is_changed(chain):
    gain, masked = 16, 14
    confidence, mask = ("change", (0, 1)), ("change", (6, 1))
    for change in confidence, mask, ("swap", (1,)):
        steps(chain, *trains(gain, 1), change, ("work", (8,)))
        refused = chain.counts["code -4"]
        steps(chain, *trains(masked, 1), ("wait", (110,)))
        assert chain.counts["code -4"] == refused + 1
        assert "data.gain" in chain.classifier.shown("accounting.lastProblem")
        steps(chain, ("connect", (0,)), ("repair", ()))


def test_arming_that_is_refused_changes_nothing(chain):
    steps(chain, ("change", (9, 1)), *OPEN, *trains(1, 4))
    assert "latched" in chain.classifier.shown("permitReason")
    steps(chain, ARM)
    assert chain.counts["arm refused"] == 1
    assert chain.classifier.shown("armed")
    assert "latched" in chain.classifier.shown("permitReason")
    steps(chain, *trains(0, 4), ("call", (2,)), *trains(0, 1))
    assert chain.classifier.shown("permit")


def test_another_engine_disarms_nothing(chain):
    steps(chain, *OPEN, ("change", (21, 0)), ("repair", ()), *trains(0, 2))
    assert chain.classifier.shown("permit")


def test_what_the_classifier_forgot_is_not_held_against_it(chain):
    """The reactions were changed: votes from before are forgotten."""
    steps(chain, ("change", (8, 2)), ("send", (2,)), ("work", (2,)),
          ("change", (9, 4)), ("send", (0,)), ("send", (16, 4045)),
          ("work", (2,)), ("send", (12, 7579, 1, 0, 0)), ("send", (19, 4302)),
          ("work", (2,)), ("work", (2,)), ARM)
    assert not chain.latch


def test_repeated_trains_do_not_vote(chain):
    back = [("again", (n,)) for n in (6, 3, 1)]
    steps(chain, *trains(1, 2), *back, ("work", (8,)))
    assert chain.counts["sent class 1"] == 5
    assert chain.sequence == 2


@pytest.mark.parametrize("number", range(12))
def test_a_task_that_ends_takes_the_permit_with_it(chain, number):
    steps(chain, *OPEN)
    assert chain.shutter.open
    steps(chain, ("kill", (number,)), *trains(0, 4))
    assert not chain.shutter.open
    assert any(key.startswith("killed") for key in chain.counts)


def test_late_trains_after_a_reset(chain):
    steps(chain, *trains(0, 2), ("send", (0, 0, 4)), ("work", (2,)), RESET,
          *[step for back in (3, 2, 1) for step in (
              ("again", (back,)), ("work", (2,)))], *trains(0, 3))
    assert chain.classifier.shown("load.handlerErrors") == 0


def test_no_way_to_a_permit_that_hypothesis_finds():
    run_state_machine_as_test(Machine, settings=settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS_OF_EACH,
        deadline=None, database=None, derandomize=True,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_way_to_a_permit_in_many_steps(seed):
    report = run(STEPS, seed, limit=1)
    assert not report.found, report.found[0].as_dict()
    assert report.counts["permit"] > 0
