"""The class that a network of (x, y) gives a point: in float64, or exactly.

Float64 decides unless the two best logits are closer than its rounding; then
integer arithmetic decides, with the exact values of weights, x and y.
"""
from collections.abc import Iterable
from operator import mul

import numpy as np
from numpy.typing import NDArray

from ...cooperative import yield_to_trains
from ...model_definition import PointwiseMembers
from ..reference_members import logits

#: two logits closer than this, relative to their terms, are compared exactly
CLOSE = 1e-12


def terms(members: PointwiseMembers, b: int, x: NDArray[np.float64],
          y: NDArray[np.floating]) -> NDArray[np.float64]:
    """Bound (N,) of the magnitudes that add up to the logits at x, y."""
    w1, b1, w2, b2 = (np.abs(np.asarray(a[b], np.float64)) for a in (
        members.w1, members.b1, members.w2, members.b2))
    most = w2.max(axis=1)
    return (np.abs(x) * (w1[0] @ most)
            + np.abs(y.astype(np.float64)) * (w1[1] @ most)
            + (b1 @ most + b2.max() + np.finfo(float).tiny))


def winner(members: PointwiseMembers, b: int, x: NDArray[np.float64],
           y: NDArray[np.float32]) -> NDArray[np.intp]:
    """Return the class of points x, y (N,), exact where it is close."""
    value = logits(members, b, x, y)
    best_class = value.argmax(axis=-1)
    best = np.sort(value, axis=-1)[:, -2:]
    close = best[:, 1] - best[:, 0] < CLOSE * terms(members, b, x, y)
    if close.any():
        exact = ExactNetwork(members, b)
        for at in np.flatnonzero(close):
            yield_to_trains()
            best_class[at] = exact.winner(float(x[at]), float(y[at]))
    return best_class


class ExactNetwork:
    """The network of bin b in integer arithmetic, unit by unit.

    A float is an integer over a power of two. With weights over 2^w and a
    point over 2^p, hidden units are integers over 2^(w + p) and logits over
    2^(2 w + p), of any size: nothing is rounded.
    """

    def __init__(self, members: PointwiseMembers, b: int) -> None:
        w1, b1, w2, b2 = (np.asarray(a[b], np.float64) for a in (
            members.w1, members.b1, members.w2, members.b2))
        parts = [part.tolist() for part in (*w1, b1, *w2.T, b2)]
        self._finest = _finest(value for part in parts for value in part)
        self._wx, self._wy, self._b1, *self._w2, self._b2 = (
            [_whole(value, self._finest) for value in part]
            for part in parts)

    def winner(self, x: float, y: float) -> int:
        """Class of the point (x, y), the first in a tie."""
        finest = _finest((x, y))
        x, y = _whole(x, finest), _whole(y, finest)
        hidden = [max(wx * x + wy * y + (offset << finest), 0)
                  for wx, wy, offset in zip(self._wx, self._wy, self._b1,
                                            strict=True)]
        scale = self._finest + finest
        value = [sum(map(mul, weights, hidden)) + (offset << scale)
                 for weights, offset in zip(self._w2, self._b2, strict=True)]
        return value.index(max(value))


def _finest(values: Iterable[float]) -> int:
    """Smallest exponent f for which every value is an integer over 2^f."""
    return max(value.as_integer_ratio()[1].bit_length() - 1
               for value in values)


def _whole(value: float, finest: int) -> int:
    """value times 2^finest, an integer."""
    numerator, denominator = value.as_integer_ratio()
    return (numerator << finest) // denominator
