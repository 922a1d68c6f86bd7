"""Running comparison of a stream with the training."""
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..model_definition import ModelDefinition, Settings
from ..preprocessing.preprocess import correct
from ..spectra import Axis, Train
from .compare import Comparator, Comparison
from .reference import ranges_of, reference_of

#: pulses of a train that enter its mean, at most
PULSES = 128
#: weight of the newest train in the running mean (some 20 trains)
WEIGHT = 0.05
#: trains between two comparisons, and the first ones that are compared
EVERY, FIRST = 10, (1, 2, 4, 7)
#: score from which a train is named as the beginning
BEGUN = 0.5
#: share of the worst range's score that the whole spectrum needs to be named
WHOLE = 0.7
CAUSES = "intensity", "axis", "baseline", "peak"


class RangeDrift(NamedTuple):
    """Drift of one range, or of the whole spectrum ("all").

    Attributes
    ----------
    mean
        In units of the training.
    spread
        Relative, from train to train.
    shift
        Channels.
    level, excess
        As the limits `baseline` and `peak` of `DriftLimits`.
    intensity, axis, baseline, peak
        Score of each cause, 1 at its limit.
    since
        Train from which the worst score is above `BEGUN`; 0 if it is not.
    place
        Channel of the highest excess.
    """
    name: str
    mean: float
    spread: float
    shift: float
    level: float
    excess: float
    intensity: float
    axis: float
    baseline: float
    peak: float
    since: int = 0
    place: int = -1

    @property
    def worst(self) -> tuple[str, float]:
        """The worst cause and its score; an unknown score is the worst."""
        return max(((cause, getattr(self, cause)) for cause in CAUSES),
                   key=lambda pair: badness(pair[1]))


@dataclass(frozen=True)
class DriftReport:
    """Result of the comparison.

    Attributes
    ----------
    score
        The worst of all, 1 at its limit; NaN while not known.
    cause
        One of `CAUSES`, or "".
    reason
        One sentence.
    ranges
        The whole spectrum first, then range by range.
    """
    score: float = math.nan
    cause: str = ""
    reason: str = "no spectrum has been compared with the training yet"
    ranges: tuple[RangeDrift, ...] = ()


class DriftMonitor:
    """Follows the drift of one model; used from one thread.

    Parameters
    ----------
    limits
        Fields of `DriftLimits` that replace those of the model.
    """

    def __init__(self, definition: ModelDefinition, **limits: float) -> None:
        reference = reference_of(definition)
        self.report = DriftReport()
        self._axis = definition.axis
        self._trains = self._train_id = 0
        self._offset = 0
        self._dark = False
        self._due: int | None = None    # train after which to compare
        self._since: dict[str, int] = {}
        self._compare: Comparator | None = None
        if reference is None:
            self.report = DriftReport(
                reason="the model has no raw reference to compare with: "
                       "train it again")
            return
        self._ranges = ranges_of(definition)
        self._limits = replace(reference.limits, **limits)
        self._compare = Comparator(reference, self._ranges)
        self._mean = np.zeros(len(definition.axis))
        self._parts = np.zeros((2, len(self._ranges)))

    def add(self, train: Train, labels: NDArray[np.int8],
            settings: Settings) -> DriftReport:
        """Add a classified train, and compare if it is time; the report.

        Parameters
        ----------
        labels, settings
            As of `follow`.
        """
        self.follow(train, labels, settings)
        self.compare()
        return self.report

    def follow(self, train: Train, labels: NDArray[np.int8],
               settings: Settings) -> None:
        """Add a classified train to what `compare` compares.

        The first one is compared at once, as nothing is known until then.

        Parameters
        ----------
        labels
            (P,). Only pulses with a class or unknown are used.
        settings
            For dark and mask.
        """
        rows = np.flatnonzero(labels >= -1)
        if self._compare is None or not len(rows):
            return
        step = max(1, len(rows) // PULSES)
        self._offset += 1
        chosen = rows[self._offset % step::step][:PULSES]
        mean = train.spectra[chosen].mean(axis=0, dtype=np.float64)
        self._follow(correct(mean[None], settings.dark, settings.mask)[0])
        self._dark = settings.dark is not None
        self._train_id = train.train_id
        if self._trains in FIRST or self._trains % EVERY == 0:
            self._due = train.train_id
        if self._trains == 1:
            self.compare()

    def take_over(self, other: "DriftMonitor") -> None:
        """Go on with the mean of another model, and compare it at once.

        Parameters
        ----------
        other
            Has followed the same spectra.
        """
        if (self._compare is None or not other._trains
                or not (np.isfinite(other._mean).all()
                        and other._mean.mean() > 0)):
            return
        self._mean, self._dark = other._mean.copy(), other._dark
        self._trains, self._offset = other._trains, other._offset
        self._parts[0] = self._shares(self._mean)
        self._train_id = self._due = other._train_id
        self.compare()

    def compare(self) -> None:
        """Compare with the training if it is time: some milliseconds."""
        if self._compare is not None and self._due is not None:
            self.report = self._judge(self._compare(self._mean), self._due)
            self._due = None

    def _follow(self, mean: NDArray[np.float64]) -> None:
        self._trains += 1
        weight = max(1 / self._trains, WEIGHT)
        self._mean += weight * (mean - self._mean)
        if mean.mean() > 0:
            change = self._shares(mean) - self._parts[0]
            self._parts[0] += weight * change
            self._parts[1] = (1 - weight) * (self._parts[1]
                                             + weight * change ** 2)

    def _shares(self, mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """(R,) mean of each range, relative to the whole."""
        total = mean.mean()
        return np.array([mean[start:stop].mean() / total
                         for _, start, stop in self._ranges])

    def _judge(self, found: Comparison | None, train_id: int) -> DriftReport:
        if found is None:
            return DriftReport(
                reason="the spectra have no positive mean to compare")
        limits = self._limits
        spread = np.sqrt(self._parts[1]) / np.maximum(
            np.abs(self._parts[0]), 1e-12)
        with np.errstate(divide="ignore", invalid="ignore"):
            factors = np.abs(np.log(np.maximum(found.intensity, 1e-300)))
            factor = abs(math.log(max(found.source, 1e-300)))
        step = math.log(limits.intensity)
        found_ranges = [RangeDrift(
            "all", found.source, 0., found.shift, found.level, 0.,
            factor / step, abs(found.shift) / limits.shift,
            abs(found.level) / limits.baseline, 0.)]
        found_ranges += [RangeDrift(
            name, mean=float(found.intensity[number]),
            spread=float(spread[number]), shift=float(found.shifts[number]),
            level=float(found.levels[number]),
            excess=float(found.peaks[number]),
            intensity=float(factors[number] / step),
            axis=float(abs(found.shifts[number]) / limits.shift),
            baseline=float(abs(found.levels[number]) / limits.baseline),
            peak=float(found.peaks[number] / limits.peak),
            place=int(found.places[number]))
            for number, (name, _, _) in enumerate(self._ranges)]
        ranges = tuple(self._dated(one, train_id) for one in found_ranges)
        worst = _named(ranges)
        cause, score = worst.worst
        if not math.isfinite(score):
            return DriftReport(
                cause=cause, reason="the comparison with the training gives "
                f"no number for {cause} in {_where(worst)}", ranges=ranges)
        return DriftReport(score, cause if score > BEGUN else "",
                           sentence(worst, cause, self._axis, self._dark)
                           if score > BEGUN else "", ranges)

    def _dated(self, one: RangeDrift, train_id: int) -> RangeDrift:
        if one.worst[1] <= BEGUN:
            self._since.pop(one.name, None)
            return one
        return one._replace(since=self._since.setdefault(one.name, train_id))


def badness(score: float) -> float:
    """Return a drift score for comparisons: infinite where it is not known."""
    return score if score >= 0 else math.inf


def _where(one: RangeDrift) -> str:
    return "the spectrum" if one.name == "all" else f"bin {one.name}"


def _named(ranges: tuple[RangeDrift, ...]) -> RangeDrift:
    """The one to be named: the whole where it shows nearly the same."""
    worst = max(ranges, key=lambda one: badness(one.worst[1]))
    cause, score = worst.worst
    whole = ranges[0]
    return (whole if whole.worst[0] == cause
            and whole.worst[1] >= WHOLE * score else worst)


def sentence(one: RangeDrift, cause: str, axis: Axis, dark: bool) -> str:
    """Return a sentence such as "bin 8 shifted +3.0 channels since train 12".

    Parameters
    ----------
    dark
        Whether a dark is in force.
    """
    where = _where(one)
    if cause == "intensity":
        what = (f"the source intensity is {one.mean:.2g} times"
                if one.name == "all" else
                f"{where} has {one.mean:.2g} times the intensity")
        text = f"{what} that of the training" if one.name == "all" else (
            f"{what} of the training")
    elif cause == "axis":
        what = "the axis" if one.name == "all" else where
        text = f"{what} shifted {one.shift:+.1f} channels"
    elif cause == "baseline":
        what = "the baseline" if one.name == "all" else (
            f"the baseline in {where}")
        text = f"{what} moved by {one.level:+.0%} of the mean intensity"
        if not dark:    # models are trained on spectra above the dark
            text += " (no dark is set)"
    else:
        text = (f"new peak in {where} at {axis.values[one.place]:.6g} "
                f"{axis.unit}, {one.excess:+.0%} over every mixture of the "
                "classes")
    return f"{text} since train {one.since}"


class _Model(Protocol):
    @property
    def definition(self) -> ModelDefinition: ...


class DriftConfiguration(Protocol):
    """The part of a configuration that a drift comparison depends on."""

    @property
    def hash(self) -> str:
        """Changes with every setting."""

    @property
    def model(self) -> _Model | None:
        """The live model."""

    @property
    def drift_limits(self) -> Mapping[str, float]:
        """Fields of `DriftLimits` that replace those of the model."""

    def same_spectra(self, other: Self) -> bool:
        """Whether `other` makes the same raw spectra of a train, and leaves
        out the same of them."""


class DriftFollower[C: DriftConfiguration]:
    """Follows the drift of the live model, across configurations.

    Starts again with every change of the configuration hash; the mean of the
    spectra goes on where they are the same.
    """

    def __init__(self) -> None:
        self._configuration: C | None = None
        self._monitor: DriftMonitor | None = None
        self._failed: DriftReport | None = None

    def __call__(self, train: Train, labels: NDArray[np.int8],
                 settings: Settings, configuration: C) -> DriftReport:
        """Add a classified train; the report on it or on those before it.

        Never raises: a comparison that fails does not affect the codes of a
        train, but withholds the permit, since its score is NaN.
        """
        try:
            monitor = self._monitor_of(configuration)
            monitor.follow(train, labels, settings)
            return self._failed or monitor.report
        except Exception as error:
            return _failure(error)

    def begin(self, configuration: C) -> None:
        """Prepare for trains under a changed configuration; never raises.

        Apart from `__call__`, so that the first of them does not wait for
        it.
        """
        try:
            self._monitor_of(configuration)
        except Exception as error:
            self._failed = _failure(error)

    def _monitor_of(self, configuration: C) -> DriftMonitor:
        before, followed = self._configuration, self._monitor
        if (followed is not None and before is not None
                and before.hash == configuration.hash):
            # the model of the other one may be freed
            self._configuration = configuration
            return followed
        self._configuration = self._monitor = self._failed = None
        if configuration.model is None:
            raise InputError("no model is live to compare with")
        monitor = DriftMonitor(configuration.model.definition,
                               **configuration.drift_limits)
        # before anything can fail that another mean may mend
        self._configuration, self._monitor = configuration, monitor
        if (followed is not None and before is not None
                and before.same_spectra(configuration)):
            monitor.take_over(followed)
        return monitor

    def compare(self) -> None:
        """Compare what was added if it is time, for the next trains.

        Apart from `__call__`, so that no train waits for it; never raises.
        """
        try:
            if self._monitor is not None:
                self._monitor.compare()
            self._failed = None
        except Exception as error:
            self._failed = _failure(error)


def _failure(error: Exception) -> DriftReport:
    return DriftReport(reason="the comparison with the training failed: "
                       f"{type(error).__name__}: {error}")
