from itertools import product

import pytest

from spectra_classifier.core.decision import Alarm, PulsePattern, Reaction
from spectra_classifier.core.trains.accounting import TrainKind


def names(decision):
    return [alarm.name for alarm in decision.alarms]


def test_the_reaction_to_the_sample_state(granted, subtests):
    for label, severity in [
            (0, Alarm.NONE), (1, Alarm.WARN), (2, Alarm.INTERLOCK),
            (-1, Alarm.NONE)]:
        with subtests.test(label=label):
            decision = granted().play(*[label] * 5)
            assert decision.alarm is severity
            if severity is not Alarm.NONE:
                assert "sample state" in decision.alarm_reason


def test_nothing_is_alarming_before_the_first_train(bench):
    assert bench().wait(99).alarms == ()


def test_a_fault_is_alarming_even_then(bench):
    assert bench().wait(0, fault="no model").alarm is Alarm.ALARM


EACH = [
    ("fault", Alarm.ALARM, {"fault": "x"}),
    ("accounting", Alarm.ALARM, {"accounting": "x"}),
    ("trainId", Alarm.WARN, {"train_id": 0, "kind": TrainKind.UNTIMED}),
    ("trainAge", Alarm.WARN, {"train_age": 5000.}),
    ("latency", Alarm.WARN, {"latency": 5000.}),
    ("coverage", Alarm.WARN, {"coverage": 0.}),
    ("degraded", Alarm.WARN, {"coverage": 0.7}),
    ("drift", Alarm.WARN, {"drift": 9.}),
    ("loss", Alarm.WARN, {"lost": 1})]


def test_each_alarm(bench, granted, subtests):
    for (name, severity, changes), armed in product(EACH, [True, False]):
        with subtests.test(name=name, armed=armed):
            decision = (granted if armed else bench)().play(0, **changes)
            assert (decision.alarm, names(decision)) == (severity, [name])
            assert decision.alarm_reason


@pytest.mark.parametrize(("armed", "severity"), [
    (True, Alarm.ALARM), (False, Alarm.WARN)])
def test_silence_alarms_more_when_armed(bench, granted, armed, severity):
    tested = (granted if armed else bench)()
    tested.play(0)
    decision = tested.wait(2)
    assert (decision.alarm, names(decision)) == (severity, ["fresh"])


def test_a_loss_is_shown_for_a_window(granted):
    tested = granted()
    decision = tested.play(0, lost=2)
    assert decision.alarm_reason == (
        "2 trains lost before the last 5 received")
    assert [tested.play(0).alarm for _ in range(5)] == [
        Alarm.WARN] * 4 + [Alarm.NONE]


def test_the_worst_comes_first_and_all_are_told(granted):
    tested = granted(
        reactions=(Reaction("a", "warn", True), Reaction("c", "alarm")),
        patterns=(PulsePattern(), PulsePattern("second", required=False)))
    decision = tested.play(0, drift=5., fault="broken")
    assert names(decision) == ["fault", "sampleState", "sampleState",
                               "drift"]
    assert decision.alarm is Alarm.ALARM


def test_a_class_may_warn_and_permit(granted):
    decision = granted(reactions=(Reaction("a", "warn", True),)).play(0)
    assert decision.permit
    assert decision.alarm is Alarm.WARN
