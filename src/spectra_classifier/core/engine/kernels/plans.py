"""Constants and scratch arrays in the form that the kernels take."""
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...bins import Bins
from ...model_definition import Baseline, LinearMembers, MlpMembers
from ...preprocessing import baseline as rules
from . import exact, reduced
from .intervals import RUN
from .lanes import TILE
from .members import GROUP
from .options import LANES

#: lam / (p step^4) above which float32 no longer refines
_STIFFEST = 1e6
#: bytes of a line of the cache
_LINE = 64


class Level(NamedTuple):
    """One knot step: constants of `reduced.iterate`.

    `step`: a tuple whose length is the step; `table` (m, 6) and `lam`,
    over step^3, in the type to solve in; `p` float32; `solves` int.
    """
    step: tuple[int, ...]
    table: NDArray[np.floating]
    lam: np.floating
    p: np.float32
    solves: int


class Exact(NamedTuple):
    """Constants of `exact.iterate`: `table` (n, 2) float64, bands 0 and 1."""
    table: NDArray[np.float64]
    lam: float
    p: float
    solves: int


def levels(baseline: Baseline, channels: int) -> tuple[Level, Level, Level]:
    """Return three levels, coarse to fine; unused ones have no solves.

    They are the stages of a reduced baseline (`baseline.stages`).
    """
    stages = rules.stages(baseline)
    unused = (stages[0][0], 0)
    step = stages[-1][0]
    stiffness = baseline.lam / step ** 4 / baseline.p
    real = np.float32 if stiffness < _STIFFEST else np.float64
    coarse, middle, fine = (
        _level(baseline, step, solves, channels, real) for step, solves in (
            *[unused] * (3 - len(stages)), *stages))
    return coarse, middle, fine


def exact_plan(baseline: Baseline, channels: int) -> Exact:
    """Return the constants of the exact solver."""
    bands = rules.penalty_bands(channels, baseline.lam)
    return Exact(np.ascontiguousarray(bands[:2].T), float(baseline.lam),
                 float(baseline.p), int(baseline.iterations))


class Run(NamedTuple):
    """Everything between raw counts and members, of one model and run.

    `dark` (n,) float32; `holes`, `left`, `right` int64 and `share` float64:
    masked strips (`preprocess.bridge`); `reduced`, `exact`: which
    baseline; `levels`, `plan`: its constants; `normalisation`: its number
    in `model_definition.NORMALISATIONS`; `references` (C, n) float32; `width`
    channels per mean and `compared` (C + K, G) float32, or (0, 1): what the
    means are multiplied with (`within_class_variation.Comparison`); `spikes`
    counts of float32 by which a spike stands out at least, inf for none.
    """
    dark: NDArray[np.float32]
    holes: NDArray[np.int64]
    left: NDArray[np.int64]
    right: NDArray[np.int64]
    share: NDArray[np.float64]
    reduced: bool
    exact: bool
    levels: tuple[Level, Level, Level]
    plan: Exact
    normalisation: int
    references: NDArray[np.float32]
    width: int
    compared: NDArray[np.float32]
    spikes: np.float32


class Net(NamedTuple):
    """Members that see whole bins, all weights in two arrays each.

    Bin b has channels start[b] ... stop[b] - 1 and rows from row[b] on of
    `w1` (rows, H); `b1` (B, H); if `deep`, `w2` (B, H, C) and `b2` (B, C)
    follow, else H = C. All float32.
    """
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    row: NDArray[np.int64]
    w1: NDArray[np.float32]
    b1: NDArray[np.float32]
    w2: NDArray[np.float32]
    b2: NDArray[np.float32]
    deep: bool


class Scratch(NamedTuple):
    """Arrays that one shard of a train works in; see where they are used.

    `suspect` (R,) of the whole train gets whether a spectrum may have spikes;
    empty where that is not asked for.
    """
    rows: NDArray[np.int64]
    block: NDArray[np.float32]
    tile: NDArray[np.uint64]
    work: NDArray[np.floating]
    sums: tuple[NDArray[np.float32], ...]
    carry: NDArray[np.floating]
    channels: NDArray[np.float64]
    highest: NDArray[np.float32]
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    factor: NDArray[np.float32]
    total: NDArray[np.int32]
    products: NDArray[np.float64]
    groups: NDArray[np.float32]
    pooled: NDArray[np.float32]
    hidden: NDArray[np.float32]
    logits: NDArray[np.float32]
    suspect: NDArray[np.bool_]


def scratch(run: Run, hidden: int = 1) -> Scratch:
    """Return scratch arrays for members with at most `hidden` units."""
    coarse, _, fine = run.levels
    cells = len(coarse.table) * len(coarse.step)
    rows = len(fine.table) + reduced.BEFORE + reduced.BEHIND
    classes, channels = run.references.shape
    compared, groups = run.compared.shape
    rows_exact = (channels + exact.BEFORE + exact.BEHIND) * run.exact
    return Scratch(
        rows=_aligned(LANES, np.int64),
        block=_aligned(max(cells, RUN) * LANES, np.float32, np.inf),
        tile=_aligned(TILE * LANES, np.uint64),
        work=_aligned(rows * reduced.PLANES * LANES, fine.lam.dtype),
        sums=tuple(_aligned(cells // len(level.step) * 2 * LANES, np.float32)
                   for level in run.levels),
        carry=_aligned(4 * LANES, fine.lam.dtype),
        channels=_aligned(rows_exact * exact.PLANES * LANES, np.float64),
        highest=_aligned(LANES, np.float32),
        mean=_aligned(LANES, np.float64), spread=_aligned(LANES, np.float64),
        factor=_aligned(LANES, np.float32),
        total=_aligned(LANES, np.int32),
        products=_aligned((max(classes, compared) + 1) * LANES, np.float64),
        groups=_aligned(channels // GROUP * LANES * (compared > 0),
                        np.float32),
        pooled=_aligned(groups * LANES, np.float32),
        hidden=_aligned(max(hidden, classes) * LANES, np.float32),
        logits=_aligned(classes * LANES, np.float32),
        suspect=np.zeros(0, np.bool_))


def _aligned[Scalar: np.generic](
        count: int, dtype: type[Scalar] | np.dtype[Scalar],
        value: float = 0.) -> NDArray[Scalar]:
    """`count` times a value, from the start of a line of the cache on.

    A vector register is as long as a line: from anywhere else each move of
    one touches two, and a baseline takes a tenth longer.
    """
    size = count * np.dtype(dtype).itemsize
    memory = np.empty(size + _LINE, np.uint8)
    first = -memory.ctypes.data % _LINE
    array = memory[first:first + size].view(dtype)
    array[:] = value
    return array


def _level(baseline: Baseline, step: int, solves: int, channels: int,
           real: type[np.float32] | type[np.float64]) -> Level:
    lam = baseline.lam / step ** 3
    count = rules.knots(channels, step) if step > 1 else channels + 1
    place = np.arange(count * step) % step / step
    inside = np.arange(count * step) < channels
    table = np.zeros((count, 6), real)
    for power in range(3):
        table[:, power] = (inside * place ** power).reshape(
            count, step).sum(axis=1)
    table[:, 3:] = rules.penalty_bands(count, lam).T
    return Level((0,) * step, table, real(lam), np.float32(baseline.p),
                 solves)


def net(members: LinearMembers | MlpMembers, bins: Bins) -> Net:
    """`Net` of linear or MLP members; hidden layers padded to the widest."""
    start, stop = np.array(bins, np.int64).T
    row = np.concatenate([[0], np.cumsum(stop - start)[:-1]])
    if members.kind == "linear":
        w1 = np.concatenate([np.asarray(coef).T for coef in members.coef])
        b1 = members.intercept
        w2 = np.zeros((len(bins), 1, b1.shape[1]), np.float32)
        return _net(start, stop, row, w1, b1, w2, b1, False)
    width = max(len(b) for b in members.b1)

    def padded(array: NDArray[np.float32], axis: int) -> NDArray[np.float32]:
        room = [(0, 0)] * np.ndim(array)
        room[axis] = 0, width - np.shape(array)[axis]
        return np.pad(array, room)

    return _net(start, stop, row,
                np.concatenate([padded(w, 1) for w in members.w1]),
                np.stack([padded(b, 0) for b in members.b1]),
                np.stack([padded(w, 0) for w in members.w2]),
                np.stack(members.b2), True)


def _net(start: NDArray[np.int64], stop: NDArray[np.int64],
         row: NDArray[np.int64], w1: NDArray[np.float32],
         b1: NDArray[np.float32], w2: NDArray[np.float32],
         b2: NDArray[np.float32], deep: bool) -> Net:
    w1, b1, w2, b2 = (np.ascontiguousarray(array, np.float32)
                      for array in (w1, b1, w2, b2))
    return Net(start, stop, row, w1, b1, w2, b2, deep)
