"""From raw counts to what the members see: the float64 reference path."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model_definition import Preprocessing
from .baseline import asls

#: a smaller mean has no inverse among the numbers of 32 bits
SMALLEST_AREA = 1 / float(np.finfo(np.float32).max)


def correct(spectra: ArrayLike, dark: NDArray[np.float32] | None = None,
            mask: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Return spectra minus dark with masked strips interpolated, (P, n).

    A masked strip becomes the straight line between its nearest valid
    neighbours, or the nearest valid one at the edges.

    Parameters
    ----------
    spectra
        (P, n) raw, any real type.
    dark
        (n,) in raw units, or None.
    mask
        (n,) True where a strip is masked, or None.
    """
    with np.errstate(invalid="ignore"):     # signalling NaN, as any other
        corrected = np.array(spectra, np.float64)
    if dark is not None:
        corrected -= np.asarray(dark, np.float32)
    if mask is not None and np.any(mask):
        left, right, share = bridge(np.asarray(mask, bool))
        holes = np.flatnonzero(mask)
        corrected[:, holes] = (
            (1 - share) * corrected[:, left] + share * corrected[:, right])
    return corrected


def bridge(
        mask: NDArray[np.bool_],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float64]]:
    """Return neighbours and interpolation weight of each masked strip.

    The strip becomes (1 - share) * y[left] + share * y[right].

    Returns
    -------
    left, right : NDArray[np.intp]
        (M,) for M masked strips.
    share : NDArray[np.float64]
        (M,).
    """
    holes, valid = np.flatnonzero(mask), np.flatnonzero(~mask)
    after = np.searchsorted(valid, holes)
    left = valid[np.maximum(after - 1, 0)]
    right = valid[np.minimum(after, len(valid) - 1)]
    left = np.where(after == 0, right, left)
    distance = right - left
    share = np.where(distance > 0, (holes - left) / np.maximum(distance, 1),
                     0.)
    return left, right, share


def preprocess(spectra: ArrayLike, preprocessing: Preprocessing,
               dark: NDArray[np.float32] | None = None,
               mask: NDArray[np.bool_] | None = None) -> NDArray[np.float32]:
    """Return preprocessed spectra (P, n): the input of members and ONNX graph.

    Order: dark, mask, baseline, normalisation.

    Parameters
    ----------
    spectra
        (P, n) raw, finite. Values too large for float32 become Inf.
    dark
        (n,) in raw units, or None.
    mask
        (n,) True where a strip is masked, or None.
    """
    corrected = correct(spectra, dark, mask)
    if preprocessing.baseline.mode != "none":
        corrected -= asls(corrected, preprocessing.baseline)
    with np.errstate(over="ignore"):
        return normalise(corrected, preprocessing.of_spectrum).astype(
            np.float32)


def normalise[Floating: np.floating](
        spectra: NDArray[Floating], kind: str) -> NDArray[Floating]:
    """Return normalised spectra (P, n) of the same type.

    A spectrum without area (a mean above `SMALLEST_AREA`) or spread becomes
    zero: the gate should have rejected it.

    Parameters
    ----------
    kind
        "none"; "area": divided by the mean over channels; "snv" (standard
        normal variate, Barnes and others 1989): mean subtracted, divided by
        the population standard deviation.
    """
    if kind == "none":
        return spectra
    mean = spectra.mean(axis=1, dtype=np.float64, keepdims=True)
    if kind == "area":
        centre, scale, least = 0., mean, SMALLEST_AREA
    else:
        centre, least = mean, 0.
        scale = np.sqrt(np.square(spectra - mean).mean(axis=1, keepdims=True))
    usable = scale > least
    factor = np.divide(1., scale, out=np.zeros_like(mean), where=usable)
    return ((spectra - centre) * factor).astype(spectra.dtype)
