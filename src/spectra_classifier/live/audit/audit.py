"""Turns what happens in a device into records of its audit."""
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

from ...core.decision import ABSENCES, Decision, PulsePattern
from ...core.text import is_text
from ...errors import ConfigurationError
from ..configuration.configuration import Configuration, differences
from ..configuration.restart_check import KINDS, MODEL
from ..stream_state import StreamState
from .alarm_changes import AlarmChanges
from .journal import ALARMS, AUDIT, STATES, AuditLog, Record, audit_folder

#: row of `decision.stateHistory`: time, train, state, reason, hash of the
#: configuration
type HistoryRow = tuple[str, int, str, str, str]

#: kinds of records about a latch, which holds until it is acknowledged
LATCHED, RELEASED = "latched", "latch released"
#: characters of a value beyond which the record holds its hash instead
LONGEST = 400


class Audit:
    """Writes the audit of one device; used from its event loop.

    `who`: the client whose request is being handled, "" for the device
    itself.
    """

    def __init__(self, text: str, device_id: str,
                 clock: Callable[[], float] = time.monotonic) -> None:
        try:
            self.log = AuditLog(audit_folder(text, device_id))
        except ConfigurationError as error:
            # the device starts all the same, to show why nothing is kept
            self.log = AuditLog(None, str(error))
        self.who = ""
        self._armed = False
        self._latch: dict[str, Any] = {"reason": ""}
        self._train = 0
        self._clock = clock
        self._alarm_changes = AlarmChanges()

    @contextmanager
    def for_client(self, command: str, action: str) -> Iterator[None]:
        """Attribute the records made inside to the client of `action`.

        Parameters
        ----------
        command
            Karabo's lastCommand, "slot <- client". A command for another
            slot does not identify the client.
        action
            Name of the slot that is being handled.
        """
        slot, _, client = command.partition(" <- ")
        self.who = client if slot == action else ""
        try:
            yield
        finally:
            self.who = ""

    def note(self, kind: str, journal: str = AUDIT, **fields: Any) -> None:
        """Write a record with the present train and client."""
        self.log.record(kind, journal, train=self._train, who=self.who,
                        **fields)

    def observe(self, stream_state: StreamState) -> None:
        """Record changes of arming, latch and alarms, whatever caused them."""
        state = stream_state.state
        self._train = state.train_id
        if state.armed != self._armed:
            self._armed = state.armed
            configuration = stream_state.configuration
            self.note("armed" if state.armed else "disarmed",
                      reason="" if state.armed else state.unarmed_because,
                      model=configuration.model_id if configuration else "",
                      configuration=configuration.hash if configuration
                      else "")
        latch: dict[str, Any] = {"reason": state.latch}
        if state.latch:
            latch |= {"lost": state.lost, "causes": [
                asdict(cause.pattern) for cause in state.causes]}
        if latch != self._latch:
            self._latch = latch
            self.note(LATCHED if state.latch else RELEASED, **latch)
        raised = [alarm for alarm in state.alarms if alarm.raised]
        for kind, fields in self._alarm_changes.changes(raised, self._clock()):
            self.note(kind, ALARMS, **fields)

    def asked(self, action: str, refusal: str) -> None:
        """Record the request of a person and its result."""
        self.note(action, outcome=refusal or "done")

    def changed(self, old: Configuration, new: Configuration) -> None:
        """Record a change of the configuration, property by property."""
        step = {"oldHash": old.hash, "newHash": new.hash}
        for key, before, after in differences(old.values, new.values):
            self.note("override" if key == "model.overrideObjection"
                      else "configuration", key=key, old=_brief(before),
                      new=_brief(after), **step)
        if old.model is not new.model:
            self.note(MODEL, old=old.model_id, new=new.model_id,
                      identity=new.model.identity if new.model else "",
                      **step)

    def state(self, decision: Decision, when: str,
              configuration: Configuration) -> HistoryRow:
        """Record a change of the sample state; returns its table row."""
        row = history_row(decision, when, configuration.hash)
        self.log.record("state", STATES, row=list(row))
        return row

    def last_model(self) -> Record | None:
        """The newest record of a model, None without one. Blocks."""
        return next((record for record in reversed(self.log.records())
                     if record.get("kind") in KINDS), None)

    def last_latch(self) -> tuple[str, tuple[PulsePattern, ...], bool] | None:
        """The latch that held when the device ended. Blocks.

        Returns
        -------
        Its sentence, its pulse patterns and whether a permit was lost; None
        where nothing was latched.
        """
        last: Record = next(
            (record for record in reversed(self.log.records())
             if record.get("kind") in (LATCHED, RELEASED)), {})
        if last.get("kind") != LATCHED:
            return None
        causes = last.get("causes")
        return (str(last.get("reason")) or LATCHED, tuple(filter(None, map(
            _pattern, causes if isinstance(causes, list) else ()))),
            last.get("lost") is True)

    def history(self, last: int) -> list[HistoryRow]:
        """Rows of `decision.stateHistory` from before the start, newest first.

        Blocks.
        """
        rows: list[Any] = [record.get("row")
                           for record in self.log.history(last)]
        return [tuple(row) for row in reversed(rows) if _is_row(row)]


def _pattern(cause: Any) -> PulsePattern | None:
    """The pulse pattern of a record, None where it is invalid."""
    try:
        return PulsePattern(**cause)
    except (TypeError, ValueError, AttributeError):
        return None


def _is_row(row: object) -> bool:
    # a file is external input and is validated as such
    return (isinstance(row, list) and len(row) == 5
            and isinstance(row[1], int) and not isinstance(row[1], bool)
            and 0 <= row[1] < 2**64
            and all(is_text(row[n]) for n in (0, 2, 3, 4)))


def _brief(value: Any) -> Any:
    """A value for JSON; a long one is replaced by its length and hash."""
    text = json.dumps(value)
    if len(text) <= LONGEST:
        return value
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"items": len(value), "sha256": digest}


def history_row(decision: Decision, when: str, config_hash: str) -> HistoryRow:
    """The row of `decision.stateHistory` for a change of the sample state."""
    share = (decision.class_fractions[decision.sample_state]
             if decision.sample_state >= 0 else decision.unknown_fraction)
    shown = decision.presence
    why = f"; {shown.word}: {shown.sentence}" if shown.word in ABSENCES else ""
    return (when, decision.transition_train, decision.sample_state_name,
            f"{share:.0%} of the eligible pulses, from "
            f"{decision.previous_state_name}{why}", config_hash)
