"""Changes of alarms for the audit, limited for an alarm that flaps."""
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...core.decision import AlarmState

#: a kind of change and the fields of its record
type Change = tuple[str, dict[str, str | int]]

#: changes of one alarm that are reported one by one within PERIOD seconds
BURST, PERIOD = 6, 60.


@dataclass
class _Track:
    """One alarm: its last state and the changes reported recently.

    `begin`: monotonic s at which the current period began; `last`: the
    present state, None where the alarm is clear; `known`: the last state
    that was not clear.
    """
    begin: float
    reported: int = 0
    suppressed: int = 0
    last: AlarmState | None = None
    known: AlarmState | None = None


class AlarmChanges:
    """Reports every change of an alarm; of a flapping one, only the number.

    Kinds of changes: *alarm raised*, *worse*, *better*, *latched* (the cause
    is gone, the alarm waits to be acknowledged), *acknowledged*, *cleared*.
    At most `BURST` changes of one alarm are reported within `PERIOD`; *alarm
    flapped* then gives the number of the others.
    """

    def __init__(self) -> None:
        self._tracks: dict[tuple[str, str], _Track] = {}

    def changes(self, alarms: Sequence[AlarmState],
                now: float) -> list[Change]:
        """The changes since the last call.

        Parameters
        ----------
        alarms
            The raised alarms.
        now
            Monotonic seconds.

        Returns
        -------
        Pairs (kind, fields of the record).
        """
        found = {(alarm.name, alarm.alarm.pattern): alarm for alarm in alarms}
        changes: list[Change] = []
        for key in list(dict.fromkeys((*self._tracks, *found))):
            track = self._tracks.setdefault(key, _Track(now))
            changes += self._change(key, track, found.get(key), now)
        return changes

    def _change(self, key: tuple[str, str], track: _Track,
                after: AlarmState | None, now: float) -> Iterator[Change]:
        before, track.last = track.last, after
        track.known = after or track.known
        if track.known is None:
            return              # the alarm was never raised
        if kind := _kind(before, after):
            if track.reported < BURST:
                track.reported += 1
                yield kind, _fields(track.known)
            else:
                track.suppressed += 1
        if now - track.begin < PERIOD:
            return
        if track.suppressed:
            yield "alarm flapped", _fields(track.known) | {
                "changes": track.suppressed,
                "now": "active" if after and after.active else
                "latched" if after else "cleared"}
        if after is None:
            del self._tracks[key]
        else:
            track.begin, track.reported, track.suppressed = now, 0, 0


def _kind(before: AlarmState | None, after: AlarmState | None) -> str:
    """The change between two states of an alarm; "" for none."""
    if before is None and after is None:
        return ""
    if after is None:
        return "alarm cleared"
    if before is None or (after.active and not before.active):
        return "alarm raised"
    if before.active and not after.active:
        return "alarm latched"
    if after.severity is not before.severity:
        return ("alarm worse" if after.severity.rank > before.severity.rank
                else "alarm better")
    if after.acknowledged and not before.acknowledged:
        return "alarm acknowledged"
    return ""


def _fields(state: AlarmState) -> dict[str, str | int]:
    fields: dict[str, str | int] = {
        "alarm": state.name, "severity": str(state.severity),
        "reason": state.reason}
    if state.alarm.pattern:
        fields["pattern"] = state.alarm.pattern
    return fields
