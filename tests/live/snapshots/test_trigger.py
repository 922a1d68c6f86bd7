"""Which events are written, and which trains are in them."""
from types import SimpleNamespace

import numpy as np
import pytest

from spectra_classifier.core.decision import Alarm
from spectra_classifier.core.decision.state import ActiveAlarm
from spectra_classifier.core.spectra import make_train
from spectra_classifier.core.trains.train_buffer import RecordedTrain
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.snapshots.trigger import (
    SILENCE,
    Limits,
    SnapshotTrigger,
)

QUIET = ()
WARN = (ActiveAlarm("drift", Alarm.WARN, "it drifts"),)
WORSE = (ActiveAlarm("drift", Alarm.ALARM, "it drifts more"),)


class Rig:
    """A trigger with a clock of their own; keeps what is submitted."""

    def __init__(self, **limits):
        self.now = 100.
        self.room = True
        self.written = []
        self.events = SnapshotTrigger("a/b/c", self.submit, lambda: self.now,
                             lambda: self.now)
        self.events.limits = Limits(**({
            "directory": "/somewhere", "before": 3, "after": 2} | limits))
        self.train_id = 1000

    def submit(self, event, trains, limits):
        if self.room:
            self.written.append((event, [t.train_id for t in trains]))
        return self.room

    def decision(self, changed=False, alarms=QUIET):
        return SimpleNamespace(
            changed=changed, alarms=alarms, train_id=self.train_id,
            previous_state_name="low", sample_state_name="high")

    def send(self, trains=1, **decision):
        for _ in range(trains):
            self.now += 0.1
            self.train_id += 1
            train = RecordedTrain(
                self.train_id, 2, self.now, None, train=make_train(
                    self.train_id, np.ones((2, 4), np.uint16)))
            self.events.train(train, self.decision(**decision))


def test_a_change_with_the_trains_around_it():
    rig = Rig()
    rig.send(5)
    rig.send(changed=True)
    assert rig.written == []
    rig.send(4)
    (event, trains), = rig.written
    assert trains == [1004, 1005, 1006, 1007, 1008]
    assert (event.kind, event.train_id, event.device) == ("change", 1006,
                                                          "a/b/c")
    assert event.reasons == ("sample state 'low' became 'high'",)


def test_an_alarm_that_comes_or_gets_worse_and_not_one_that_stands():
    rig = Rig(interval=0.)
    rig.send(3)
    rig.send(10, alarms=WARN)
    assert [event.kind for event, _ in rig.written] == ["alarm"]
    rig.send(5, alarms=WORSE)
    rig.send(5, alarms=WARN)
    assert [event.reasons for event, _ in rig.written] == [
        ("warn: it drifts",), ("alarm: it drifts more",)]
    rig.send(5)
    rig.send(5, alarms=WARN)
    assert len(rig.written) == 3


def test_silence_is_an_event_too_and_nobody_waits_for_its_trains():
    rig = Rig()
    rig.send(5)
    rig.now += 2
    rig.events.refresh(rig.decision(alarms=WARN))
    assert rig.written == []
    rig.now += SILENCE
    rig.events.refresh(rig.decision(alarms=WARN))
    (event, trains), = rig.written
    assert (event.kind, trains) == ("alarm", [1003, 1004, 1005])


def test_events_that_come_together_are_one():
    rig = Rig()
    rig.send(5)
    rig.send(changed=True, alarms=WARN)
    rig.send(alarms=WORSE)
    rig.send(3)
    (event, trains), = rig.written
    assert len(event.reasons) == 3
    assert trains[-1] == 1008


def test_too_many_are_counted_and_not_written():
    rig = Rig(interval=10.)
    for _ in range(5):
        rig.send(5)
        rig.send(changed=True)
        rig.send(3)
    assert len(rig.written) == 1
    assert rig.events.dropped == 4
    rig.now += 10
    rig.send(changed=True)
    rig.send(3)
    assert len(rig.written) == 2


def test_people_always_get_theirs():
    rig = Rig(interval=1000.)
    rig.send(5)
    rig.send(changed=True)
    # joins the one under way, and is kept as theirs
    rig.events.request_snapshot()
    rig.send(3)
    rig.events.request_snapshot()
    rig.send(3)
    assert [event.kind for event, _ in rig.written] == ["manual", "manual"]
    assert rig.events.dropped == 0


def test_no_room_with_the_writer():
    rig = Rig()
    rig.room = False
    rig.send(5)
    rig.send(changed=True)
    rig.send(5)
    assert rig.events.dropped == 1


def test_asked_for_in_vain():
    rig = Rig()
    with pytest.raises(ConfigurationError, match="no train"):
        rig.events.request_snapshot()
    rig.events.limits = Limits(directory="")
    rig.send(1)
    with pytest.raises(ConfigurationError, match=r"snapshots\.directory"):
        rig.events.request_snapshot()


def test_without_a_folder_nothing_is_held_or_counted():
    rig = Rig(directory="")
    rig.send(5)
    rig.send(changed=True)
    rig.send(5)
    assert rig.written == []
    assert rig.events.dropped == 0


@pytest.mark.parametrize("switch, event", [
    ("on_change", {"changed": True}), ("on_alarm", {"alarms": WARN})])
def test_what_was_not_wanted(switch, event):
    rig = Rig(**{switch: False})
    rig.send(5)
    rig.send(**event)
    rig.send(5)
    assert rig.written == []


def test_only_what_a_snapshot_could_take_is_kept():
    rig = Rig(before=3)
    rig.send(20)
    assert len(rig.events.ring) == 3
    rig.events.limits = Limits(directory="")
    rig.events.refresh(rig.decision())
    assert len(rig.events.ring) == 0
    rig.send(2)
    assert len(rig.events.ring) == 0
    with pytest.raises(ConfigurationError, match=r"snapshots\.directory"):
        rig.events.request_snapshot()


def test_an_event_never_holds_more_than_the_ring_may():
    size = 2 * 4 * 2 + 2 * 8 + 2        # spectra, ids, verdicts of a train
    rig = Rig(before=100, after=100, ring_bytes=5 * size)
    rig.send(20)
    rig.send(changed=True)
    rig.send(1)
    (_, trains), = rig.written
    assert len(trains) == 5


def test_what_is_under_way_at_the_end():
    rig = Rig()
    rig.send(5)
    rig.send(changed=True)
    rig.events.close()
    assert len(rig.written) == 1
    rig.events.close()
    assert len(rig.written) == 1
