"""What became of the alarms, for the audit; little of one that flaps."""
from dataclasses import dataclass

#: changes of one alarm that are told one by one, in so many seconds
BURST, PERIOD = 6, 60.


@dataclass
class _Track:
    """One alarm: what is known of it, and what of it was told lately."""
    begin: float
    told: int = 0
    held_back: int = 0
    last: object = None     # the `AlarmState` that stands, None for none
    known: object = None    # the one that stood last


class AlarmDiary:
    """Tells each change of an alarm once, and counts those of one that flaps.

    `changes(alarms, now)`: [(kind, fields)] since the last call; `alarms`:
    the raised `AlarmState`s, `now`: monotonic s. Kinds: *alarm raised*,
    *worse*, *better*, *latched* (its cause is gone, it waits to be
    acknowledged), *acknowledged*, *cleared*. Of one alarm `BURST` are told
    within `PERIOD`; then *alarm flapped* tells how many more there were.
    """

    def __init__(self):
        self._tracks = {}

    def changes(self, alarms, now):
        found = {(alarm.name, alarm.alarm.pattern): alarm for alarm in alarms}
        told = []
        for key in list(dict.fromkeys((*self._tracks, *found))):
            track = self._tracks.setdefault(key, _Track(now))
            told += self._change(key, track, found.get(key), now)
        return told

    def _change(self, key, track, after, now):
        before, track.last = track.last, after
        track.known = after or track.known
        if kind := _kind(before, after):
            if track.told < BURST:
                track.told += 1
                yield kind, _fields(track.known)
            else:
                track.held_back += 1
        if now - track.begin < PERIOD:
            return
        if track.held_back:
            yield "alarm flapped", _fields(track.known) | {
                "changes": track.held_back,
                "now": "stands" if after and after.active else
                "latched" if after else "cleared"}
        if after is None:
            del self._tracks[key]
        else:
            track.begin, track.told, track.held_back = now, 0, 0


def _kind(before, after):
    """What happened between two looks at an alarm; "" for nothing."""
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


def _fields(state):
    return {"alarm": state.name, "severity": str(state.severity),
            "reason": state.reason} | (
        {"pattern": state.alarm.pattern} if state.alarm.pattern else {})
