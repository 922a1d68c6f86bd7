"""Single strips that stand out of their spectrum: found and interpolated.

A cosmic particle or a discharge lights one strip of one pulse, which no
optics does where lines are wider. Strip i of a spectrum y stands out by

    e_i = min(y_i - y_{i-1}, y_i - y_{i+1}),

and is a spike where e_i exceeds two limits of the model: one in raw counts,
and one in units of the roughness of the spectrum, the mean |y_{i+1} - y_i|
without its `TRIMMED` largest. The first keeps the photons of a dim spectrum,
the second those of a bright one. A spike becomes the mean of its neighbours,
at an edge its neighbour.
"""
from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .preprocess import correct

if TYPE_CHECKING:
    from ..model_definition import Settings, SpikeRule
    from ..spectra import RawSpectra, Train

#: largest differences that do not count for the roughness: of four spikes
TRIMMED = 8
#: channels from which there is enough left to compare with
FEWEST_CHANNELS = 4 * TRIMMED
#: spectra at a time: float64 copies stay within some 10 MB
_CHUNK = 256


def standing_out(spectra: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return e (P, n) of spectra (P, n), n >= 2."""
    spectra = np.asarray(spectra, np.float64)
    higher = np.empty_like(spectra)
    np.maximum(spectra[:, :-2], spectra[:, 2:], out=higher[:, 1:-1])
    # at an edge there is one neighbour
    higher[:, 0], higher[:, -1] = spectra[:, 1], spectra[:, -2]
    return np.subtract(spectra, higher, out=higher)


def roughness(spectra: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the roughness (P,) of spectra (P, n)."""
    steps = np.abs(np.diff(np.asarray(spectra, np.float64), axis=1))
    steps.partition(steps.shape[1] - TRIMMED, axis=1)
    return steps[:, :-TRIMMED].mean(axis=1)


def found(spectra: NDArray[np.floating], rule: SpikeRule) -> NDArray[np.bool_]:
    """Return where corrected spectra (P, n) have spikes, (P, n)."""
    standing = standing_out(spectra)
    spikes = standing > rule.counts
    rows = np.flatnonzero(spikes.any(axis=1))
    spikes[rows] &= (standing[rows]
                     > rule.roughness * roughness(spectra[rows])[:, None])
    return spikes


def bridged(spectra: NDArray[np.floating],
            spikes: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return spectra (P, n) with the strips `spikes` (P, n) interpolated."""
    mended = np.array(spectra, np.float64)
    rows, strips = np.nonzero(spikes)
    last = mended.shape[1] - 1
    mended[rows, strips] = (
        mended[rows, np.where(strips, strips - 1, 1)]
        + mended[rows, np.where(strips < last, strips + 1, last - 1)]) / 2
    return mended


def removed(raw: RawSpectra, rows: NDArray[np.intp], rule: SpikeRule,
            settings: Settings,
            ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return those of the rows (R,) of raw spectra (P, n) that have spikes,
    and their spectra without, (K, n) raw.

    Masked strips are bridged before, and keep their raw values.
    """
    kept, clean = [], []
    for first in range(0, len(rows), _CHUNK):
        some = rows[first:first + _CHUNK]
        corrected = correct(raw[some], settings.dark, settings.mask)
        spikes = found(corrected, rule)
        has = np.flatnonzero(spikes.any(axis=1))
        values = bridged(corrected[has], spikes[has])
        if settings.dark is not None:
            values += np.asarray(settings.dark, np.float32)
        kept.append(some[has])
        clean.append(np.where(spikes[has], values, raw[some[has]]).astype(
            np.float32))
    if not kept:
        return rows[:0], np.empty((0, raw.shape[1]), np.float32)
    return np.concatenate(kept), np.concatenate(clean)


def replaced(train: Train, rows: NDArray[np.intp],
             clean: NDArray[np.float32]) -> Train:
    """Return a train with other spectra (R, n) in the rows (R,)."""
    if not len(rows):
        return train
    spectra = train.spectra.astype(np.float32)
    spectra[rows] = clean
    return replace(train, spectra=spectra)
