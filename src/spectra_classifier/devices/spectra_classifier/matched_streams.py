"""Streams that are matched to the trains by train id.

Used from the event loop, where chunks arrive.
"""
import time
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.trains.train_matcher import Joiner, Patience
from ...errors import InputError
from ...live.matched_parts import CONTEXT, FOLLOWER, MatchSettings, completed
from ...live.records import ContextPart, Incoming, Layout, Timestamp
from ..common.decoding import Reader, decode, read_incoming

type CallLater = Callable[[float, Callable[[], None]], object]


class MatchedStreams:
    """Lets trains wait for what belongs to them.

    `release(incoming)` gets every train that was led, once and in order;
    `call_later(seconds, function)` as of an event loop. Used from one
    thread.
    """

    def __init__(self, release: Callable[[Incoming], None],
                 call_later: CallLater,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._release = release
        self._call_later = call_later
        self._clock = clock
        self._joining, self._layout = MatchSettings(), None
        self._reader = None
        self._joiner = None
        self._timer = False

    def configure(self, joining: MatchSettings, layout: Layout) -> None:
        """What trains meet from now on; those that wait go as they are."""
        if (joining, layout) == (self._joining, self._layout):
            return
        if self._joiner is not None:
            self._out(self._joiner.release(self._clock()))
        self._joining, self._layout = joining, layout
        self._reader = Reader(layout)
        self._joiner = Joiner(joining.partners, Patience(
            wait=joining.wait / 1e3, trains=joining.trains)
        ) if joining.partners else None

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the streams that are joined."""
        return self._joining.partners

    def lead(self, incoming: Incoming) -> None:
        """A train of the leading stream."""
        if self._joiner is None:
            self._release(incoming)
            return
        self._out(self._joiner.lead(
            incoming.train_id, incoming, self._clock(),
            wanted=not incoming.problem))

    def follower(self, data: Hash, timestamp: Timestamp,
                 max_pulses: int) -> None:
        """A train of the second module."""
        if self._joining.with_follower:
            train_id = int(timestamp.tid)
            self._part(FOLLOWER, train_id, read_incoming(
                data, self._reader, None, max_pulses, train_id=train_id,
                received=self._clock()))

    def context(self, data: Hash, timestamp: Timestamp) -> None:
        """Pulse energies and shutter of a train."""
        if self._joining.with_context:
            self._part(CONTEXT, int(timestamp.tid),
                       read_context(data, self._joining))

    def _part(self, name: str, train_id: int,
              part: Incoming | ContextPart) -> None:
        self._out(self._joiner.part(name, train_id, part, self._clock()))

    def connected(self, name: str) -> None:
        """A stream has connected, perhaps another one."""
        if self._joiner is not None and name in self._joining.partners:
            self._joiner.forget(name)
            if name == FOLLOWER:
                self._reader.forget()

    def _out(
            self,
            joined: Iterable[tuple[Incoming, Any, dict[str, str], float]],
            ) -> None:
        for one in joined:
            self._release(completed(*one))
        if not self._timer and self._joiner.deadline is not None:
            self._timer = True
            self._call_later(max(
                0., self._joiner.deadline - self._clock()), self._due)

    def _due(self) -> None:
        self._timer = False
        if self._joiner is not None:
            self._out(self._joiner.look(self._clock()))

    def in_flight(self) -> tuple[int, int]:
        """(trains, pulses) that wait here."""
        items = self._joiner.items if self._joiner is not None else ()
        return len(items), sum(incoming.pulses for incoming in items)

    def rows(self) -> list[tuple[str, str, int]]:
        """[(stream, what, number)] of what could not be joined."""
        if self._joiner is None:
            return []
        rows = [("joined", "complete trains", self._joiner.complete)]
        for name in self._joining.partners:
            rows += [(name, f"missing: {reason}", count) for reason, count
                     in sorted(self._joiner.missing[name].items())]
            rows += [(name, f"not used: {reason}", count) for reason, count
                     in sorted(self._joiner.dropped(name).items())]
        return rows


def read_context(data: Hash, joining: MatchSettings) -> ContextPart:
    """{"energies", "shutter_open"} as `beam_of` takes them; "problem"."""
    found, problem = {}, ""
    for name, path in (("energies", joining.energy),
                       ("shutter_open", joining.shutter)):
        if not path:
            continue
        try:
            found[name] = _value(data, path)
        except InputError as error:
            problem = f"{path} of the context: {error}"
    shutter = found.get("shutter_open")
    if shutter is not None and shutter.ndim:
        problem = (f"{joining.shutter} of the context has shape "
                   f"{shutter.shape}: expected one number or bool")
    return {"problem": problem} if problem else found


def _value(data: Hash, path: str) -> NDArray[Any]:
    if not data.has(path):
        raise InputError("not in the data")
    value = data[path]
    if isinstance(value, (Hash, list, np.ndarray)):
        return decode(value)
    value = np.asarray(value)
    if value.dtype.kind not in "buif":
        raise InputError(f"{value.item()!r} is not a number")
    return value
