"""Turns what happens in a device into records of its audit."""
import hashlib
import json
import time
from contextlib import contextmanager
from dataclasses import asdict

from ...core.decision import ABSENCES, PulsePattern
from ...core.text import is_text
from ...errors import ConfigurationError
from ..configuration.configuration import differences
from ..configuration.restart_check import KINDS, MODEL
from .alarm_changes import AlarmDiary
from .journal import ALARMS, AUDIT, STATES, AuditLog, audit_folder

#: kinds of records of what stays until it is acknowledged
LATCHED, RELEASED = "latched", "latch released"
#: characters of a value from which on its hash stands in the record
LONGEST = 400


class Auditor:
    """Records of one device; used from its event loop.

    `who`: the client whose request is being dealt with, "" for the device
    itself.
    """

    def __init__(self, text, device_id, clock=time.monotonic):
        try:
            self.log = AuditLog(audit_folder(text, device_id))
        except ConfigurationError as error:
            # a device that died of it would not say why
            self.log = AuditLog(None, str(error))
        self.who = ""
        self._armed = False
        self._latch = {"reason": ""}
        self._train = 0
        self._clock = clock
        self._diary = AlarmDiary()

    @contextmanager
    def for_client(self, command, action):
        """Records inside belong to the client that asked for `action`.

        `command`: Karabo's lastCommand, "slot <- client"; another one says
        nothing about who it was.
        """
        slot, _, client = command.partition(" <- ")
        self.who = client if slot == action else ""
        try:
            yield
        finally:
            self.who = ""

    def note(self, kind, journal=AUDIT, **fields):
        """A record with the train and the client that go with it."""
        self.log.record(kind, journal, train=self._train, who=self.who,
                        **fields)

    def observe(self, flow):
        """Arming, latches and alarms, whoever or whatever changed them."""
        state = flow.state
        self._train = state.train_id
        if state.armed != self._armed:
            self._armed = state.armed
            self.note("armed" if state.armed else "disarmed",
                      reason="" if state.armed else state.unarmed_because,
                      model=flow.configuration.model_id,
                      configuration=flow.configuration.hash)
        latch = {"reason": state.latch}
        if state.latch:
            latch |= {"lost": state.lost, "causes": [
                asdict(cause.pattern) for cause in state.causes]}
        if latch != self._latch:
            self._latch = latch
            self.note(LATCHED if state.latch else RELEASED, **latch)
        raised = [alarm for alarm in state.alarms if alarm.raised]
        for kind, fields in self._diary.changes(raised, self._clock()):
            self.note(kind, ALARMS, **fields)

    def asked(self, action, refusal):
        """What a person asked for, and what became of it."""
        self.note(action, outcome=refusal or "done")

    def changed(self, old, new):
        """From one configuration to the next, property by property."""
        step = {"oldHash": old.hash, "newHash": new.hash}
        for key, before, after in differences(old.values, new.values):
            self.note("override" if key == "overrideObjection"
                      else "configuration", key=key, old=_brief(before),
                      new=_brief(after), **step)
        if old.model is not new.model:
            self.note(MODEL, old=old.model_id, new=new.model_id,
                      identity=new.model.identity if new.model else "",
                      **step)

    def state(self, decision, when, configuration):
        """A change of the sample state; returns its row for people."""
        row = history_row(decision, when, configuration.hash)
        self.log.record("state", STATES, row=list(row))
        return row

    def last_model(self):
        """The last record of a model, None without one. Blocks."""
        return next((record for record in reversed(self.log.records())
                     if record.get("kind") in KINDS), None)

    def last_latch(self):
        """(sentence, `PulsePattern`s, whether a permit was lost) of what was
        latched when the device ended, None where nothing was. Blocks."""
        last = next((record for record in reversed(self.log.records())
                     if record.get("kind") in (LATCHED, RELEASED)), {})
        if last.get("kind") != LATCHED:
            return None
        causes = last.get("causes")
        return (str(last.get("reason")) or LATCHED, tuple(filter(None, map(
            _pattern, causes if isinstance(causes, list) else ()))),
            last.get("lost") is True)

    def history(self, last):
        """Rows of `stateHistory` from before the start, newest first."""
        rows = [record.get("row") for record in self.log.history(last)]
        return [tuple(row) for row in reversed(rows) if _is_row(row)]


def _pattern(cause):
    """The `PulsePattern` of a record, None where it is none."""
    try:
        return PulsePattern(**cause)
    except (TypeError, ValueError, AttributeError, ConfigurationError):
        return None


def _is_row(row):
    # a file is from the outside as well
    return (isinstance(row, list) and len(row) == 5
            and isinstance(row[1], int) and not isinstance(row[1], bool)
            and 0 <= row[1] < 2**64
            and all(is_text(row[n]) for n in (0, 2, 3, 4)))


def _brief(value):
    """A value as JSON has it; a long one by its length and hash."""
    text = json.dumps(value)
    if len(text) <= LONGEST:
        return value
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return {"items": len(value), "sha256": digest}


def history_row(decision, when, config_hash):
    """Row of `stateHistory` for a change of the sample state."""
    share = (decision.class_fractions[decision.sample_state]
             if decision.sample_state >= 0 else decision.unknown_fraction)
    shown = decision.presence
    why = f"; {shown.word}: {shown.sentence}" if shown.word in ABSENCES else ""
    return (when, decision.transition_train, decision.sample_state_name,
            f"{share:.0%} of the eligible pulses, from "
            f"{decision.previous_state_name}{why}", config_hash)
