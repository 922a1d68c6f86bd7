"""Limit of the intensity below which a spectrum is not classified.

It comes from training. Some pulses of a capture may have been empty: their
spectra neither take part in the training nor set the limit. A class may be
much dimmer than another, behind an absorber for example: what is empty is
judged within each class.
"""
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..core.spectra import LARGEST
from ..errors import InputError

#: share of the lowest training intensity, near-empty spectra left out
SHARE = 0.5
#: a spectrum with less than this share of the median intensity of its class
#: is near-empty
EMPTY = 0.2
#: a class with less than this share of the intensity of another has none
FAINTEST = 0.01
RULE = ("half the lowest intensity (mean over channels, dark subtracted) of "
        "the training spectra that have at least 20 % of the median of their "
        "class")
#: in place of the rule
OFF = "off: no spectrum is turned away for its intensity"
#: mean over spread of a spectrum below which the mean is no intensity
_MEANINGLESS = 0.01
#: spectra that this is judged on, about
_SAMPLE = 1000


def threshold(spectra: NDArray[np.number], labels: NDArray[np.int64],
              gate: bool = True) -> float:
    """`min_intensity` of raw training spectra (N, channels).

    Where the mean of a spectrum does not measure its intensity (spectra that
    were normalised to mean 0 before) it lies below every mean, which is no
    gate; a model without a gate cannot be armed.

    Parameters
    ----------
    labels : (N,)
        Class indices.
    gate
        Without it the limit lies below every spectrum that is no bad data.
    """
    return filled(spectra, labels, gate)[1]


def filled(spectra: NDArray[np.number], labels: NDArray[np.int64],
           gate: bool = True) -> tuple[NDArray[np.bool_], float]:
    """Which raw spectra (N, channels) pass their own gate, and its limit.

    Returns
    -------
    passed : (N,)
    limit
        As `threshold`.
    """
    if not gate:
        return np.ones(len(spectra), bool), -LARGEST
    intensity = _intensity(spectra)
    limit = _limit(spectra, intensity, labels)
    return intensity >= limit, limit


def check(spectra: NDArray[np.number], labels: NDArray[np.int64],
          classes: Sequence[str]) -> None:
    """Check that every class can pass the gate.

    Raises
    ------
    InputError
        Names a class that has as good as no intensity.
    """
    intensity = _intensity(spectra)
    if not _meaningful(spectra, intensity):
        return
    middle = np.array([np.median(intensity[labels == c])
                       for c in range(len(classes))])
    dim, bright = int(middle.argmin()), int(middle.argmax())
    if middle[dim] < FAINTEST * middle[bright]:
        raise InputError(
            f"class {classes[dim]!r} has a mean intensity of "
            f"{middle[dim]:.3g}, class {classes[bright]!r} of "
            f"{middle[bright]:.3g}: so little is taken for no beam, and "
            "spectra without beam get no class; leave the class out")


def _intensity(spectra: NDArray[np.number]) -> NDArray[np.float64]:
    return np.asarray(np.mean(spectra, axis=1, dtype=np.float64))


def _some(spectra: NDArray[np.number]) -> NDArray[np.number]:
    return spectra[::max(len(spectra) // _SAMPLE, 1)]


def _meaningful(spectra: NDArray[np.number],
                intensity: NDArray[np.float64]) -> bool:
    """Whether the mean of a spectrum is its intensity."""
    spread = np.median(np.std(_some(spectra), axis=1, dtype=np.float64))
    return bool(np.median(intensity) > _MEANINGLESS * spread)


def _limit(spectra: NDArray[np.number], intensity: NDArray[np.float64],
           labels: NDArray[np.int64]) -> float:
    if not _meaningful(spectra, intensity):
        return -float(np.abs(_some(spectra)).max())
    middle = np.zeros(int(labels.max()) + 1)
    for c in np.unique(labels):
        middle[c] = np.median(intensity[labels == c])
    return float(SHARE * intensity[
        intensity >= EMPTY * middle[labels]].min())
