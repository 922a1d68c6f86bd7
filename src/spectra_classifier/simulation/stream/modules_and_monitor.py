"""A second detector module and a monitor of the pulse energies."""
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.preprocessing.detector_modules import APPENDED, OFF
from ...errors import ConfigurationError
from ..train import SourceTrain

#: uJ, mean energy of a simulated pulse
MEAN_ENERGY = 1000.
#: arrays with one value per strip
_PER_STRIP = "adc", "gain"


def check_split(how: str, channels: int) -> None:
    """Check that the strips can be divided between two modules.

    Raises
    ------
    ConfigurationError
        If they cannot.
    """
    if how != OFF and channels % 2:
        raise ConfigurationError(
            f"source.moduleSplit {how!r}: {channels} channels cannot be "
            "halved; set it to off")


def half(arrays: Mapping[str, NDArray[Any]], how: str,
         second: bool) -> Mapping[str, NDArray[Any]]:
    """The arrays of one of two modules.

    Parameters
    ----------
    arrays
        {name: array} of both, also with faults.
    how
        One of `detector_modules.JOINS`.
    second
        Whether it is that of the follower.
    """
    if how == OFF:
        return arrays
    return {name: _half(array, how, second)
            if name in _PER_STRIP and array.ndim else array
            for name, array in arrays.items()}


def _half(array: NDArray[Any], how: str, second: bool) -> NDArray[Any]:
    if how == APPENDED:
        middle = array.shape[-1] // 2
        part = array[..., middle:] if second else array[..., :middle]
    else:
        part = array[..., int(second)::2]
    return np.ascontiguousarray(part)


def energies(train: SourceTrain) -> NDArray[np.float32] | None:
    """Pulse energies (P,) in uJ that the monitor shows.

    None where the source has no monitor.
    """
    if train.energy is None:
        return None
    return (MEAN_ENERGY * train.energy).astype(np.float32)
