"""Point-wise networks compiled to exact thresholds.

At one channel x is fixed, so every logit of a network with one hidden ReLU
layer is piecewise linear in the intensity y and the winning class a step
function of y. The steps are found once: where two logits cross, the float32
values around the crossing are classified in float64, or in integers where
float64 cannot tell. The table then gives for *every* finite float32 y
the class that `pointwise` gives: the largest logit, the first in a tie.

One hidden layer of H units has at most (C - 1) (H + 1) steps per channel;
trained ones have one to three.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ....errors import ConfigurationError
from ...bins import Bins
from ...cooperative import yield_to_trains
from ...model_definition import PointwiseMembers
from .crossings import candidates
from .exact_winner import winner
from .kernel_layouts import as_intervals, as_steps, as_words
from .self_check import check

__all__ = ["StepTable", "as_intervals", "as_steps", "as_words",
           "compile_members"]

#: floats on each side of a crossing that are classified one by one
_NEIGHBOURS = 2
_LOWEST = np.finfo(np.float32).min


@dataclass(frozen=True, eq=False)
class StepTable:
    """Steps of every channel of every bin.

    Sorted by bin, channel and value; E steps.

    Attributes
    ----------
    classes
        Number of classes.
    lowest
        Per bin (n_b,) the class of each channel, numbered from the start of
        the bin, for the lowest intensities.
    bin, channel
        (E,) of each step.
    value
        (E,) intensity from which on the step applies.
    before, after
        (E,) class below and from `value` on.
    """
    bins: Bins
    classes: int
    lowest: tuple[NDArray[np.intp], ...]
    bin: NDArray[np.intp]
    channel: NDArray[np.intp]
    value: NDArray[np.float32]
    before: NDArray[np.intp]
    after: NDArray[np.intp]

    def toggles(
            self,
            b: int,
            c: int,
    ) -> tuple[NDArray[np.intp], NDArray[np.float32], NDArray[np.intp]]:
        """Return channel, value, sign of the steps into (+1) or out of (-1) c.
        """
        here = (self.bin == b) & ((self.before == c) | (self.after == c))
        return (self.channel[here], self.value[here],
                np.where(self.after[here] == c, 1, -1))

    def classify(self, b: int, y: NDArray[np.float32]) -> NDArray[np.intp]:
        """Return the classes (P, n_b) of intensities y (P, n_b); slow."""
        result = np.broadcast_to(self.lowest[b], y.shape).copy()
        for e in np.flatnonzero(self.bin == b):
            i = self.channel[e]
            result[y[:, i] >= self.value[e], i] = self.after[e]
        return result


def compile_members(members: PointwiseMembers,
                    axis_values: NDArray[np.float64], bins: Bins) -> StepTable:
    """Return the step table of point-wise members, verified on a sample.

    Parameters
    ----------
    axis_values
        (n,).

    Raises
    ------
    ConfigurationError
        For weights that are not finite, or a sample of intensities that gets
        another class from the table than from the network.
    """
    for name in "w1", "b1", "w2", "b2":
        if not np.isfinite(getattr(members, name)).all():
            raise ConfigurationError(
                f"the weights {name} of the point-wise members hold NaN or "
                "Inf: train the model again")
    parts = [_compile_bin(members, b, axis_values[start:stop])
             for b, (start, stop) in enumerate(bins)]
    lowest = tuple(part[0] for part in parts)
    number = np.concatenate([np.full(len(part[1]), b)
                             for b, part in enumerate(parts)])
    table = StepTable(
        tuple(bins), members.w2.shape[2], lowest, number,
        *(np.concatenate([part[k] for part in parts])
          for k in range(1, 5)))
    check(table, members, axis_values)
    return table


def _compile_bin(
        members: PointwiseMembers,
        b: int,
        x: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.float32],
           NDArray[np.intp], NDArray[np.intp]]:
    """(lowest, channel, value, before, after) of one bin."""
    yield_to_trains()
    lowest = winner(members, b, x, np.full(len(x), _LOWEST, np.float32))
    yield_to_trains()
    channel, y = candidates(members, b, x)
    yield_to_trains()
    nearby = [y.astype(np.float32)]
    for _ in range(_NEIGHBOURS):
        nearby.append(np.nextafter(nearby[-1], np.float32(np.inf)))
        nearby.insert(0, np.nextafter(nearby[0], np.float32(-np.inf)))
    value = np.concatenate(nearby)
    channel = np.tile(channel, len(nearby))
    keep = np.isfinite(value)
    channel, value = _distinct(channel[keep], value[keep] + np.float32(0))
    yield_to_trains()
    after = winner(members, b, x[channel], value)
    before = np.empty_like(after)
    before[1:] = after[:-1]
    first = np.flatnonzero(np.diff(channel, prepend=-1))
    before[first] = lowest[channel[first]]
    steps = before != after
    return (lowest, channel[steps], value[steps], before[steps],
            after[steps])


def _distinct(
        channel: NDArray[np.intp],
        value: NDArray[np.float32],
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Distinct pairs in order of channel, then of value (float32)."""
    bits = value.view(np.int32).astype(np.int64)
    order = bits ^ ((bits >> 31) & 0x7fffffff)      # as the floats compare
    _, first = np.unique((channel << 32) + order, return_index=True)
    return channel[first], value[first]
