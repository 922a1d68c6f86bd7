"""A second model on the same trains, in the time that the live one leaves.

Nothing depends on it. It runs in a thread that gives way: a few pulses at a
time, and only while the live engine waits for its next train. A train that
comes while it is at work is not compared. Its priority is that of the others:
whoever gives the lock of the interpreter to a thread that the system does not
let run waits with it.
"""
import threading
from dataclasses import dataclass, replace

import numpy as np

from ..core.evaluation.model_agreement import Agreement
from ..core.model_definition import Settings
from .threads import logged

#: pulses that are classified between two looks at the live engine, some ms
SOME = 128
#: s that a train may wait for the live engine before it is given up
PATIENCE = 1.


@dataclass(frozen=True)
class Report:
    """What the comparison has shown; `rows` as of `Agreement`."""
    trains: int = 0
    pulses: int = 0
    rate: float = 0.
    rows: tuple = ()
    problem: str = ""


class Shadow:
    """Compares trains with a shadow model, where there is one.

    `idle`: a `threading.Event` that is set while the live engine has nothing
    to do. `report` is replaced after every train. `use` and `offer` belong
    to one thread, the event loop.
    """

    def __init__(self, idle):
        self.report = Report()
        self._idle = idle
        self._model = None
        self._of = None         # identities of the two models compared
        self._agreement = Agreement()
        self._busy = self._given_up = 0     # each has one thread to count
        self._job = None
        self._wanted = threading.Event()
        self._ended = False
        self._thread = None

    def start(self):
        # a daemon: an engine that hangs must not keep the process alive
        self._thread = threading.Thread(
            target=logged(self._run, "shadow"), name="shadow", daemon=True)
        self._thread.start()

    @property
    def alive(self):
        """Whether the thread runs."""
        return self._thread is not None and self._thread.is_alive()

    def stop(self, timeout=2.):
        """True if the thread has ended in time."""
        self._ended = True
        self._wanted.set()
        self._idle.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def use(self, model):
        """Another `LiveModel` to compare with, or None; counts anew."""
        self._model = model
        self.reset()

    def reset(self):
        """Count anew from the next train on."""
        self._of = None
        self._busy = self._given_up = 0
        self.report = Report()

    @property
    def skipped(self):
        """Trains for which there was no time."""
        return self._busy + self._given_up

    def offer(self, outcome):
        """A classified train; counted as skipped where there is no time."""
        if self._model is None:
            return
        if self._wanted.is_set():
            self._busy += 1
            return
        self._job = outcome, self._model
        self._wanted.set()

    def _run(self):
        while True:
            self._wanted.wait()
            if self._ended:
                return
            outcome, model = self._job
            try:
                self._compare(outcome, model)
            except Exception as error:
                # whatever a shadow does, it does it in the shadow
                self.report = replace(
                    self.report, problem=f"{type(error).__name__}: {error}")
            self._job = None
            self._wanted.clear()

    def _compare(self, outcome, model):
        live = outcome.configuration.model
        mismatch = live.definition.axis.mismatch(model.definition.axis)
        if (live.definition.preprocessing.by_monitor
                != model.definition.preprocessing.by_monitor):
            mismatch = "another normalisation, by the pulse energy or not"
        if mismatch:
            self.report = replace(
                self.report, problem=f"the shadow model has {mismatch}")
            return
        found = self._classify(outcome, model)
        if found is None:
            self._given_up += 1
            return
        if model is not self._model:
            return              # another one was set in the meantime
        if self._of != (live.identity, model.identity):
            self._of = live.identity, model.identity
            self._agreement = Agreement()
        self._agreement.add(
            outcome.result, found, live.definition.classes,
            model.definition.classes, outcome.configuration.decision.patterns)
        self.report = Report(
            self._agreement.trains, self._agreement.pulses,
            self._agreement.rate if self._agreement.pulses else 0.,
            tuple(self._agreement.rows()))

    def _classify(self, outcome, model):
        """The shadow's result of a train; None where there was no time."""
        train, given = outcome.train, outcome.settings
        # what belongs to detector and run; thresholds are the model's own
        settings = Settings(
            saturation_level=given.saturation_level, dark=given.dark,
            mask=given.mask, average_within=given.average_within)
        # means of pulses must not be torn apart
        some = SOME if model.definition.averaging == 1 else max(
            train.pulses, 1)
        labels = []
        for first in range(0, train.pulses, some):
            if not self._idle.wait(PATIENCE) or self._ended:
                return None
            part = slice(first, first + some)
            labels.append(model.engine.classify(replace(
                train, spectra=train.spectra[part],
                pulse_ids=train.pulse_ids[part],
                verdicts=train.verdicts[part]), settings).label)
        return replace(outcome.result, label=np.concatenate(
            labels or [np.zeros(0, np.int8)]))
