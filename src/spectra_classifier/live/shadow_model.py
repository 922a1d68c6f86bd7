"""A second model on the same trains, in the idle time of the live one.

Nothing depends on its results. Its thread processes a few pulses at a time,
and only while the live engine waits for its next train. A train that arrives
meanwhile is not compared. The thread keeps the normal priority: a thread of
low priority that holds the interpreter lock would block all others.
"""
import threading
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.model_agreement import Agreement
from ..core.model_definition import Settings
from ..core.spectra import TrainResult
from .configuration.live_model import LiveModel
from .records import Outcome
from .threads import logged

#: pulses that are classified between two checks of the live engine, some ms
SOME = 128
#: s that a train may wait for the live engine before it is skipped
PATIENCE = 1.


@dataclass(frozen=True)
class Report:
    """Result of the comparison; `rows` as of `Agreement.rows`."""
    trains: int = 0
    pulses: int = 0
    rate: float = 0.
    rows: tuple[tuple[str, str, str, int, int, int], ...] = ()
    problem: str = ""


class Shadow:
    """Compares the results of the live model with those of a shadow model.

    `report` is replaced after every train. `use`, `reset` and `offer` must
    be called from one thread.

    Parameters
    ----------
    idle
        Set while the live engine has nothing to do.
    """

    def __init__(self, idle: threading.Event) -> None:
        self.report = Report()
        self._idle = idle
        self._model: LiveModel | None = None
        # identities of the two models compared
        self._of: tuple[str, str] | None = None
        self._agreement = Agreement()
        self._busy = self._given_up = 0     # each is counted by one thread
        self._job: tuple[Outcome, LiveModel] | None = None
        self._wanted = threading.Event()
        self._ended = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        # a daemon: an engine that hangs must not keep the process alive
        self._thread = threading.Thread(
            target=logged(self._run, "shadow"), name="shadow", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self, timeout: float = 2.) -> bool:
        """End the thread; True if it has ended within `timeout` s."""
        self._ended = True
        self._wanted.set()
        self._idle.set()
        if self._thread is not None:
            self._thread.join(timeout)
        return not self.alive

    def use(self, model: LiveModel | None) -> None:
        """Set or remove the shadow model; restarts the counts."""
        self._model = model
        self.reset()

    def reset(self) -> None:
        """Restart the counts with the next train."""
        self._of = None
        self._busy = self._given_up = 0
        self.report = Report()

    @property
    def skipped(self) -> int:
        """Number of trains for which there was no time."""
        return self._busy + self._given_up

    def offer(self, outcome: Outcome) -> None:
        """Compare a classified train, or count it as skipped."""
        if self._model is None:
            return
        if self._wanted.is_set():
            self._busy += 1
            return
        self._job = outcome, self._model
        self._wanted.set()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            if self._ended:
                return
            try:
                if self._job is not None:
                    self._compare(*self._job)
            except Exception as error:
                # an error of the shadow model must not affect anything else
                self.report = replace(
                    self.report, problem=f"{type(error).__name__}: {error}")
            self._job = None
            self._wanted.clear()

    def _compare(self, outcome: Outcome, model: LiveModel) -> None:
        configuration, result = outcome.configuration, outcome.result
        if (configuration is None or configuration.model is None
                or result is None):
            return              # not classified
        live = configuration.model
        mismatch = live.definition.axis.mismatch(model.definition.axis)
        if (live.definition.preprocessing.by_monitor
                != model.definition.preprocessing.by_monitor):
            mismatch = "another normalisation, by the pulse energy or not"
        if mismatch:
            self.report = replace(
                self.report, problem=f"the shadow model has {mismatch}")
            return
        found = self._classify(outcome, result, model)
        if found is None:
            self._given_up += 1
            return
        if model is not self._model:
            return              # another one was set in the meantime
        if self._of != (live.identity, model.identity):
            self._of = live.identity, model.identity
            self._agreement = Agreement()
        self._agreement.add(
            result, found, live.definition.classes,
            model.definition.classes, configuration.decision.patterns,
            outcome.train.light if outcome.train is not None else None)
        self.report = Report(
            self._agreement.trains, self._agreement.pulses,
            self._agreement.rate if self._agreement.pulses else 0.,
            tuple(self._agreement.rows()))

    def _classify(self, outcome: Outcome, result: TrainResult,
                  model: LiveModel) -> TrainResult | None:
        """The result of the shadow model; None where there was no time."""
        train, given = outcome.train, outcome.settings
        if train is None or given is None:
            return None
        # settings of detector and run; thresholds are the model's own
        settings = Settings(
            saturation_level=given.saturation_level, dark=given.dark,
            mask=given.mask, average_within=given.average_within)
        # pulses that are averaged must be classified together
        some = SOME if model.definition.averaging == 1 else max(
            train.pulses, 1)
        labels: list[NDArray[np.int8]] = []
        for first in range(0, train.pulses, some):
            if not self._idle.wait(PATIENCE) or self._ended:
                return None
            part = slice(first, first + some)
            labels.append(model.engine.classify(replace(
                train, spectra=train.spectra[part],
                pulse_ids=train.pulse_ids[part],
                verdicts=train.verdicts[part],
                light=None if train.light is None else train.light[part]),
                settings).label)
        return replace(result, label=np.concatenate(
            labels or [np.zeros(0, np.int8)]))
