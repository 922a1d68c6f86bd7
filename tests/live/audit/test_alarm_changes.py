"""What is told of alarms: each change once, little of one that flaps."""
from dataclasses import replace

from spectra_classifier.core.decision.config import Alarm
from spectra_classifier.core.decision.state import ActiveAlarm, AlarmState
from spectra_classifier.live.audit.alarm_changes import (
    BURST,
    PERIOD,
    AlarmChanges,
)

DRIFT = AlarmState(ActiveAlarm("drift", Alarm.WARN, "bin 8 shifted"), 0., 7,
                   raised=True)
WORSE = replace(DRIFT, alarm=replace(DRIFT.alarm, severity=Alarm.ALARM))


def told(diary, *steps, begin=0.):
    """Kinds that are told of alarms seen one after the other."""
    return [kind for number, alarms in enumerate(steps)
            for kind, _ in diary.changes(alarms, begin + 0.1 * number)]


CHANGES = [
    (([], []), []),
    (([DRIFT], [DRIFT], [DRIFT]), ["raised"]),
    (([DRIFT], []), ["raised", "cleared"]),
    (([DRIFT], [WORSE], [DRIFT]), ["raised", "worse", "better"]),
    (([DRIFT], [replace(DRIFT, acknowledged=True)], []),
     ["raised", "acknowledged", "cleared"]),
    (([DRIFT], [replace(DRIFT, active=False)], []),
     ["raised", "latched", "cleared"]),
    (([DRIFT], [replace(DRIFT, active=False)], [DRIFT]),
     ["raised", "latched", "raised"])]


def test_each_change_is_told_once(subtests):
    for steps, kinds in CHANGES:
        with subtests.test(kinds=kinds):
            assert told(AlarmChanges(), *steps) == [
                f"alarm {kind}" for kind in kinds]


def test_what_is_told_of_it():
    (kind, fields), = AlarmChanges().changes([DRIFT], 0.)
    assert kind == "alarm raised"
    assert fields == {"alarm": "drift", "severity": "warn",
                      "reason": "bin 8 shifted"}
    state = replace(DRIFT, alarm=replace(DRIFT.alarm, pattern="pumped"))
    assert AlarmChanges().changes([state], 0.)[0][1]["pattern"] == "pumped"


def test_two_alarms_are_two():
    other = replace(DRIFT, alarm=replace(DRIFT.alarm, name="loss"))
    diary = AlarmChanges()
    assert told(diary, [DRIFT], [DRIFT, other]) == 2 * ["alarm raised"]
    (kind, fields), = diary.changes([DRIFT], 1.)
    assert (kind, fields["alarm"]) == ("alarm cleared", "loss")


def test_one_that_flaps_is_counted_and_its_end_is_told():
    diary = AlarmChanges()
    steps = 200 * ([DRIFT], [])     # 40 s of it
    assert len(told(diary, *steps, [DRIFT])) == BURST
    (kind, fields), = diary.changes([DRIFT], PERIOD)
    assert kind == "alarm flapped"
    assert fields["now"] == "active"
    assert fields["changes"] == 401 - BURST
    assert told(diary, [], begin=PERIOD + 1) == ["alarm cleared"]


def test_one_that_flapped_and_is_gone_is_told_by_its_name():
    diary = AlarmChanges()
    told(diary, *40 * ([DRIFT], []))
    (kind, fields), = diary.changes([], PERIOD)
    assert (kind, fields["alarm"]) == ("alarm flapped", "drift")
    assert fields["now"] == "cleared"
    assert not diary._tracks


def test_a_day_of_flapping_is_a_bounded_number_of_records():
    diary = AlarmChanges()
    count = sum(len(diary.changes([DRIFT] if second % 2 else [], second))
                for second in range(86_400))
    assert count <= (BURST + 1) * (86_400 / PERIOD + 1)
    assert len(diary._tracks) == 1


def test_what_is_long_gone_is_forgotten():
    diary = AlarmChanges()
    told(diary, [DRIFT], [])
    diary.changes([], PERIOD + 1)
    assert not diary._tracks
