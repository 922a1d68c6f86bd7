"""Writes channels and properties of a `SpectraClassifier`.

The only writer of the output channels, always from the event loop.
"""
import time
from asyncio import wait_for
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any

from karabo.middlelayer import (
    AlarmCondition,
    Hash,
    NDArray,
    State,
    Timestamp,
    Type,
)

from ...core.decision import Alarm, Decision, worst
from ...core.trains.accounting import Ledger
from ...live.audit.audit import HistoryRow
from ...live.configuration.configuration import Configuration
from ...live.configuration.live_model import LiveModel
from ...live.configuration.property_map import Values
from ...live.preview import Preview
from ...live.records import Finished
from ...live.stream_state import StreamState
from ..common.property_paths import descriptor_at, set_at
from ..common.value_checks import shown
from . import property_values
from .paced_values import PacedValues
from .property_values import HighWater

if TYPE_CHECKING:      # they import this module
    from .deciding_device import DecidingDevice

#: s that a receiver with onSlowness=wait may hold up a train; the permit
#: must not wait for anybody
OUTPUT_TIMEOUT = 0.05
#: rows of the state history, and s between two of its messages: all rows go
#: out each time, and a state can change with every train
HISTORY, HISTORY_PERIOD = 100, 1.


class Publisher:
    """Writes properties and channels of a device, properties on change only.

    `values_unwritable` counts values that do not fit their property.

    Parameters
    ----------
    unwritable
        Called with a sentence when a value does not fit, and with "" when
        all fit again.
    """

    def __init__(self, device: "DecidingDevice",
                 unwritable: Callable[[str], None]) -> None:
        self._device = device
        self._unwritable = unwritable
        # what does not fit, by property
        self._unfit: dict[str, str] = {}
        self.values_unwritable = 0
        self._shown: dict[str, Any] = {}
        self._refused = ""
        self._history: list[HistoryRow] = []
        self._history_waits, self._next_history = False, 0.
        self._sizes = (device.source.maxPulses.value,
                       device.model.maxClasses.value)
        self.outputs_blocked = 0
        # received is classified, rejected and skipped, for every reader
        self._paced = PacedValues(property_values.counters(Ledger()))
        # of the newest train, for the values that follow it
        self._timestamp: Timestamp | None = None
        self._happened = True

    # properties

    def write_changed(self, values: Values,
                      timestamp: Timestamp | None = None) -> None:
        """Write the properties whose values have changed."""
        self.write({key: value for key, value in values.items()
                    if key not in self._shown or self._shown[key] != value},
                   timestamp)

    def later(self, values: Values, quick: bool = False) -> None:
        """Write what changes all the time when its turn has come."""
        changed = {key: value for key, value in values.items()
                   if key not in self._shown or self._shown[key] != value}
        self._paced.drop(values.keys() - changed.keys())
        self._paced.offer(changed, quick)

    def flush(self, now: float) -> None:
        """Write what has its turn, in one message; about once a second.

        After a change of state, permit or alarm everything that waits, so
        that what is shown belongs together.
        """
        self.write(self._paced.take(now, self._happened), self._timestamp)
        self._timestamp, self._happened = None, False

    def write(self, values: Values,
              timestamp: Timestamp | None = None) -> None:
        """Write properties under one time stamp (by default, now).

        Karabo sends one update per train id, so everything that belongs
        together goes out together. What the device has no property for (a
        collector has no engine) is left out. A value that does not fit its
        property is left out too, never the ones behind it.
        """
        timestamp = timestamp or Timestamp()
        before = bool(self._unfit)
        for key, value in values.items():
            descriptor = descriptor_at(type(self._device), key)
            if descriptor is None:
                continue
            self._fit(key, self._write_one, key, descriptor, value, timestamp)
        self._shown.update(values)
        self._paced.drop(values.keys())
        if before or self._unfit:
            self._unwritable(next(iter(self._unfit.values()), ""))

    def _write_one(self, path: str, descriptor: Type, value: Any,
                   timestamp: Timestamp | None) -> None:
        _require_sendable(value)
        stamped = descriptor.toKaraboValue(value)
        stamped.timestamp = timestamp
        set_at(self._device, path, stamped)

    def _fit(self, key: str, write: Callable[..., None], *args: Any) -> bool:
        """Whether a value could be written; counted and reported where not."""
        try:
            write(*args)
        except Exception as error:
            self.values_unwritable += 1
            sentence = (f"a value does not fit {key}: "
                        f"{type(error).__name__}: {shown(str(error))}")
            if key not in self._unfit:      # a log is not to be filled
                self._device.logger.error(sentence)
            self._unfit[key] = sentence
            return False
        self._unfit.pop(key, None)
        return True

    # a train

    async def output(self, finished: Finished) -> tuple[int, bool]:
        """Write the output of a finished train.

        Returns
        -------
        Number of pulses written, and False where a receiver that has to be
        waited for did not take it.
        """
        outcome, decision = finished.outcome, finished.decision
        channel, data = self._device.output, Hash()
        descriptors = type(channel.schema.data)
        fields = property_values.output_fields(finished, *self._sizes)
        unfit = [key for key, value in fields.items() if not self._fit(
            f"output.{key}", set_field, data, getattr(descriptors, key),
            value)]
        if unfit:           # such a field is left out
            sentence = self._unfit[f"output.{unfit[0]}"]
            self._unwritable(sentence)
            data["permit"], data["permitReason"] = False, sentence
        taken = await self._taken(channel.writeRawData(
            Hash("data", data), timestamp=outcome.incoming.timestamp))
        if decision.changed and outcome.configuration is not None:
            self._add_history(decision, outcome.configuration)
        return fields["pulseCount"], taken

    def properties(self, finished: Finished) -> None:
        """Write the properties of a train whose output is written."""
        outcome, decision = finished.outcome, finished.decision
        self._timestamp = timestamp = outcome.incoming.timestamp
        self.permit(decision, timestamp)
        self.later(property_values.train_properties(finished), quick=True)
        self.later(property_values.time_properties(finished))

    async def _taken(self, writing: Coroutine[Any, Any, None]) -> bool:
        """False where a receiver that has to be waited for did not take it.

        All others have it then: Karabo hands a train to them first.
        """
        try:
            await wait_for(writing, OUTPUT_TIMEOUT)
        except TimeoutError:
            self.outputs_blocked += 1
            return False
        return True

    async def preview(self, preview: Preview) -> None:
        """Write the channel `preview`."""
        data = self._device.preview.schema.data
        for key, value in property_values.preview_fields(preview).items():
            setattr(data, key, value)
        await self._taken(
            self._device.preview.writeData(timestamp=preview.timestamp))

    def _add_history(self, decision: Decision,
                     configuration: Configuration) -> None:
        when = time.strftime("%Y-%m-%d %H:%M:%S")
        self.add_history([self._device.audit.state(
            decision, when, configuration)])

    def add_history(self, rows: list[HistoryRow],
                    front: bool = True) -> None:
        """More rows of `decision.stateHistory`, newest first.

        Old ones are put at the end. Written at once, or with those that
        follow within `HISTORY_PERIOD`.
        """
        self._history = (rows + self._history if front
                         else self._history + rows)[:HISTORY]
        self._history_waits = True
        self._write_history(time.monotonic())

    def _write_history(self, now: float) -> None:
        if self._history_waits and now >= self._next_history:
            self._history_waits = False
            self._next_history = now + HISTORY_PERIOD
            self.write({"decision.stateHistory": list(self._history)})

    # between trains

    def permit(self, decision: Decision,
               timestamp: Timestamp | None = None) -> None:
        """What may have to be acted on, as soon as it changes."""
        states = property_values.state_properties(decision)
        group = property_values.permit_group(decision)
        if self._shown.items() >= (states | {
                key: group[key] for key in ("permit", "permitReason")
                }).items():
            return
        self.write_changed(states, timestamp)
        self.write(group, timestamp)
        self._happened = True

    def alarm(self, decision: Decision, refused: str = "") -> None:
        """Write the worst active alarm with its reason."""
        self._refused = refused
        severity, reason = decision.alarm, decision.alarm_reason
        if refused and worst((severity, Alarm.WARN)) is not severity:
            severity, reason = Alarm.WARN, refused
        self.write_changed({"alarmCondition": AlarmCondition(severity.value),
                            "alarmReason": reason})

    def slow(self, flow: StreamState, decision: Decision, queue: HighWater,
             now: float) -> None:
        """Write what does not change with every train."""
        self._write_history(now)
        self.write_changed(property_values.alarm_properties(
            flow, decision, self._refused))
        self.later(property_values.slow_properties(flow, now, queue) | {
            "decision.patternStates": property_values.pattern_rows(decision),
            "decision.dwell": decision.dwell,
            "load.outputsBlocked": self.outputs_blocked,
            "accounting.valuesUnwritable": self.values_unwritable,
            "auditing.status": self._device.audit.log.status()})

    def state(self, model: LiveModel | None, wanted: bool, loading: bool,
              interlocked: bool, flowing: bool) -> None:
        """The state of the device (docs/decisions/0006-states.md)."""
        if model is None and loading:
            state = State.INIT
        elif interlocked:
            state = State.INTERLOCKED
        elif model is None:
            state = State.ERROR if wanted else State.PASSIVE
        else:
            state = State.PROCESSING if flowing else State.ON
        self.write_changed({"state": state})


def set_field(data: Hash, descriptor: Type, value: Any) -> None:
    """Put a value into what a channel sends, as its descriptor wants it.

    Setting it at the schema of the channel gives the same, with a time stamp
    for each field, and costs five times as much (decision 54).
    """
    if isinstance(value, str):
        _require_sendable(value)
    if isinstance(descriptor, NDArray):
        value = descriptor.toKaraboValue(value)
    data.setElement(descriptor.key, *descriptor.toDataAndAttrs(value))


def _require_sendable(value: Any) -> None:
    """`UnicodeEncodeError` for a text that no message can carry.

    Karabo would find that out when it sends, and drop all that goes with it.
    """
    if isinstance(value, str):
        value.encode()
    elif isinstance(value, list | tuple):       # texts, rows, cells
        for item in value:
            _require_sendable(item)
