"""What stands beside the spectrometer: a second module and a monitor."""
import numpy as np

from ...core.preprocessing.detector_modules import APPENDED, OFF
from ...errors import ConfigurationError

#: uJ, mean energy of a simulated pulse
MEAN_ENERGY = 1000.
#: arrays with one value per strip
_PER_STRIP = "adc", "gain"


def check_split(how, channels):
    """`ConfigurationError` where the strips cannot be halved."""
    if how != OFF and channels % 2:
        raise ConfigurationError(
            f"moduleSplit {how!r}: {channels} channels cannot be halved; "
            "set it to off")


def half(arrays, how, second):
    """The arrays of one of two modules, {name: array}.

    `how`: one of `core.modules.JOINS`; `second`: that of the follower. What
    a fault has made of the arrays is passed on.
    """
    if how == OFF:
        return arrays
    return {name: _half(array, how, second)
            if name in _PER_STRIP and array.ndim else array
            for name, array in arrays.items()}


def _half(array, how, second):
    if how == APPENDED:
        middle = array.shape[-1] // 2
        part = array[..., middle:] if second else array[..., :middle]
    else:
        part = array[..., int(second)::2]
    return np.ascontiguousarray(part)


def energies(train):
    """(P,) float32 pulse energies in uJ as the monitor shows them, None
    where the source has no monitor."""
    if train.energy is None:
        return None
    return (MEAN_ENERGY * train.energy).astype(np.float32)
