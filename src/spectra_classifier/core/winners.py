"""Which class a network of (x, y) gives a point: in float64, or exactly.

Float64 decides unless the two best logits are closer than its rounding; then
integers do, in which weights, x and y are what their bits say.
"""
import numpy as np

from .pointwise import logits

#: two logits closer than this, relative to their terms, are compared exactly
CLOSE = 1e-12
#: exponents of the smallest float32 and float64
_FINEST_32, _FINEST_64 = 149, 1074


def terms(members, b, x, y):
    """Bound (N,) of the magnitudes that add up to the logits at x, y."""
    w1, b1, w2, b2 = (np.abs(np.asarray(a[b], np.float64)) for a in (
        members.w1, members.b1, members.w2, members.b2))
    most = w2.max(axis=1)
    return (np.abs(x) * (w1[0] @ most)
            + np.abs(y.astype(np.float64)) * (w1[1] @ most)
            + (b1 @ most + b2.max() + np.finfo(float).tiny))


def winner(members, b, x, y):
    """Class of points x, y (N,), decided exactly where it is close."""
    value = logits(members, b, x, y)
    best_class = value.argmax(axis=-1)
    best = np.sort(value, axis=-1)[:, -2:]
    close = best[:, 1] - best[:, 0] < CLOSE * terms(members, b, x, y)
    for e in np.flatnonzero(close):
        best_class[e] = exact_winner(members, b, x[e], y[e])
    return best_class


def exact_winner(members, b, x, y):
    """Class of one point in exact integer arithmetic."""
    w1, b1, w2, b2 = (_whole(a[b], _FINEST_32) for a in (
        members.w1, members.b1, members.w2, members.b2))
    x, y = (_whole(v, _FINEST_64) for v in (x, y))
    value = b2 << (_FINEST_32 + _FINEST_64)
    for h in range(len(b1)):
        hidden = w1[0, h] * x + w1[1, h] * y + (b1[h] << _FINEST_64)
        if hidden > 0:
            value = value + w2[h] * hidden
    return int(np.argmax(value))


def _whole(values, finest):
    """Floats as Python integers, in units of 2^-finest."""
    def one(value):
        numerator, denominator = float(value).as_integer_ratio()
        return (numerator << finest) // denominator

    return np.vectorize(one, otypes=[object])(values)
