"""From a source to messages, one tick of the clock at a time."""
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike

from ...errors import ConfigurationError
from ..train import FAR, SourceTrain
from .faults import (
    FAULTS,
    STREAM,
    Message,
    apply_payload,
    as_received,
    message,
)

_KEY = 5


class Source(Protocol):
    """A source of trains: `train(train_id, pulses)`, perhaps with more."""
    first_train: int

    @property
    def train(self) -> Callable[..., SourceTrain | None]:
        """A function that makes a train; None after the last one."""


class Feed:
    """What a source sends at every tick, faults included.

    `tick` is called by one thread, `inject` by any.

    Parameters
    ----------
    source
        The source of the trains.
    pulses
        Number of pulses.
    pattern
        Cyclic numbers of pulses that replace `pulses`.
    trains
        Number of ticks, 0 for no end.
    start
        The first of them, counted from the first train of the source.

    Attributes
    ----------
    pulses
        As above, may be changed at any time.
    coordinate
        Sample state that a `GotthardSource` is held in instead of following
        its timeline, may be changed at any time, None for none.
    light, sample
        Whether there is beam, and whether it meets a sample; may be changed at
        any time.
    next
        Train of the next tick, counted as `start`.
    exhausted
        Whether the source itself has come to its end.
    """

    def __init__(self, source: Source, pulses: int = 2700,
                 pattern: Sequence[int] = (), trains: int = 0,
                 start: int = 0) -> None:
        self.source = source
        self.pulses = pulses
        self.pattern = tuple(pattern)
        self.next = start
        self.coordinate: ArrayLike | None = None
        self.light = self.sample = True
        self.exhausted = False
        self._stop = start + trains if trains else None
        self._faults: deque[tuple[str, int]] = deque()
        self._lock = threading.Lock()
        self._held: list[Message] = []
        self._random = np.random.default_rng(
            (_KEY, getattr(source, "seed", 0)))

    @property
    def pending(self) -> int:
        """Trains that wait for their fault."""
        return len(self._faults)

    def inject(self, name: str, trains: int = 1) -> None:
        """Inject a fault into the next trains, after faults that still wait.

        Raises
        ------
        ConfigurationError
            If there is no such fault, or no train.
        """
        if name not in FAULTS:
            raise ConfigurationError(f"fault {name!r}: use one of "
                                     f"{', '.join(FAULTS)}")
        if trains < 1:
            raise ConfigurationError(f"fault {name!r} for {trains} trains: "
                                     "at least 1")
        with self._lock:
            self._faults.extend(
                (name, left) for left in range(trains - 1, -1, -1))

    def tick(self) -> list[Message] | None:
        """Messages of the next train time, None after the last one."""
        if self.next == self._stop:
            return self._rest()
        train = self._train()
        if train is None:
            self.exhausted = True
            return self._rest()
        self.next += 1
        return self._messages(message(train))

    def _train(self) -> SourceTrain | None:
        number = self.source.first_train + self.next
        forced: dict[str, Any] = {}
        if self.coordinate is not None:
            forced["coordinate"] = self.coordinate
        if not self.light:
            forced["light"] = False
        if not self.sample:
            forced["sample"] = False
        train = self.source.train(number, self._pulses(), **forced)
        if train is None or not forced:
            return train
        return replace(train, transition=0, distance=FAR)

    def _rest(self) -> list[Message] | None:
        held, self._held = self._held, []
        return held or None

    def _pulses(self) -> int:
        if self.pattern:
            return self.pattern[self.next % len(self.pattern)]
        return self.pulses

    def _messages(self, regular: Message) -> list[Message]:
        with self._lock:
            name, left = (self._faults.popleft() if self._faults
                          else ("", 0))
        if name in STREAM:
            return self._stream_fault(name, left, regular)
        if name:
            regular = apply_payload(name, regular, self._random)
        held, self._held = self._held, []
        # what waited to be overtaken goes last
        return [regular, *held]

    def _stream_fault(self, name: str, left: int,
                      regular: Message) -> list[Message]:
        held, self._held = self._held, []
        marked = replace(regular, fault=name)
        if name == "gap":
            return [*held, replace(marked, arrays=None)]
        if name == "repeated":
            return [*held, regular, marked]
        if name == "start of acquisition":
            return [*held, *_started(regular.train, name)]
        if name == "end of stream":
            return [*held, replace(marked, arrays=None), regular]
        if name == "out of order":
            self._held = [marked, *held]
            return []
        # a stall: everything waits for its last train
        waiting = [*held, marked]
        if left:
            self._held = waiting
            return []
        return waiting


def _started(train: SourceTrain, fault: str) -> list[Message]:
    """How the receiver sends the first train of an acquisition.

    It finds out that a train is new when it has a frame of it already, and
    sends that one under the train id that it had before.
    """
    regular = message(train)
    alone, others = (
        replace(regular, fault=fault, arrays=as_received(
            regular.arrays or {}, train.train_id, 0, part))
        for part in (slice(1), slice(1, None)))
    return [replace(alone, train_id=train.train_id - 1), others]
