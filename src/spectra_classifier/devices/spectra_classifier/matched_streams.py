"""Streams that are matched to the trains by train id.

Used from the event loop, where chunks arrive.
"""
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.decision.shutter_reading import ShutterReading
from ...core.preprocessing.source_layout import Layout
from ...core.trains.bunch_pattern import from_table
from ...core.trains.train_matcher import Patience, TrainMatcher
from ...errors import InputError
from ...live.configuration.configuration import Configuration
from ...live.matched_parts import (
    CONTEXT,
    FOLLOWER,
    PATTERN,
    ContextPart,
    MatchSettings,
    PatternPart,
    completed,
)
from ...live.records import Incoming, Timestamp
from ...live.stream_state import StreamState
from ..common.decoding import Reader, decode, read_incoming

type CallLater = Callable[[float, Callable[[], None]], object]


class MatchedStreams:
    """Matches the parts of other streams to the trains, by train id.

    Used from one thread.

    Parameters
    ----------
    flow
        Holds the configuration in force for the trains that arrive.
    release
        Gets every train of the leading stream, once and in order.
    call_later
        As of an event loop.
    clock
        Monotonic s.
    shutter
        Returns the last answer of the shutter device.
    """

    def __init__(self, flow: StreamState,
                 release: Callable[[Incoming], None], call_later: CallLater,
                 clock: Callable[[], float] = time.monotonic,
                 shutter: Callable[[], ShutterReading] = ShutterReading,
                 ) -> None:
        self._flow = flow
        self._release = release
        self._call_later = call_later
        self._clock = clock
        self._shutter = shutter
        self._reader = Reader(Layout())
        self._joiner: TrainMatcher | None = None
        self._timer = False

    @property
    def settings(self) -> MatchSettings:
        """Those in force for the trains that arrive."""
        live = self._flow.submitted
        return live.matching if live is not None else MatchSettings()

    def configure(self, configuration: Configuration) -> None:
        """Prepare for a configuration that is about to be submitted.

        The trains that wait belong to the one before, and are released.
        """
        live, matching = self._flow.submitted, configuration.matching
        if live is not None and (live.matching, live.layout) == (
                matching, configuration.layout):
            return
        if self._joiner is not None:
            self._out(self._joiner.release(self._clock()))
        self._reader.use(configuration.layout)
        self._joiner = TrainMatcher(matching.partners, Patience(
            wait=matching.wait / 1e3, trains=matching.trains)
        ) if matching.partners else None

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of the streams that are joined."""
        return self.settings.partners

    def lead(self, incoming: Incoming) -> None:
        """A train of the leading stream."""
        if self._joiner is None:
            self._out([(incoming, {}, {}, 0.)])
            return
        self._out(self._joiner.lead(
            incoming.train_id, incoming, self._clock(),
            wanted=not incoming.problem))

    def follower(self, data: Hash, timestamp: Timestamp,
                 max_pulses: int) -> None:
        """A train of the second module."""
        if self.settings.with_follower:
            train_id = int(timestamp.tid)
            self._part(FOLLOWER, train_id, read_incoming(
                data, self._reader, None, max_pulses, train_id=train_id,
                received=self._clock()))

    def context(self, data: Hash, timestamp: Timestamp) -> None:
        """Pulse energies and shutter of a train."""
        if self.settings.with_context:
            self._part(CONTEXT, int(timestamp.tid),
                       read_context(data, self.settings))

    def pattern(self, data: Hash, timestamp: Timestamp) -> None:
        """The bunch pattern of a train."""
        if self.settings.with_machine:
            self._part(PATTERN, int(timestamp.tid),
                       read_pattern(data, self.settings))

    def _part(self, name: str, train_id: int,
              part: Incoming | ContextPart | PatternPart) -> None:
        if self._joiner is not None:
            self._out(self._joiner.part(name, train_id, part,
                                        self._clock()))

    def connected(self, name: str) -> None:
        """Report that a stream has connected, perhaps a different one."""
        if self._joiner is not None and name in self.settings.partners:
            self._joiner.forget(name)
            if name == FOLLOWER:
                self._reader.forget()

    def _out(
            self,
            joined: Iterable[tuple[Incoming, Any, dict[str, str], float]],
            ) -> None:
        for one in joined:
            self._release(completed(*one, self.settings, self._shutter(),
                                    self._clock()))
        deadline = self._joiner.deadline if self._joiner is not None else None
        if not self._timer and deadline is not None:
            self._timer = True
            self._call_later(max(0., deadline - self._clock()), self._due)

    def _due(self) -> None:
        self._timer = False
        if self._joiner is not None:
            self._out(self._joiner.refresh(self._clock()))

    def in_flight(self) -> tuple[int, int]:
        """Numbers of trains and pulses that wait here."""
        items: Sequence[Incoming] = (
            self._joiner.items if self._joiner is not None else ())
        return len(items), sum(incoming.pulses for incoming in items)

    def rows(self) -> list[tuple[str, str, int]]:
        """Rows (stream, what, number) of what could not be matched."""
        if self._joiner is None:
            return []
        rows = [("joined", "complete trains", self._joiner.complete)]
        for name in self.settings.partners:
            rows += [(name, f"missing: {reason}", count) for reason, count
                     in sorted(self._joiner.missing[name].items())]
            rows += [(name, f"not used: {reason}", count) for reason, count
                     in sorted(self._joiner.dropped(name).items())]
        return rows


def read_context(data: Hash, matching: MatchSettings) -> ContextPart:
    """Pulse energies and shutter of a train, each as far as it is usable."""
    part, problems = ContextPart(), []
    if matching.energy:
        try:
            part["energies"] = _value(data, matching.energy)
        except InputError as error:
            problems.append(f"{matching.energy} of the context: {error}")
    if matching.shutter:
        try:
            shutter = _value(data, matching.shutter)
            if shutter.ndim:
                raise InputError(f"shape {shutter.shape}, expected one number "
                                 "or bool")
            part["shutter_open"] = shutter
        except InputError as error:
            problems.append(f"{matching.shutter} of the context: {error}")
    if problems:
        part["problem"] = "; ".join(problems)
    return part


def read_pattern(data: Hash, matching: MatchSettings) -> PatternPart:
    """The pulses in the bunch pattern table, or why it is unusable."""
    try:
        return from_table(_value(data, matching.table), matching.branch,
                          matching.laser)
    except InputError as error:
        return error


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
