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
from typing import NamedTuple

import numpy as np

from ..errors import ConfigurationError
from .kernels.members import STEPS
from .kernels.options import LANES
from .pointwise import logits

#: floats on each side of a crossing that are classified one by one
_NEIGHBOURS = 2
#: two logits closer than this, relative to their terms, are compared exactly
_CLOSE = 1e-12
#: logits further below the best than this cannot win near a crossing
_HOPELESS = 1e-4
#: exponents of the smallest float32 and float64
_FINEST_32, _FINEST_64 = 149, 1074
_LOWEST = np.finfo(np.float32).min
_HIGHEST = np.finfo(np.float32).max


@dataclass(frozen=True, eq=False)
class StepTable:
    """Steps of every channel of every bin.

    Channel i of bin b, numbered from the bin's start, has class
    `lowest[b][i]` for the lowest y; each step e changes that: from y =
    `value[e]` on, channel `channel[e]` of bin `bin[e]` has class `after[e]`
    instead of `before[e]`. Sorted by bin, channel and value.
    """
    bins: tuple
    classes: int
    lowest: tuple
    bin: np.ndarray
    channel: np.ndarray
    value: np.ndarray
    before: np.ndarray
    after: np.ndarray

    def toggles(self, b, c):
        """(channel, value, sign) of the steps into (+1) and out of (-1) c."""
        here = (self.bin == b) & ((self.before == c) | (self.after == c))
        return (self.channel[here], self.value[here],
                np.where(self.after[here] == c, 1, -1))

    def classify(self, b, y):
        """Classes (P, n_b) of intensities y (P, n_b) float32; slow."""
        result = np.broadcast_to(self.lowest[b], y.shape).copy()
        for e in np.flatnonzero(self.bin == b):
            i = self.channel[e]
            result[y[:, i] >= self.value[e], i] = self.after[e]
        return result


def compile_members(members, axis_values, bins):
    """The `StepTable` of point-wise members; checks itself.

    Raises `ConfigurationError` if a sample of intensities gets another class
    from the table than from the network.
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
    _check(table, members, axis_values)
    return table


def _compile_bin(members, b, x):
    """(lowest, channel, value, before, after) of one bin."""
    lowest = _winner(members, b, x, np.full(len(x), _LOWEST, np.float32))
    channel, y = _candidates(members, b, x)
    nearby = [y.astype(np.float32)]
    for _ in range(_NEIGHBOURS):
        nearby.append(np.nextafter(nearby[-1], np.float32(np.inf)))
        nearby.insert(0, np.nextafter(nearby[0], np.float32(-np.inf)))
    value = np.concatenate(nearby)
    channel = np.tile(channel, len(nearby))
    keep = np.isfinite(value)
    channel, value = _distinct(channel[keep], value[keep] + np.float32(0))
    after = _winner(members, b, x[channel], value)
    before = np.empty_like(after)
    before[1:] = after[:-1]
    first = np.flatnonzero(np.diff(channel, prepend=-1))
    before[first] = lowest[channel[first]]
    steps = before != after
    return (lowest, channel[steps], value[steps], before[steps],
            after[steps])


def _distinct(channel, value):
    """Distinct pairs in order of channel, then of value (float32)."""
    bits = value.view(np.int32).astype(np.int64)
    order = bits ^ ((bits >> 31) & 0x7fffffff)      # as the floats compare
    _, first = np.unique((channel << 32) + order, return_index=True)
    return channel[first], value[first]


def _candidates(members, b, x):
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
        scale = _terms(members, b, x[channel], y)
        near = best[:, 1] - best[:, 0] <= _HOPELESS * scale
        channel, y = channel[near], y[near]
    return channel, y


def _crossings(knots, slope, level):
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
    bend = np.abs(np.diff(slope, axis=1)) > _CLOSE * np.abs(slope[:, 1:])
    touch = np.nonzero((np.abs(value) <= _CLOSE * size) & bend
                       & np.isfinite(knots))
    return (np.concatenate([channel, touch[0]]),
            np.concatenate([y, knots[touch]]))


def _terms(members, b, x, y):
    """Bound (N,) of the magnitudes that add up to the logits at x, y."""
    w1, b1, w2, b2 = (np.abs(np.asarray(a[b], np.float64)) for a in (
        members.w1, members.b1, members.w2, members.b2))
    most = w2.max(axis=1)
    return (np.abs(x) * (w1[0] @ most)
            + np.abs(y.astype(np.float64)) * (w1[1] @ most)
            + (b1 @ most + b2.max() + np.finfo(float).tiny))


def _winner(members, b, x, y):
    """Class of points x, y (N,), decided exactly where it is close."""
    value = logits(members, b, x, y)
    winner = value.argmax(axis=-1)
    best = np.sort(value, axis=-1)[:, -2:]
    close = best[:, 1] - best[:, 0] < _CLOSE * _terms(members, b, x, y)
    for e in np.flatnonzero(close):
        winner[e] = exact_winner(members, b, x[e], y[e])
    return winner


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


def _check(table, members, axis_values):
    """Compares the table with the networks on a sample of intensities."""
    rng = np.random.default_rng(0)
    for b, (start, stop) in enumerate(table.bins):
        x = axis_values[start:stop]
        y = _sample(table, b, stop - start, rng)
        value = logits(members, b, x, y)
        best = np.sort(value, axis=-1)[..., -2:]
        scale = _terms(members, b, np.broadcast_to(x, y.shape).ravel(),
                       y.ravel()).reshape(y.shape)
        clear = best[..., 1] - best[..., 0] >= _CLOSE * scale
        wrong = clear & (value.argmax(-1) != table.classify(b, y))
        if wrong.any():
            row, i = (int(k[0]) for k in np.nonzero(wrong))
            raise ConfigurationError(
                f"the thresholds of bin {b}, channel {start + i} give another "
                f"class than its network at intensity {y[row, i]!r}: use "
                "engine onnxruntime for this model and report it")


def _sample(table, b, channels, rng, rows=8):
    """Intensities (P, channels) float32 around and between the steps."""
    here = table.bin == b
    channel, value = table.channel[here], table.value[here]
    spread = np.abs(value).max(initial=1.)
    y = rng.normal(0, spread, (rows, channels)).astype(np.float32)
    y[1] = np.exp(rng.uniform(-20, 20, channels))
    y[2] = -y[1]
    place = rng.integers(3, rows, len(channel))
    y[place, channel] = value
    y[(place - 2) % (rows - 3) + 3, channel] = np.nextafter(
        value, np.float32(-np.inf))
    return y


class Steps(NamedTuple):
    """A `StepTable` as `kernels.members.count_all` takes it.

    `base`, `start`, `stop` (B, C); `length` (B,); per step `channel` uint64
    offset into a block, `threshold` float32 and `sign` int32, in groups of
    `STEPS` filled up with steps that nothing reaches.
    """
    base: np.ndarray
    length: np.ndarray
    start: np.ndarray
    stop: np.ndarray
    channel: np.ndarray
    threshold: np.ndarray
    sign: np.ndarray


def as_steps(table):
    """`Steps` of a table: one list of steps per bin and class."""
    count = len(table.bins)
    base = np.zeros((count, table.classes), np.int32)
    start = np.zeros((count, table.classes), np.int64)
    stop = np.zeros_like(start)
    parts, size = [], 0
    for b, (first, _) in enumerate(table.bins):
        base[b] = np.bincount(table.lowest[b], minlength=table.classes)
        for c in range(1, table.classes):
            channel, value, sign = table.toggles(b, c)
            fill = -len(channel) % STEPS
            parts.append((
                np.pad(channel + first, (0, fill), mode="constant",
                       constant_values=first),
                np.pad(value, (0, fill), constant_values=np.inf),
                np.pad(sign, (0, fill))))
            start[b, c] = size
            size += len(channel) + fill
            stop[b, c] = size
    channel, threshold, sign = (np.concatenate(part)
                                for part in zip(*parts, strict=True))
    return Steps(base, np.array([b - a for a, b in table.bins]), start, stop,
                 channel.astype(np.uint64) * np.uint64(LANES),
                 threshold.astype(np.float32), sign.astype(np.int32))


class Slots(NamedTuple):
    """A `StepTable` for rows of channels (`kernels.rows`).

    The steps into and out of a class alternate, so a class has as many
    channels as `base` plus the counts of its slots with alternating signs.
    `steps` (S, widest bin) holds one step per channel, `first` and `used`
    (B, C) the slots of a class; `start`, `stop` (B,) the bins.
    """
    start: np.ndarray
    stop: np.ndarray
    base: np.ndarray
    first: np.ndarray
    used: np.ndarray
    steps: np.ndarray


def as_slots(table):
    """`Slots` of float32 intensities: a step is passed at or above it."""
    start, stop = np.array(table.bins, np.int64).T
    count = len(table.bins)
    widest = int((stop - start).max())
    first = np.zeros((count, table.classes), np.int64)
    used = np.zeros_like(first)
    rows = [np.zeros((0, widest), np.float32)]
    for b in range(count):
        for c in range(1, table.classes):
            first[b, c] = sum(map(len, rows))
            rows.append(_class_slots(table, b, c, widest))
            used[b, c] = len(rows[-1])
    return Slots(start, stop, np.zeros((count, table.classes), np.int64),
                 first, used, np.concatenate(rows))


def _class_slots(table, b, c, widest):
    """Steps (K, widest) of class c, -inf first where it is the lowest."""
    inside = table.lowest[b] == c
    channel, value, _ = table.toggles(b, c)
    place = np.arange(len(channel)) - np.searchsorted(channel, channel)
    place += inside[channel]
    depth = max(place.max(initial=-1), int(inside.any()) - 1) + 1
    steps = np.full((depth, widest), np.inf, np.float32)
    if depth:
        steps[0, :len(inside)][inside] = -np.inf
    steps[place, channel] = value
    return steps


def as_words(slots, dark):
    """`Slots` of uint16 words: a step is passed above it.

    For each step the smallest word w for which float32(w - dark) reaches it
    is found exactly; a step that every word reaches moves to `base`.
    """
    words = np.full(slots.steps.shape, 65535, np.uint16)
    base = slots.base.copy()
    for b, (start, stop) in enumerate(zip(slots.start, slots.stop,
                                          strict=True)):
        level = np.asarray(dark, np.float32)[start:stop].astype(np.float64)
        for c in range(1, base.shape[1]):
            for k in range(slots.used[b, c]):
                row = slots.first[b, c] + k
                lowest = _lowest_word(slots.steps[row, :stop - start], level)
                words[row, :stop - start] = np.clip(lowest - 1, 0, 65535)
                always = lowest <= 0
                words[row, :stop - start][always] = 65535
                base[b, c] += (1 - 2 * (k % 2)) * np.count_nonzero(always)
    return slots._replace(base=base, steps=words)


def _lowest_word(steps, dark):
    """Smallest integers w with float32(w - dark) >= steps, as float64."""
    guess = np.ceil(np.clip(steps.astype(np.float64) + dark, -2., 65537.))
    lowest = guess + 2
    for shift in (1, 0, -1, -2):
        word = guess + shift
        reaches = (word - dark).astype(np.float32) >= steps
        lowest = np.where(reaches, word, lowest)
    return lowest
