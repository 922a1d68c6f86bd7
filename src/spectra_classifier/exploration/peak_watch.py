"""Peaks of chosen regions beside those of the taught states.

What is judged is the form: position, width and asymmetry. The intensity of a
peak follows the beam.
"""
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.peak import FEWEST, Peak, fit
from ..core.spectra import Axis
from ..errors import InputError

#: standard errors beyond the taught values that are no chance: with ten
#: trains a second, four patterns and four regions about one in an hour
BEYOND = 5.
#: spectra from which their scatter tells the variance of a channel
_SCATTER = 20
#: channels with a smaller share of the largest variance have as much
_FLOOR = 1e-6


@dataclass(frozen=True)
class Region:
    """Part of an axis with one peak.

    Attributes
    ----------
    low, high
        In the unit of the axis; both belong to it.
    tolerance
        By which position and width may differ from the taught ones, in the
        unit of the axis.

    Raises
    ------
    InputError
        For a region without a name, the wrong way round or with a negative
        tolerance.
    """
    name: str
    low: float
    high: float
    tolerance: float = 0.

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError(f"the region from {self.low:g} to {self.high:g} "
                             "has no name: give it one, such as 'line'")
        if not (self.low < self.high and self.tolerance >= 0):
            raise InputError(
                f"region {self.name} from {self.low:g} to {self.high:g} with "
                f"tolerance {self.tolerance:g}: expected a start below the "
                "end and a tolerance of 0 or more")

    def channels(self, axis: Axis) -> NDArray[np.bool_]:
        """Return (n,) bool, True within.

        Raises
        ------
        InputError
            If the region has fewer than `peak.FEWEST` channels.
        """
        inside = (axis.values >= self.low) & (axis.values <= self.high)
        count = np.count_nonzero(inside)
        if count < FEWEST:
            low, high = sorted((axis.values[0], axis.values[-1]))
            raise InputError(
                f"region {self.name} from {self.low:g} to {self.high:g} has "
                f"{count} channels, at least {FEWEST} are needed; the axis "
                f"goes from {low:g} to {high:g} {axis.unit}")
        return inside


def fit_mean(position: NDArray[np.float64], spectra: NDArray[np.generic],
             size: NDArray[np.float64] | None = None) -> Peak:
    """Fit the peak in the mean of spectra.

    Parameters
    ----------
    position
        (n,) of the channels.
    spectra
        (N, n), the dark subtracted.
    size
        As in `peak.fit`.

    Returns
    -------
    Peak
        Errors are those of the scatter between spectra where there are at
        least 20 of them; NaN without a spectrum.
    """
    own = np.asarray(spectra, np.float64)
    if not len(own):
        return Peak()
    variance = None
    if len(own) >= _SCATTER:
        scatter = own.var(axis=0, ddof=1) / len(own)
        if scatter.max() > 0:
            variance = np.maximum(scatter, _FLOOR * scatter.max())
    return fit(position, own.mean(axis=0), variance, size)


@dataclass(frozen=True)
class PeakVerdict:
    """Whether a peak has the form of the taught ones.

    Attributes
    ----------
    within
        True only where that is shown.
    words
        What is beyond the taught values, or why nothing is said; "" if
        within.
    beyond
        Names of the observables that are beyond.
    """
    within: bool
    words: str = ""
    beyond: tuple[str, ...] = ()


def judge(found: Peak, taught: Sequence[Peak], tolerance: float = 0.,
          unit: str = "") -> PeakVerdict:
    """Compare a peak with the range of the taught ones.

    Parameters
    ----------
    taught
        One for each class, NaN where it has no peak there.
    tolerance
        As in `Region`.
    """
    known = [peak for peak in taught if np.isfinite(peak.position)]
    if not known:
        return PeakVerdict(False, "not judged: no taught state has a peak")
    if not np.isfinite(found.position):
        if len(known) < len(taught):
            return PeakVerdict(True)
        return PeakVerdict(False, "no peak stands out")
    words = {}
    for name, room, symbol in (("position", tolerance, f" {unit}".rstrip()),
                               ("width", tolerance, f" {unit}".rstrip()),
                               ("asymmetry", 0., "")):
        value, error = getattr(found, name), getattr(found, f"{name}_error")
        low, high = taught_range(known, name)
        far = max(low - value, value - high) - room
        spread = max(getattr(peak, f"{name}_error") for peak in known)
        if not far <= BEYOND * np.hypot(error, spread):
            words[name] = (f"{name} {value:.5g}{symbol}, taught are "
                           f"{low:.5g} to {high:.5g}{symbol}")
    return PeakVerdict(not words, "; ".join(words.values()), tuple(words))


def taught_range(taught: Sequence[Peak], name: str) -> tuple[float, float]:
    """(lowest, highest) of an observable of the taught peaks; NaN for none.
    """
    values = [getattr(peak, name) for peak in taught
              if np.isfinite(peak.position)]
    return (min(values), max(values)) if values else (np.nan, np.nan)
