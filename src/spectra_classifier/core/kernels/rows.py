"""One spectrum at a time: quality, and steps without a baseline."""
import numpy as np

from .options import kernel, sum_kernel


@sum_kernel
def _total(values):
    """Sum in float64 (exact for uint16)."""
    total = np.float64(0)
    for i in range(len(values)):
        total += np.float64(values[i])
    return total


@kernel
def _reaches(values, level):
    """Whether any value is at or above `level`."""
    count = 0
    for i in range(len(values)):
        count += values[i] >= level
    return count > 0


@kernel
def assess(raw, first, last, starts, stops, saturation, mean, saturated):
    """Mean raw value over valid strips, and whether any is saturated.

    Valid strips are the runs starts[j] ... stops[j] - 1. `mean` float64 is
    NaN or Inf exactly where a valid value is.
    """
    valid = (stops - starts).sum()
    for row in range(first, last):
        total = np.float64(0)
        high = False
        for run in range(len(starts)):
            values = raw[row, starts[run]:stops[run]]
            total += _total(values)
            high |= _reaches(values, saturation)
        mean[row] = total / valid
        saturated[row] = high


@sum_kernel
def _crossed_float(values, steps):
    count = np.int32(0)
    for i in range(len(values)):
        count += np.int32(values[i] >= steps[i])
    return count


@sum_kernel
def _crossed_word(values, steps):
    count = np.uint16(0)
    for i in range(len(values)):
        count = np.uint16(count + np.uint16(values[i] > steps[i]))
    return np.int32(count)
