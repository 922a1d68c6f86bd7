"""Which events trigger a snapshot, and which trains belong to it.

Used from the event loop only; independent of Karabo, writes no file.
"""
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ...core.decision import Decision
from ...core.trains.train_buffer import RecordedTrain, Ring
from ...errors import ConfigurationError
from ...files.snapshots.snapshot import ALARM, CHANGE, MANUAL, Event

#: s without a train after which an event is written without further ones
SILENCE = 5.


type Submit = Callable[[Event, Sequence[RecordedTrain], Limits], bool]


@dataclass(frozen=True)
class Limits:
    """Settings of an operator.

    `ring_bytes` and `quota` in bytes, `interval` and `ring_seconds` in s;
    `before` and `after`: numbers of trains.
    """
    ring_seconds: float = 10.
    ring_bytes: int = 512 * 10**6
    directory: str = ""
    on_change: bool = True
    on_alarm: bool = True
    before: int = 10
    after: int = 10
    interval: float = 30.
    quota: float = 20e9
    max_files: int = 200

    @property
    def kept(self) -> int:
        """Most trains that a snapshot could take from the ring."""
        return max(self.before, 1) if self.directory else 0


@dataclass
class _Pending:
    """A snapshot that waits for its last trains; `touched`: monotonic s."""
    kind: str
    reasons: list[str]
    train_id: int
    time: float
    trains: list[RecordedTrain]
    left: int
    touched: float
    nbytes: int = field(init=False)

    def __post_init__(self) -> None:
        self.nbytes = sum(train.nbytes for train in self.trains)

    def add(self, train: RecordedTrain, now: float) -> None:
        self.trains.append(train)
        self.nbytes += train.nbytes
        self.left -= 1
        self.touched = now


class SnapshotTrigger:
    """Keeps the last trains and selects those around an event.

    `limits` may be replaced at any time; `dropped` counts events that are
    not written: too soon after another one, or the writer is busy.

    Parameters
    ----------
    device
        Device id.
    submit
        Passes the trains of an event on; False where the writer is busy.
    clock
        Monotonic s.
    wall_clock
        Seconds since 1970.
    """

    def __init__(self, device: str, submit: Submit,
                 clock: Callable[[], float] = time.monotonic,
                 wall_clock: Callable[[], float] = time.time) -> None:
        self.limits = Limits()
        self.ring: Ring = Ring()
        self.dropped = 0
        self._device = device
        self._submit = submit
        self._clock, self._wall_clock = clock, wall_clock
        self._pending: _Pending | None = None
        self._active: dict[str, int] = {}       # rank by name of the alarm
        self._last = float("-inf")

    def train(self, train: RecordedTrain, decision: Decision) -> None:
        """Add a finished train."""
        limits = self.limits
        self.ring.add(train, limits.kept, limits.ring_seconds,
                      limits.ring_bytes)
        if self._pending is not None:
            self._pending.add(train, self._clock())
        self._notice(decision)

    def refresh(self, decision: Decision) -> None:
        """Trim the ring and check a decision made without a train."""
        limits = self.limits
        self.ring.trim(self._clock(), limits.kept, limits.ring_seconds,
                       limits.ring_bytes)
        self._notice(decision)

    def request_snapshot(self) -> None:
        """Write a snapshot now.

        Raises
        ------
        ConfigurationError
            Where no train is kept or no folder is set.
        """
        if not self.limits.directory:
            raise ConfigurationError("snapshots.directory is empty: name the "
                                     "absolute path of a folder")
        newest = self.ring.newest(1)
        if not newest:
            raise ConfigurationError("no train is kept: none has been "
                                     "classified lately, or "
                                     "snapshots.ringTime or "
                                     "snapshots.ringMemory is too small")
        self._begin(MANUAL, ["asked for"], newest[0].train_id)
        self._finish()

    def close(self) -> None:
        """Submit a snapshot that still waits for trains."""
        if self._pending is not None:
            self._pending.left = 0
            self._finish()

    def _notice(self, decision: Decision) -> None:
        worse = [alarm for alarm in decision.alarms
                 if alarm.severity.rank > self._active.get(alarm.name, 0)]
        self._active = {alarm.name: alarm.severity.rank
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

    def _begin(self, kind: str, reasons: list[str], train_id: int) -> None:
        now = self._clock()
        if self._pending is not None:       # one file holds both events
            self._pending.reasons += reasons
            if kind == MANUAL:
                self._pending.kind = MANUAL
            return
        if kind != MANUAL and now - self._last < self.limits.interval:
            self.dropped += 1
            return
        trains = list(self.ring.newest(self.limits.kept))
        if trains:
            self._pending = _Pending(kind, reasons, train_id,
                                     self._wall_clock(), trains,
                                     self.limits.after, now)

    def _finish(self) -> None:
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
