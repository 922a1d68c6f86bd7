"""Peaks of the mean spectrum of every step of a scan."""
from collections.abc import Mapping
from dataclasses import asdict

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.peak import fit
from ..core.spectra import Axis
from .peak_watch import Region
from .shapes import Array

#: what becomes a column, each with its error
OBSERVABLES = "intensity", "position", "width", "asymmetry"


def peak_columns(spectra: NDArray[np.generic], axis: Axis,
                 step: NDArray[np.int64], steps: int,
                 regions: Mapping[str, tuple[float, float]],
                 ) -> dict[str, Array]:
    """Fit the peak of every region in every step.

    Parameters
    ----------
    spectra
        (N, channels), the dark subtracted.
    axis
        Their axis.
    step
        (N,) step of each spectrum, -1 for none.
    steps
        Number of steps.
    regions
        {name: (from, to)} in the unit of the axis.

    Returns
    -------
    dict
        {"NAME position": (S,), "NAME position error": (S,) ...}; NaN where no
        peak stands out.

    Raises
    ------
    InputError
        If a region has too few channels.
    """
    found: dict[str, Array] = {}
    count = np.bincount(step[step >= 0], minlength=steps)
    for name, (low, high) in regions.items():
        inside = Region(name, low, high).channels(axis)
        own = np.asarray(spectra[:, inside], np.float64)
        mean = np.stack([own[step == k].mean(axis=0) if count[k] else
                         np.full(own.shape[1], np.nan)
                         for k in range(steps)])
        kept = step >= 0
        # that of a spectrum, from the scatter within the steps
        variance = np.square(own[kept] - mean[step[kept]]).sum(axis=0) / max(
            int(np.count_nonzero(kept)) - np.count_nonzero(count), 1)
        variance = np.maximum(variance, 1e-6 * variance.max())
        x = axis.values[inside]
        peaks = [asdict(fit(x, mean[k], variance / max(count[k], 1)
                            if variance.max() > 0 else None))
                 for k in range(steps)]
        for observable in OBSERVABLES:
            for key in (observable, f"{observable}_error"):
                found[f"{name} {key.replace('_', ' ')}"] = np.array(
                    [peak[key] for peak in peaks])
    return found
