"""Where two logits of a network of (x, y) cross, channel by channel.

At one channel a logit is piecewise linear in y, with a bend at -c / w of each
hidden unit relu(w y + c). Sorted by their bends, the units add up to slope
and level of every segment.
"""
import numpy as np
from numpy.typing import NDArray

from ...model_definition import PointwiseMembers
from ..reference_members import logits
from .exact_winner import CLOSE, terms

#: logits further below the best than this cannot win near a crossing
_HOPELESS = 1e-4
_HIGHEST = np.finfo(np.float32).max


def candidates(
        members: PointwiseMembers,
        b: int,
        x: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """(channel, y): every place where the winning class may change."""
    wx, wy = np.asarray(members.w1[b], np.float64)
    c = wx * x[:, None] + np.asarray(members.b1[b], np.float64)
    w2 = np.asarray(members.w2[b], np.float64)
    b2 = np.asarray(members.b2[b], np.float64)
    bent = wy != 0
    constant = np.maximum(c[:, ~bent], 0) @ w2[~bent] + b2
    wy, c, w2 = wy[bent], c[:, bent], w2[bent]
    knots = -c / wy
    order = np.argsort(knots, axis=1)
    knots = np.take_along_axis(knots, order, 1)
    # passing a knot upwards switches a unit on (wy > 0) or off (wy < 0)
    slope_change = (np.abs(wy)[:, None] * w2)[order]
    level_change = np.take_along_axis(np.sign(wy) * c, order, 1)[
        ..., None] * w2[order]
    off = np.minimum(np.sign(wy), 0)
    slope = (wy * -off) @ w2
    level = constant + (c * -off) @ w2
    start = np.zeros((len(x), 1, w2.shape[1]))
    slope = slope + np.concatenate(
        [start, np.cumsum(slope_change, axis=1)], axis=1)
    level = level[:, None] + np.concatenate(
        [start, np.cumsum(level_change, axis=1)], axis=1)
    found = [_crossings(knots, slope[..., i] - slope[..., j],
                        level[..., i] - level[..., j])
             for i in range(w2.shape[1]) for j in range(i)]
    channel, y = (np.concatenate(part) for part in zip(*found, strict=True))
    inside = np.abs(y) <= _HIGHEST
    channel, y = channel[inside], y[inside]
    if w2.shape[1] > 2:
        value = logits(members, b, x[channel], y)
        best = np.sort(value, axis=1)[:, -2:]
        scale = terms(members, b, x[channel], y)
        near = best[:, 1] - best[:, 0] <= _HOPELESS * scale
        channel, y = channel[near], y[near]
    return channel, y


def _crossings(
        knots: NDArray[np.float64],
        slope: NDArray[np.float64],
        level: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """(channel, y) where the difference slope y + level changes its sign.

    `knots` (n, H) sorted; `slope`, `level` (n, H + 1) of the segments.
    """
    value = slope[:, :-1] * knots + level[:, :-1]
    left = np.where(slope[:, 0] != 0, -slope[:, 0], level[:, 0])
    right = np.where(slope[:, -1] != 0, slope[:, -1], level[:, -1])
    positive = np.concatenate(
        [left[:, None] > 0, value > 0, right[:, None] > 0], axis=1)
    channel, segment = np.nonzero(positive[:, 1:] != positive[:, :-1])
    edges = np.pad(knots, ((0, 0), (1, 1)),
                   constant_values=((0, 0), (-np.inf, np.inf)))
    low, high = edges[channel, segment], edges[channel, segment + 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = -level[channel, segment] / slope[channel, segment]
    y = np.clip(np.where(np.isfinite(y), y, low), low, high)
    # a tie at a knot without a crossing is a class of a single point
    size = np.abs(slope[:, :-1] * knots) + np.abs(level[:, :-1])
    bend = np.abs(np.diff(slope, axis=1)) > CLOSE * np.abs(slope[:, 1:])
    touch = np.nonzero((np.abs(value) <= CLOSE * size) & bend
                       & np.isfinite(knots))
    return (np.concatenate([channel, touch[0]]),
            np.concatenate([y, knots[touch]]))
