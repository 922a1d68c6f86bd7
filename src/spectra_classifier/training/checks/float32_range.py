"""Can float32, in which an engine computes, hold the structure of spectra?"""
import numpy as np
from numpy.typing import NDArray

from ...errors import InputError

#: structure below which squares of small differences vanish
_SMALLEST = 1e-13
#: structure over intensity below which hardly a digit of it is left
_LOST = 1e-4
#: spectra that this is judged on, about
_SAMPLE = 250


def is_plain(spectra: NDArray[np.number]) -> bool:
    """Whether raw spectra (N, channels) can be taken as they are.

    Not in very small units, nor with a structure that is a small part of a
    constant offset. Normalised they can.
    """
    size, structure = _size_and_structure(spectra)
    return structure > max(_SMALLEST, _LOST * size)


def check(spectra: NDArray[np.number]) -> None:
    """Check spectra that are not normalised.

    Raises
    ------
    InputError
        If their structure is lost in a constant offset.
    """
    size, structure = _size_and_structure(spectra)
    if not structure > _LOST * size:
        raise InputError(
            f"the structure of a spectrum ({structure:.3g}) is too small a "
            f"part of its intensity ({size:.3g}) to compute with: subtract a "
            "dark, or train with --normalisation snv or --members auto")


def _size_and_structure(spectra: NDArray[np.number]) -> tuple[float, float]:
    some = np.asarray(spectra[::max(len(spectra) // _SAMPLE, 1)], np.float64)
    return (float(np.median(np.abs(some).max(axis=1))),
            float(np.median(some.std(axis=1))))
