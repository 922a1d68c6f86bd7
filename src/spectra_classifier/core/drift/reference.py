"""Reference of the drift monitor: raw spectra of the training.

Raw means: dark subtracted, dead strips interpolated, nothing else. A baseline
or a normalisation would hide what has to be distinguished here.
"""
from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..bins import equal_bins
from ..model_definition import ModelDefinition

#: limits never become tighter than this, whatever the training showed
FLOORS = {"intensity": 2., "shift": 1., "baseline": 0.1, "peak": 0.25}
#: how far beyond the worst training capture a limit lies
MARGIN = 2.
#: a bin table that is longer, or whose bins overlap, is not for people
MOST_BINS = 64
#: equal ranges that are compared where the bins of a model do not do
RANGES = 16

#: mean of a spectrum, as a share of its root mean square, under which it is
#: rounding: spectra without a mean have no level to compare
LEAST_LEVEL = 1e-3

#: name, first channel and first channel behind of a range
type Range = tuple[str, int, int]


@dataclass(frozen=True)
class DriftLimits:
    """Limits within which source, axis, baseline and sample are unchanged.

    Attributes
    ----------
    intensity
        Factor, more than 1, by which the mean intensity may differ.
    shift
        Channels.
    baseline
        Level, as a share of the mean intensity, that no class has.
    peak
        Excess over every mixture of the classes, as a share of what is
        expected there.

    Raises
    ------
    InputError
        For a limit that is not finite or too small.
    """
    intensity: float = FLOORS["intensity"]
    shift: float = FLOORS["shift"]
    baseline: float = FLOORS["baseline"]
    peak: float = FLOORS["peak"]

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            least = 1 if field.name == "intensity" else 0
            if not least < value < np.inf:
                raise InputError(
                    f"drift limit {field.name} is {value:g}: expected more "
                    f"than {least}")


@dataclass(frozen=True, eq=False)
class DriftReference:
    """Raw class means and the limits that training found.

    Attributes
    ----------
    spectra
        (C, n) mean of each class, scaled to mean 1 over the channels.
    intensity
        Geometric mean over the training captures of their mean counts above
        dark.

    Raises
    ------
    InputError
        For a wrong shape or a value that is not finite.
    """
    spectra: NDArray[np.float32]
    intensity: float
    limits: DriftLimits = DriftLimits()

    def __post_init__(self) -> None:
        spectra = np.array(self.spectra, np.float32)
        if spectra.ndim != 2 or not np.isfinite(spectra).all():
            raise InputError("the drift reference is not a finite array "
                             "(classes, channels)")
        if not 0 < self.intensity < np.inf:
            raise InputError(f"the drift reference has intensity "
                             f"{self.intensity:g}: expected more than 0")
        object.__setattr__(self, "spectra", spectra)


def has_level(spectra: NDArray[np.floating]) -> bool:
    """Return whether spectra (..., n) can be divided by their means."""
    spectra = np.asarray(spectra, np.float64)
    level = LEAST_LEVEL * np.sqrt(np.square(spectra).mean(axis=-1))
    means = spectra.mean(axis=-1)
    return bool(((means > level) & (means > 0)).all())


def ranges_of(definition: ModelDefinition) -> tuple[Range, ...]:
    """Return the ranges that are compared one by one.

    The bins of the model under their numbers where they do not overlap, else
    equal ranges named by their axis values.
    """
    order = sorted(range(len(definition.bins)),
                   key=lambda number: definition.bins[number])
    sorted_bins = [definition.bins[number] for number in order]
    apart = all(one[1] <= other[0] for one, other in pairwise(sorted_bins))
    if apart and 2 <= len(order) <= MOST_BINS:
        return tuple((str(number), *definition.bins[number])
                     for number in order)
    x, channels = definition.axis.values, len(definition.axis)
    return tuple((f"{x[start]:.5g} ... {x[stop - 1]:.5g}", start, stop)
                 for start, stop in equal_bins(
                     channels, min(RANGES, channels)))


def reference_of(definition: ModelDefinition) -> DriftReference | None:
    """Return the drift reference of a model, None where it cannot have one.

    A model that was trained without one still has the mean preprocessed
    spectra. Without a baseline they are equivalent, except for the intensity,
    which is then not compared: it is 1 with an unlimited factor.
    """
    if definition.drift is not None:
        return definition.drift
    preprocessing = definition.preprocessing
    references = np.asarray(definition.references, np.float64)
    means = references.mean(axis=1)
    if (preprocessing.baseline.mode != "none"
            or preprocessing.normalisation == "snv"
            or not has_level(references)):
        return None
    return DriftReference(references / means[:, None], 1.,
                          DriftLimits(intensity=1e300))
