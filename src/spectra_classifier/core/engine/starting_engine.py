"""A slower engine that classifies while the kernels of the fast one compile.

A machine that never compiled needs half a minute for them. All engines give
the same labels, so that trains need not wait.
"""
import logging
import threading
from collections.abc import Callable

import numpy as np
from numpy.typing import DTypeLike

from ..model_definition import Settings
from ..spectra import Train, TrainResult
from .engine import Engine
from .fused_engine import FusedEngine


class StartingEngine:
    """The fast engine for types of spectra that are compiled, else the slow.

    One thread compiles, first the type that is sent. A type that no train has
    is compiled only as long as no train has come. Every train is classified
    by one engine.

    `complete` is set when the first type and `others` are compiled.

    Parameters
    ----------
    slow
        Needs no compiler.
    fast
        Not warmed up yet.
    others
        Compiles what else the trains need.
    """

    def __init__(self, slow: Engine, fast: FusedEngine,
                 others: Callable[[], object]) -> None:
        self.definition = fast.definition
        self.complete = threading.Event()
        self._slow, self._fast = slow, fast
        self._others = others
        self._compiled: set[np.dtype] = set()
        self._sent: list[np.dtype] = []
        self._failed: Exception | None = None
        self._changed = threading.Condition()
        # a daemon: compiling must not keep the process alive
        self._thread = threading.Thread(
            target=self._compile, name="compiling", daemon=True)

    @property
    def name(self) -> str:
        """Name of the engine that classifies what is sent."""
        return self._for(*self._sent[-1:]).name

    def warm_up(self) -> None:
        """Compile everything, however long that takes; raises what fails."""
        self.start()
        with self._changed:
            self._changed.wait_for(self._finished)
        if self._failed is not None:
            raise self._failed

    def start(self, patience: float = 0.) -> None:
        """Begin to compile; wait up to `patience` s until all is ready."""
        self._slow.warm_up()
        if self._thread.ident is None:
            self._thread.start()
        with self._changed:
            self._changed.wait_for(self._finished, patience)

    def classify(self, train: Train, settings: Settings) -> TrainResult:
        """Return the codes of a train (see `engine.Engine`)."""
        dtype = train.spectra.dtype
        if dtype not in self._sent:
            with self._changed:
                self._sent.append(dtype)
                self._changed.notify_all()
        return self._for(dtype).classify(train, settings)

    def _for(self, *dtypes: np.dtype) -> Engine:
        ready = self._compiled
        return (self._fast if ready and all(each in ready for each in dtypes)
                else self._slow)

    def _finished(self) -> bool:
        return self._failed is not None or (
            self.complete.is_set() and self._next() is None)

    def _next(self) -> np.dtype | None:
        """The type to compile now."""
        wanted = self._sent or [np.dtype(each)
                                for each in FusedEngine.dtypes]
        return next((each for each in wanted
                     if each not in self._compiled), None)

    def _compile(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._next() is not None)
                    dtype = self._next()
                if dtype is not None:
                    self._compile_for(dtype)
        except Exception as error:
            # the slow engine goes on
            self._failed = error
            logging.getLogger(__name__).exception(
                "the kernels cannot be compiled")
        with self._changed:
            self._changed.notify_all()

    def _compile_for(self, dtype: DTypeLike) -> None:
        self._fast.warm_up((dtype,))
        with self._changed:
            self._compiled.add(np.dtype(dtype))
        if not self.complete.is_set():
            self._others()
            self.complete.set()
        with self._changed:
            self._changed.notify_all()
