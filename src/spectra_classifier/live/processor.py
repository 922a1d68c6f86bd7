"""Processing of one train in the worker thread."""
import math
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..core.decision import NOTHING_KNOWN, Presence
from ..core.decision.beam_state import presence
from ..core.drift import DriftFollower
from ..core.model_definition import ModelDefinition, Settings
from ..core.preprocessing.dark import DarkSum
from ..core.preprocessing.energy_normalisation import PerEnergy
from ..core.preprocessing.memory_cells import Leveller
from ..core.preprocessing.quality import gate, too_few_strips
from ..core.preprocessing.raw_frames import MaskedSettings, prepare
from ..core.spectra import Code, Train, TrainResult
from ..core.trains import load_shedding
from ..core.trains.bunch_pattern import lit
from ..core.trains.load_shedding import Pacer
from ..errors import InputError
from .configuration.configuration import Configuration
from .configuration.live_model import LiveModel
from .mean_judge import MeanJudge
from .preview import Preview, Previewer
from .records import Fate, Incoming, Outcome
from .train_mixture import TrainMixture

NO_MODEL = "no model"
STALE = "stale"
LATE = "late"


class Processor:
    """Prepares and classifies a train; the function of a `Worker`.

    `previewer` makes the previews; `dark_sum` gets every train while a dark
    is captured (None otherwise); `patience`: s that a train may wait for a
    busy engine before some of its pulses are left out, infinite for never;
    `pacer` gives the share of the pulses that is processed.

    Parameters
    ----------
    clock
        Monotonic s.
    shared
        The queue of the source is shared with other workers: a train that
        became too old in it is skipped.
    wall_clock
        Seconds since 1970.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic,
                 shared: bool = False,
                 wall_clock: Callable[[], float] = time.time) -> None:
        self._shared = shared
        self._wall_clock = wall_clock
        self.previewer = Previewer(clock)
        self.patience = math.inf
        self.pacer = Pacer()
        self._clock = clock
        self.dark_sum: DarkSum | None = None
        self._masked = MaskedSettings()
        self._level = Leveller()
        self._per_energy = PerEnergy()
        self._drift: DriftFollower[Configuration] = DriftFollower()
        self._means = MeanJudge()
        self._mixture = TrainMixture()
        self._interim: LiveModel | None = None      # that is being paced

    def __call__(self, incoming: Incoming,
                 configuration: Configuration | None) -> Outcome:
        if incoming.problem:
            return _rejected(incoming, configuration, incoming.problem)
        if configuration is None or configuration.model is None:
            return Outcome(incoming, configuration, Fate.SKIPPED, NO_MODEL,
                           "no model is live")
        if self._shared and (stale := self._stale(incoming, configuration)):
            return Outcome(incoming, configuration, Fate.SKIPPED, STALE,
                           stale)
        if configuration.model.interim and (
                late := self._late(incoming, configuration)):
            return Outcome(incoming, configuration, Fate.SKIPPED, LATE, late)
        try:
            prepared = prepare(incoming.train_id, incoming.joined_arrays(),
                               configuration.selection,
                               configuration.layout.calibrated,
                               configuration.channels)
        except InputError as error:
            return _rejected(incoming, configuration, str(error))
        if (dark_sum := self.dark_sum) is not None:
            dark_sum.add(prepared.train)
        settings = self._masked(configuration.settings, prepared.mask)
        if too_few := too_few_strips(configuration.model.definition,
                                     settings):
            return _rejected(incoming, configuration,
                             f"{too_few}: check source.maskPath and "
                             "source.maskedStrips")
        model = configuration.model
        train, settings, remark = self._level(
            lit(prepared.train, incoming.machine), settings,
            model.definition)
        if model.definition.preprocessing.by_monitor:
            try:
                train, settings = self._per_energy(
                    train, settings, model.definition, incoming.beam,
                    incoming.beam_problem)
            except InputError as error:
                return _rejected(incoming, configuration, str(error))
        begin = self._clock()
        train, degraded = self._thinned(
            train, incoming.received + incoming.waited, begin, configuration)
        result = model.engine.classify(train, settings)
        if train.pulses:
            self.pacer.worked(self._clock() - begin)
        problem = incoming.machine_problem or _misplaced(
            train, result, _dark_below(model.definition, settings))
        return Outcome(
            incoming, configuration, Fate.CLASSIFIED, result=result,
            coverage=coverage(train, result, configuration),
            switched=prepared.switched, train=train, settings=settings,
            degraded=degraded, drift=self._drift(
                train, result.label, settings, configuration),
            presence=_presence(
                incoming, result.label, configuration.decision.fraction,
                None if problem else train.light),
            light_problem=problem, remark=prepared.remark or remark,
            means=self._means(train, result.label, settings, configuration),
            mixture=self._mixture(train, result.label, settings,
                                  configuration))

    def afterwards(self, delivery: Outcome | Configuration) -> Preview | None:
        """What a train need not wait for; its preview, None where none is due.

        For what is on its way already: only the next train waits for it.
        Drift changes in minutes, and is compared for the next trains.
        """
        if isinstance(delivery, Configuration):
            for prepared in self._drift, self._means, self._mixture:
                prepared.begin(delivery)
            return None
        self._drift.compare()
        if (delivery.train is None or delivery.result is None
                or delivery.settings is None
                or delivery.configuration is None):
            return None
        return self.previewer(
            delivery.train, delivery.result, delivery.settings,
            delivery.configuration, delivery.incoming.timestamp)

    def _stale(self, incoming: Incoming, configuration: Configuration) -> str:
        """Why a train from a shared queue is too old, "" if it is not."""
        age = 1e3 * (self._wall_clock() - incoming.source_time)
        limit = configuration.decision.max_train_age
        if not age > limit:
            return ""
        return (f"the train is {age:.0f} ms old, conditions.maxTrainAge is "
                f"{limit:g} ms: too few workers for this rate, or clocks that "
                "differ")

    def _late(self, incoming: Incoming, configuration: Configuration) -> str:
        """Why a train is too late for the slow engine, "" if it is not.

        Newer trains wait behind it, and there is no permit for it.
        """
        waited = 1e3 * (self._clock() - incoming.received)
        limit = configuration.decision.max_latency
        if not waited > limit:
            return ""
        return (f"the train has waited {waited:.0f} ms, conditions.maxLatency "
                f"is {limit:g} ms: a slow engine classifies until the fast "
                "one is compiled")

    def _thinned(self, train: Train, received: float, now: float,
                 configuration: Configuration) -> tuple[Train, int]:
        """The train for the engine, and the number of pulses left out."""
        model = configuration.model
        assert model is not None        # it is to classify the train
        if model.interim and model is not self._interim:
            self.pacer.expect(model.pulse_seconds * train.pulses,
                              self.patience)
        self._interim = model if model.interim else None
        share = self.pacer.share_for(received, now, self.patience)
        if share >= 1:
            return train, 0
        out = load_shedding.left_out(
            train.pulse_ids, train.verdicts == 0,
            configuration.decision.patterns, share, self.pacer.turn,
            train.light)
        verdicts = np.where(out, Code.SKIPPED, train.verdicts)
        return (replace(train, verdicts=verdicts.astype(np.int8)),
                int(np.count_nonzero(out)))


def coverage(train: Train, result: TrainResult,
             configuration: Configuration) -> float:
    """Share of the selected pulses that were processed; 1 without any."""
    left_out = configuration.selection.left_out(train.pulses)
    selected = train.pulses - int(np.count_nonzero(left_out))
    missed = np.count_nonzero((result.label == Code.SKIPPED) & ~left_out)
    return 1. - missed / selected if selected else 1.


def _dark_below(definition: ModelDefinition, settings: Settings) -> float:
    """Intensity of a frame that is certainly not dark; inf where unknown.

    A frame without X-rays has no energy by which it could be divided.
    """
    least = gate(definition, settings)
    return (least if least > 0 and not definition.preprocessing.by_monitor
            else math.inf)


def _misplaced(train: Train, result: TrainResult, least: float) -> str:
    """Why the bunch pattern cannot belong to these frames, or "".

    Frames without X-rays and without laser are dark; where most of them show
    a signal, the pulses are in other frames than thought.
    """
    if train.light is None:
        return ""
    dark = (train.light == 0) & (train.verdicts == Code.LOW_INTENSITY)
    bright = dark & (result.intensity >= least)
    if 2 * np.count_nonzero(bright) <= np.count_nonzero(dark):
        return ""
    return ("the bunch pattern of this train: "
            f"{np.count_nonzero(bright)} of {np.count_nonzero(dark)} frames "
            "that have no pulse in it show a signal: check "
            "joining.firstPlace, joining.placeStep and joining.branch")


def _presence(incoming: Incoming, labels: NDArray[np.int8], fraction: float,
              light: NDArray[np.uint8] | None) -> Presence:
    """The presence of beam and sample for a train with these labels."""
    found = presence(labels, incoming.beam, fraction, light)
    if found == NOTHING_KNOWN and incoming.beam_problem:
        return Presence(sentence=incoming.beam_problem)
    return found


def _rejected(incoming: Incoming, configuration: Configuration | None,
              problem: str) -> Outcome:
    return Outcome(incoming, configuration, Fate.REJECTED, incoming.reason,
                   problem)

