"""Texture of spiky spectra: how high, how rough, how wide the spikes are.

A self-amplified (SASE) pulse has exponentially distributed intensity at every
channel whatever its length; what changes with the length is the width of the
spikes, which is seen in the correlation of neighbours and in nothing that is
linear in the counts.
"""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ConfigurationError

#: distances, in channels, at which neighbours are compared
LAGS = (2, 4, 8, 16)
#: per part: log of its share of the intensity, log of its relative spread,
#: correlation at each lag
PER_PART = 2 + len(LAGS)


def features(spectra: ArrayLike, parts: int) -> NDArray[np.float64]:
    """Return texture features (P, parts * PER_PART) of spectra (P, n).

    The axis is divided into `parts` equal ranges from channel 0 on. Shares and
    spreads are relative to the mean of the whole spectrum, so that pulse
    energy does not enter; a share or spread below 1e-6 counts as 1e-6 and a
    part without spread has correlation 0.

    Raises
    ------
    ConfigurationError
        For parts that are too short for the lags.
    """
    spectra = np.asarray(spectra, np.float64)
    width = spectra.shape[1] // parts
    if width <= max(LAGS):
        raise ConfigurationError(
            f"{parts} parts of {spectra.shape[1]} channels: a texture needs "
            f"more than {max(LAGS)} channels in each")
    part = spectra[:, :parts * width].reshape(len(spectra), parts, width)
    whole = np.maximum(np.abs(spectra.mean(axis=1)), 1e-12)[:, None]
    level = part.mean(axis=2)
    rest = part - level[:, :, None]
    variance = np.square(rest).mean(axis=2)
    columns = [np.log(np.maximum(level / whole, 1e-6)),
               np.log(np.maximum(np.sqrt(variance) / whole, 1e-6))]
    usable = variance > 0
    for lag in LAGS:
        product = (rest[:, :, lag:] * rest[:, :, :-lag]).mean(axis=2)
        columns.append(np.divide(product, variance,
                                 out=np.zeros_like(product), where=usable))
    return np.stack(columns, axis=2).reshape(len(spectra), -1)
