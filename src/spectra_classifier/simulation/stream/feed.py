"""From a source to messages, one tick of the clock at a time."""
import threading
from collections import deque
from dataclasses import replace

import numpy as np

from ...errors import ConfigurationError
from ..train import FAR
from .faults import FAULTS, STREAM, apply_payload, message

_KEY = 5


class Feed:
    """What a source sends at every tick, faults included.

    `source`: anything with `train(train_id, pulses)`; `pulses`: how many,
    may be changed at any time; `pattern`: cyclic list of numbers of pulses
    that replaces `pulses`; `trains`: how many ticks there are, 0 for no end;
    `start`: the first of them, counted from the first train of the source;
    `coordinate`: sample state that a `GotthardSource` is held in instead of
    following its timeline, may be changed at any time, None for none;
    `light`: whether it has any, `sample`: whether the beam meets one, may be
    changed at any time.
    `next` is the train of the next tick, counted in the same way;
    `exhausted`: the source itself has come to its end. `tick` is called by
    one thread, `inject` by any.
    """

    def __init__(self, source, pulses=2700, pattern=(), trains=0, start=0):
        self.source = source
        self.pulses = pulses
        self.pattern = tuple(pattern)
        self.next = start
        self.coordinate = None
        self.light = self.sample = True
        self.exhausted = False
        self._stop = start + trains if trains else None
        self._faults = deque()
        self._lock = threading.Lock()
        self._held = []
        self._random = np.random.default_rng(
            (_KEY, getattr(source, "seed", 0)))

    @property
    def pending(self):
        """Trains that still wait for their fault."""
        return len(self._faults)

    def inject(self, name, trains=1):
        """Do this to the next trains, after faults that still wait."""
        if name not in FAULTS:
            raise ConfigurationError(f"fault {name!r}: use one of "
                                     f"{', '.join(FAULTS)}")
        if trains < 1:
            raise ConfigurationError(f"fault {name!r} for {trains} trains: "
                                     "at least 1")
        with self._lock:
            self._faults.extend(
                (name, left) for left in range(trains - 1, -1, -1))

    def tick(self):
        """Messages of the next train time, None after the last one."""
        if self.next == self._stop:
            return self._rest()
        train = self._train()
        if train is None:
            self.exhausted = True
            return self._rest()
        self.next += 1
        return self._messages(message(train))

    def _train(self):
        number = self.source.first_train + self.next
        forced = {}
        if self.coordinate is not None:
            forced["coordinate"] = self.coordinate
        if not self.light:
            forced["light"] = False
        if not self.sample:
            forced["sample"] = False
        train = self.source.train(number, self._pulses(), **forced)
        return replace(train, transition=0, distance=FAR) if forced else train

    def _rest(self):
        held, self._held = self._held, []
        return held or None

    def _pulses(self):
        if self.pattern:
            return self.pattern[self.next % len(self.pattern)]
        return self.pulses

    def _messages(self, honest):
        with self._lock:
            name, left = (self._faults.popleft() if self._faults
                          else ("", 0))
        if name in STREAM:
            return self._stream_fault(name, left, honest)
        if name:
            honest = apply_payload(name, honest, self._random)
        held, self._held = self._held, []
        # what waited to be overtaken goes last
        return [honest, *held]

    def _stream_fault(self, name, left, honest):
        held, self._held = self._held, []
        marked = replace(honest, fault=name)
        if name == "gap":
            return [*held, replace(marked, arrays=None)]
        if name == "repeated":
            return [*held, honest, marked]
        if name == "end of stream":
            return [*held, replace(marked, arrays=None), honest]
        if name == "out of order":
            self._held = [marked, *held]
            return []
        # a stall: everything waits for its last train
        waiting = [*held, marked]
        if left:
            self._held = waiting
            return []
        return waiting
