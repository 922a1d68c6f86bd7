"""Accounting, decision and statistics of a stream, without a broker."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.decision import Alarm
from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.classifier_base.property_values import (
    counters,
    tally_rows,
)
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.configuration.property_map import (
    ENGINE_KEYS,
    KEYS,
)
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.queue_worker import ENGINE_ERROR
from spectra_classifier.live.records import Fate, Incoming, Outcome, labels_of
from spectra_classifier.live.stream_state import StreamState
from tests.devices.fakes import OTHER, VALUES, live_model, spectra_of

PERMIT_HIGH = ({"sampleClass": "high", "alarm": "none", "permit": True},)
AT_REST = (0, 0)


class Clock:
    """Time that passes when told."""

    def __init__(self):
        self.now = 100.

    def __call__(self):
        return self.now


class Rig:
    """A flow with a clock of its own and the real processor."""

    def __init__(self, **changes):
        self.clock = Clock()
        self.flow = StreamState(self.clock, self.clock)
        self.model = live_model()
        self.configure(**changes)
        self.processor = Processor(self.clock)
        self.train_id = 1000
        self.source = ""

    def configure(self, **changes):
        configuration = build(VALUES | {"reactions": PERMIT_HIGH} | changes,
                              self.model)
        self.flow.submit(configuration)
        self.flow.commit(configuration)

    def arrive(self, index=1, pulses=4, train_id=None, problem=""):
        if train_id is None:
            self.train_id = train_id = self.train_id + 1
        return self.flow.arrive(Incoming(
            train_id, pulses, self.clock(), source_time=self.clock() - 0.05,
            arrays={"data": spectra_of(index, pulses)}, problem=problem,
            source=self.source))

    def finish(self, incoming, in_flight=AT_REST):
        outcome = self.processor(incoming, self.flow.configuration)
        finished = self.flow.finish(outcome, in_flight)
        self.flow.written(finished, len(labels_of(outcome)))
        return finished

    def send(self, *args, **kwargs):
        self.clock.now += 0.1
        return self.finish(self.arrive(*args, **kwargs)).decision

    def permitted(self):
        for _ in range(6):
            self.send()
        assert self.flow.arm() == ""
        decision = self.send()
        assert decision.permit, decision.reason
        return decision


def test_from_train_to_permit():
    decision = Rig().permitted()
    assert decision.sample_state_name == "high"
    assert decision.class_fractions == (0, 1)


def test_the_latency_is_from_the_handler_entry():
    rig = Rig()
    incoming = rig.arrive()
    rig.clock.now += 0.025
    finished = rig.finish(incoming)
    assert finished.latency == pytest.approx(25)
    assert finished.train_age == pytest.approx(75)
    assert rig.flow.latencies.percentiles() == pytest.approx((25, 25))


def test_every_fate_is_counted():
    rig = Rig(**{"source.pulseSelection": "0:3"})
    rig.send(pulses=5)
    rig.send(pulses=7, problem="not usable")
    incoming = rig.arrive(pulses=11)
    rig.flow.finish(Outcome(incoming, rig.flow.configuration, Fate.SKIPPED,
                            ENGINE_ERROR, "broken"), AT_REST)
    found = counters(rig.flow.ledger)
    assert found == {
        "trainsReceived": 3, "trainsLost": 0, "accounting.trainsSkipped": 1,
        "accounting.trainsRejected": 1, "accounting.pulsesReceived": 23,
        "accounting.pulsesClassified": 3,
        "accounting.pulsesRejected": 7, "accounting.pulsesSkipped": 13}
    assert rig.flow.ledger.identity() == ""
    assert rig.flow.engine_errors == 1
    assert rig.flow.last_problem == "broken"
    assert ("skipped", ENGINE_ERROR, 1, 11) in tally_rows(rig.flow.ledger)
    assert ("rejected", "unusable payload", 1, 7) in tally_rows(
        rig.flow.ledger)


def test_lost_trains_are_counted_and_listed():
    rig = Rig()
    rig.send(train_id=10)
    rig.send(train_id=14)
    assert counters(rig.flow.ledger)["trainsLost"] == 3
    assert ("lost", "unexplained", 3, 0) in tally_rows(rig.flow.ledger)
    rig.flow.connected()
    rig.send(train_id=16)
    assert ("lost", "disconnected", 1, 0) in tally_rows(rig.flow.ledger)


def test_sums_that_do_not_hold_end_the_permit():
    rig = Rig()
    rig.permitted()
    incoming = rig.arrive()
    decision = rig.finish(incoming, in_flight=(1, 4)).decision
    assert not decision.permit
    assert "do not add up" in decision.reason
    assert rig.flow.accounting_problem


@pytest.mark.parametrize("code, kwargs", [
    (Code.BAD_DATA, {"problem": "of no use"})])
def test_a_train_of_no_use_has_codes_and_no_permit(code, kwargs):
    rig = Rig()
    rig.permitted()
    incoming = rig.arrive(**kwargs)
    finished = rig.finish(incoming)
    np.testing.assert_array_equal(labels_of(finished.outcome), [code] * 4)
    assert not finished.decision.permit
    assert "of no use" in finished.decision.reason
    assert rig.send().permit


def test_silence_ends_the_permit():
    rig = Rig()
    sequence = rig.permitted().sequence
    rig.clock.now += 0.9
    assert rig.flow.tick().permit
    rig.clock.now += 0.2
    decision = rig.flow.tick()
    assert not decision.permit
    assert "no new train" in decision.reason
    assert decision.sequence == sequence
    assert rig.flow.silent_for == pytest.approx(1.1)


def test_a_change_disarms_when_it_is_accepted():
    rig = Rig()
    rig.permitted()
    changed = build(VALUES | {"reactions": PERMIT_HIGH,
                              "minConfidence": 0.2}, rig.model)
    rig.flow.submit(changed)
    assert rig.flow.pending
    assert not rig.flow.tick().permit
    assert not rig.send().permit        # still the old configuration
    assert "not in force" in rig.flow.arm()
    rig.flow.commit(changed)
    assert not rig.flow.pending
    assert not rig.send().permit
    assert rig.flow.arm() == ""
    assert not rig.send().permit        # one vote of five
    assert rig.permitted()


def test_what_was_never_armed_was_not_disarmed():
    rig = Rig()
    rig.configure(minConfidence=0.2)
    assert "not armed" in rig.send().reason


def test_the_same_configuration_again_changes_nothing():
    rig = Rig()
    rig.permitted()
    rig.configure()
    assert rig.send().permit


def test_another_model_forgets_what_was_decided():
    rig = Rig()
    rig.permitted()
    rig.model = live_model(min_intensity=11.)
    rig.configure()
    decision = rig.send()
    assert decision.sample_state_name == "unknown"
    assert not decision.armed


def test_without_a_model_nothing_is_permitted():
    rig = Rig()
    rig.permitted()
    rig.model = None
    rig.configure()
    incoming = rig.arrive()
    finished = rig.finish(incoming)
    assert (labels_of(finished.outcome) == Code.SKIPPED).all()
    assert "no verified model" in finished.decision.reason
    assert "no verified model" in rig.flow.arm()


def test_reset_counts_anew_and_keeps_arming():
    rig = Rig()
    rig.permitted()
    rig.arrive()        # on its way
    rig.flow.reset((1, 4))
    assert rig.flow.ledger.received == (1, 4)
    assert rig.flow.state.armed
    assert rig.flow.latencies.percentiles() == (0, 0)


def test_an_overflow_is_accounted_for_at_once():
    rig = Rig()
    incoming = rig.arrive(pulses=9)
    rig.flow.overflow(incoming)
    assert rig.flow.ledger.identity() == ""
    assert counters(rig.flow.ledger)["accounting.pulsesSkipped"] == 9


def test_what_fails_disarms_until_it_is_mended_and_somebody_arms():
    rig = Rig()
    rig.permitted()
    rig.flow.fail("one", "one has ended")
    rig.flow.fail("two", "two has ended")
    for decision in rig.flow.tick(), rig.send():
        assert not decision.permit
        assert not decision.armed
        assert "one has ended" in {alarm.reason for alarm in decision.alarms}
    assert rig.flow.arm() == "one has ended"
    rig.flow.mend("one")
    assert rig.flow.arm() == "two has ended"
    rig.flow.mend("two")
    rig.flow.mend("never failed")
    assert rig.flow.fault == ""
    assert not rig.send().permit
    assert rig.flow.arm() == ""
    assert rig.send().permit


def test_there_is_another_value_for_every_key():
    assert set(OTHER) == set(KEYS) - set(ENGINE_KEYS)


def test_no_vote_counts_under_another_configuration(subtests):
    """The window, the state and the permit start again at the train edge,
    and a train that was classified before does not vote behind it."""
    for key in OTHER:
        with subtests.test(key=key):
            rig = Rig()
            rig.permitted()
            late = rig.processor(rig.arrive(), rig.flow.configuration)
            changes = ({"joining.minPulseEnergy": 1.}
                       if key == "joining.energyPath" else {})
            rig.configure(**changes | {key: OTHER[key]})
            assert rig.flow.state.armed is False
            assert not any(one.slots for one in rig.flow.state.patterns)
            assert all(one.state < 0 for one in rig.flow.state.patterns)
            rig.flow.arm()
            decision = rig.flow.finish(late, AT_REST).decision
            assert not decision.permit
            assert not any(one.slots for one in rig.flow.state.patterns)


def test_a_second_source_is_counted_and_is_a_fault():
    rig = Rig()
    said = []
    rig.flow._trouble = lambda: "".join(said)
    rig.permitted()
    sequence = rig.flow.ledger.sequence
    rig.flow.refuse(7, "another source: b:output")
    said.append("b:output sends as well as a:output")
    assert rig.flow.ledger.identity() == ""
    assert rig.flow.ledger.sequence is sequence
    assert ("rejected", "another source: b:output", 1, 7) in tally_rows(
        rig.flow.ledger)
    decision = rig.flow.tick()
    assert (decision.permit, decision.condition) == (False, "fault")
    assert decision.alarm is Alarm.ALARM
    assert not rig.send().permit
    said.clear()
    assert rig.send().permit


def test_another_source_starts_again_disarmed():
    rig = Rig()
    rig.source = "a:output"
    rig.permitted()
    late = rig.processor(rig.arrive(), rig.flow.configuration)
    rig.source = "b:output"
    decision = rig.send()
    assert "the source was a:output, and now is b:output" in decision.reason
    assert not decision.armed
    assert decision.sample_state_name == "unknown"
    before = rig.flow.state.patterns
    finished = rig.flow.finish(late, AT_REST)
    rig.flow.written(finished, 4)
    assert rig.flow.state.patterns == before    # the old one does not vote
    rig.permitted()


def starting(**changes):
    """A rig whose model is still on its way."""
    rig = Rig(**changes)
    rig.flow = StreamState(rig.clock, rig.clock)
    rig.model, model = None, rig.model
    rig.configure(**{"alarms.latched": ("accounting", "fault")})
    return rig, model


def test_trains_that_come_before_the_model_latch_no_alarm():
    rig, model = starting()
    decision = rig.send()
    assert "no verified model" in decision.reason
    assert decision.alarm is Alarm.WARN
    rig.model = model
    rig.configure(**{"alarms.latched": ("accounting", "fault")})
    assert rig.send().alarms == ()


@pytest.mark.parametrize("how", ["refused", "gone"])
def test_a_model_that_failed_or_is_gone_is_an_alarm(how):
    rig, model = starting()
    if how == "refused":
        rig.flow.starting = False
    else:
        rig.model = model
        rig.configure()
        rig.model = None
        rig.configure()
    assert rig.send().alarm is Alarm.ALARM


def test_a_latch_is_not_released_while_a_change_is_on_its_way():
    rig = Rig(**{"conditions.latching": True})
    rig.permitted()
    rig.finish(rig.arrive(problem="of no use"))
    rig.send()
    rig.flow.submit(build(VALUES | {"reactions": PERMIT_HIGH}, rig.model))
    assert "not in force" in rig.flow.acknowledge()
    assert rig.flow.state.latch


def test_pulse_ids_of_any_size_are_decided_on(subtests):
    for first in 0, 2**31, 2**63 - 2, 2**63, 2**64 - 8:
        with subtests.test(first=first):
            rig = Rig(**{"decision.pulsePatterns": (
                {"name": "even", "first": first, "step": 2, "count": 2,
                 "required": True},)})
            ids = np.array([first + 2 * n for n in range(4)], np.uint64)
            for _ in range(6):
                incoming = rig.arrive()
                arrays = incoming.arrays | {"pulse_id": ids}
                decision = rig.finish(
                    replace(incoming, arrays=arrays)).decision
            assert decision.sample_state_name == "high"
            assert decision.patterns[0].eligible == 2
            assert decision.transition_pulse == first
