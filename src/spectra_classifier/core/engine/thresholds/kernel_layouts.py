"""Steps of point-wise members in the layouts that the kernels take.

`Steps` for blocks of preprocessed spectra, one spectrum per SIMD lane;
`Intervals` for rows of channels, uint16 words among them.
"""
from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..kernels.intervals import RUN
from ..kernels.members import STEPS
from ..kernels.options import LANES

if TYPE_CHECKING:
    from .compile import StepTable

#: how many different words there are
_WORDS = 65536


class Steps(NamedTuple):
    """A `StepTable` as `kernels.members.count_all` takes it.

    `base` (B, C); `length` (B,); per step `channel` uint64 offset into a block
    and `threshold` float32, in groups of `STEPS` filled up with steps that
    nothing reaches. Those into a class are `start` ... `turn` - 1, those out
    of it `turn` ... `stop` - 1 (B, C).
    """
    base: NDArray[np.int32]
    length: NDArray[np.int64]
    start: NDArray[np.int64]
    turn: NDArray[np.int64]
    stop: NDArray[np.int64]
    channel: NDArray[np.uint64]
    threshold: NDArray[np.float32]


def as_steps(table: StepTable) -> Steps:
    """`Steps` of a table: two lists of steps per bin and class."""
    count = len(table.bins)
    base = np.zeros((count, table.classes), np.int32)
    edges = np.zeros((3, count, table.classes), np.int64)
    parts, size = [], 0
    for b, (first, _) in enumerate(table.bins):
        base[b] = np.bincount(table.lowest[b], minlength=table.classes)
        for c in range(1, table.classes):
            channel, value, sign = table.toggles(b, c)
            edges[0, b, c] = size
            for k, by in enumerate((1, -1), start=1):
                some = np.flatnonzero(sign == by)
                fill = -len(some) % STEPS
                parts.append((
                    np.append(channel[some], np.zeros(fill, np.intp)) + first,
                    np.append(value[some], np.full(fill, np.inf, np.float32))))
                size += len(some) + fill
                edges[k, b, c] = size
    channel, threshold = (np.concatenate(part)
                          for part in zip(*parts, strict=True))
    start, turn, stop = edges
    return Steps(base, np.array([b - a for a, b in table.bins]), start, turn,
                 stop, channel.astype(np.uint64) * np.uint64(LANES),
                 threshold.astype(np.float32))


class Intervals(NamedTuple):
    """A `StepTable` as `kernels.intervals.count` takes it.

    At one channel a class holds in intervals of intensity. A run has one
    interval for each of `RUN` channels from `channel` (uint64) on, an empty
    one for those of other bins; `low`, `bound` (runs * RUN,): float32 first
    and last intensity, or uint16 first word and number of words. Class c of
    bin b has the runs `start` ... `stop` - 1 (B, C), and `base` (B, C)
    channels at every intensity; `length` (B,) channels of a bin. Runs of
    empty intervals are left out, so that a channel with many steps costs
    nothing elsewhere.
    """
    length: NDArray[np.int64]
    base: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    channel: NDArray[np.uint64]
    low: NDArray[np.float32] | NDArray[np.uint16]
    bound: NDArray[np.float32] | NDArray[np.uint16]


def as_intervals(table: StepTable, channels: int) -> Intervals:
    """`Intervals` of finite float32 intensities, in rows of `channels`.

    The kernel reads `RUN` channels of rows that are shorter.
    """
    start = np.zeros((len(table.bins), table.classes), np.int64)
    stop = np.zeros_like(start)
    runs: list[tuple[int, NDArray[np.float32], NDArray[np.float32]]] = []
    for b, (first, _) in enumerate(table.bins):
        for c in range(1, table.classes):
            start[b, c] = len(runs)
            runs += _runs(*_class_intervals(table, b, c), first, channels)
            stop[b, c] = len(runs)
    channel = np.array([run[0] for run in runs], np.uint64)
    low, bound = (np.array([run[k] for run in runs], np.float32).reshape(-1)
                  for k in (1, 2))
    return Intervals(np.array([b - a for a, b in table.bins]),
                     np.zeros_like(start), start, stop, channel, low, bound)


def _class_intervals(
        table: StepTable, b: int,
        c: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """(low, last) (K, n_b) of class c; empty ones have low +inf.

    Steps into and out of a class alternate from the lowest intensity on.
    """
    inside = table.lowest[b] == c
    channel, value, _ = table.toggles(b, c)
    place = np.arange(len(channel)) - np.searchsorted(channel, channel)
    place += inside[channel]
    depth = max(place.max(initial=-1), int(inside.any()) - 1) + 1
    steps = np.full((depth + depth % 2, len(inside)), np.inf, np.float32)
    if depth:
        steps[0, inside] = -np.inf
    steps[place, channel] = value
    # up to the float before the step that leaves; +inf where none does
    leave = np.where(np.isfinite(steps[1::2]), np.nextafter(
        steps[1::2], np.float32(-np.inf)), np.float32(np.inf))
    return steps[::2], leave


def _runs(
        low: NDArray[np.float32],
        last: NDArray[np.float32],
        first: int,
        channels: int,
) -> Iterator[tuple[int, NDArray[np.float32], NDArray[np.float32]]]:
    """(channel, low (RUN,), last (RUN,)) of a bin that starts at `first`."""
    for begin in range(0, low.shape[1], RUN):
        part = slice(begin, min(begin + RUN, low.shape[1]))
        at = max(min(first + begin, channels - RUN), 0)
        before = first + begin - at
        room = before, RUN - before - (part.stop - begin)
        for a, z in zip(low[:, part], last[:, part], strict=True):
            if np.isfinite(a).any() or (a < 0).any():
                yield (at, np.pad(a, room, constant_values=np.inf),
                       np.pad(z, room, constant_values=-np.inf))


def as_words(intervals: Intervals, dark: NDArray[np.float32]) -> Intervals:
    """The same for uint16 words, of which `dark` (n,) is subtracted.

    The smallest word w for which float32(w - dark) reaches an intensity is
    found exactly. What all words reach moves to `base`.
    """
    place = intervals.channel.astype(np.int64)[:, None] + np.arange(RUN)
    dark = np.asarray(dark, np.float32)
    level = dark[np.minimum(place, len(dark) - 1)].ravel().astype(np.float64)
    first = _lowest_word(intervals.low, level)
    behind = _lowest_word(np.nextafter(intervals.bound, np.float32(np.inf)),
                       level)
    low, end = (np.clip(words, 0, _WORDS).astype(np.int64)
                for words in (first, behind))
    count = np.maximum(end - low, 0)
    every = np.add.accumulate(np.pad((count == _WORDS).reshape(
        -1, RUN).sum(axis=1), (1, 0)))
    count[count == _WORDS] = 0
    return intervals._replace(
        base=every[intervals.stop] - every[intervals.start],
        low=low.astype(np.uint16), bound=count.astype(np.uint16))


def _lowest_word(steps: NDArray[np.float32] | NDArray[np.uint16],
                 dark: NDArray[np.float64]) -> NDArray[np.float64]:
    """Smallest integers w with float32(w - dark) >= steps, as float64."""
    guess = np.ceil(np.clip(steps.astype(np.float64) + dark, -2., 65537.))
    lowest = guess + 2
    for shift in (1, 0, -1, -2):
        word = guess + shift
        reaches = (word - dark).astype(np.float32) >= steps
        lowest = np.where(reaches, word, lowest)
    return lowest
