"""Which events are worth a snapshot, and which trains belong to them.

Used from the event loop alone. Nothing here knows Karabo or writes a file.
"""
import time
from dataclasses import dataclass, field

from ...core.trains.train_buffer import Ring
from ...errors import ConfigurationError
from ...files.snapshots.snapshot import ALARM, CHANGE, MANUAL, Event

#: s without a train after which an event is written without further ones
SILENCE = 5.


@dataclass(frozen=True)
class Limits:
    """What an operator has set; see `event_properties.EventSettings`.

    `ring_bytes` and `quota` in bytes, `interval` and `ring_seconds` in s.
    """
    ring_seconds: float = 10.
    ring_bytes: int = 512 * 10**6
    directory: str = ""
    on_change: bool = True
    on_alarm: bool = True
    before: int = 20
    after: int = 10
    interval: float = 30.
    quota: float = 20e9
    max_files: int = 200


@dataclass
class _Pending:
    """An event whose last trains are still to come."""
    kind: str
    reasons: list
    train_id: int
    time: float
    trains: list
    left: int
    touched: float
    nbytes: int = field(init=False)

    def __post_init__(self):
        self.nbytes = sum(train.nbytes for train in self.trains)

    def add(self, train, now):
        self.trains.append(train)
        self.nbytes += train.nbytes
        self.left -= 1
        self.touched = now


class Events:
    """Keeps the last trains and picks those around an event.

    `submit(event, trains, limits)` hands them over and says whether there
    was room; `limits` may be replaced at any time; `dropped` counts events
    that are not written: too close to another one, or no room.
    """

    def __init__(self, device, submit, clock=time.monotonic,
                 wall_clock=time.time):
        self.limits = Limits()
        self.ring = Ring()
        self.dropped = 0
        self._device = device
        self._submit = submit
        self._clock, self._wall_clock = clock, wall_clock
        self._pending = None
        self._standing = {}
        self._last = float("-inf")

    def train(self, train, decision):
        """A train is finished: a `RecordedTrain` and its `Decision`."""
        limits = self.limits
        self.ring.add(train, limits.ring_seconds, limits.ring_bytes)
        if self._pending is not None:
            self._pending.add(train, self._clock())
        self._notice(decision)

    def look(self, decision):
        """Time has passed: a `Decision` without a train."""
        limits = self.limits
        self.ring.trim(self._clock(), limits.ring_seconds, limits.ring_bytes)
        self._notice(decision)

    def ask(self):
        """Somebody wants a snapshot; raises `ConfigurationError`."""
        newest = self.ring.newest(1)
        if not newest:
            raise ConfigurationError("no train is kept: none has been "
                                     "classified lately, or ringSeconds or "
                                     "ringMemory is too small")
        if not self.limits.directory:
            raise ConfigurationError("snapshotDirectory is empty: name the "
                                     "absolute path of a folder")
        self._begin(MANUAL, ["asked for"], newest[0].train_id)
        self._finish()

    def close(self):
        """Hand over what is still waited for."""
        if self._pending is not None:
            self._pending.left = 0
            self._finish()

    def _notice(self, decision):
        worse = [alarm for alarm in decision.alarms
                 if alarm.severity.rank > self._standing.get(alarm.name, 0)]
        self._standing = {alarm.name: alarm.severity.rank
                          for alarm in decision.alarms}
        if self.limits.directory:
            if self.limits.on_change and decision.changed:
                self._begin(CHANGE, [
                    f"sample state {decision.previous_state_name!r} became "
                    f"{decision.sample_state_name!r}"], decision.train_id)
            if self.limits.on_alarm and worse:
                self._begin(ALARM, [f"{alarm.severity}: {alarm.reason}"
                                    for alarm in worse], decision.train_id)
        self._finish()

    def _begin(self, kind, reasons, train_id):
        now = self._clock()
        if self._pending is not None:       # both are in one file then
            self._pending.reasons += reasons
            if kind == MANUAL:
                self._pending.kind = MANUAL
            return
        if kind != MANUAL and now - self._last < self.limits.interval:
            self.dropped += 1
            return
        trains = list(self.ring.newest(max(self.limits.before, 1)))
        if trains:
            self._pending = _Pending(kind, reasons, train_id,
                                     self._wall_clock(), trains,
                                     self.limits.after, now)

    def _finish(self):
        pending, now = self._pending, self._clock()
        if pending is None or (
                pending.left > 0 and now - pending.touched < SILENCE
                and pending.nbytes < self.limits.ring_bytes):
            return
        self._pending = None
        event = Event(pending.kind, tuple(pending.reasons), pending.train_id,
                      pending.time, self._device)
        if not self._submit(event, tuple(pending.trains), self.limits):
            self.dropped += 1
        elif pending.kind != MANUAL:
            self._last = now
