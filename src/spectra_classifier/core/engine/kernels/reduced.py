"""Asymmetric least squares on knots, a block of spectra at a time.

The baseline is a straight line between knots every h channels (`baseline`).
Each solve asks for the correction d of the knot values q:

    (A + lam' D'D) d = B'W (y - B q) - lam' D'D q,   lam' = lam / h^3

with the hat functions B and A = B'W B. Right sides are differences, so
float32 suffices: what rounding leaves behind, the next solve removes
(iterative refinement), which a float32 solve for q itself cannot do.

As w is p or 1 - p, the sums of a cell of h channels are p times sums over
all its channels plus (1 - 2 p) times sums over the channels below the
baseline. Of these, the number of channels and the sums of t and t^2 (t the
place in the cell) are counted together in one integer, bits 0-5, 6-14 and
15-31, enough for h = 32.

The first solves run on coarser knots and hand their result down: the
weights settle from coarse to fine, and the fixed point is the same.
"""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from .options import WIDTH, kernel

if TYPE_CHECKING:
    from .plans import Level

#: per knot: value q, right side or correction, off-diagonal c, 1 / pivot
PLANES = 4
_2, _3, _4 = (np.uintp(k) * WIDTH for k in (2, 3, 4))
_ROW = np.uintp(PLANES) * WIDTH
#: rows of zeros before the first and behind the last knot
BEFORE, BEHIND = 2, 2
_ZERO = np.float32(0)
#: longer loops are not unrolled by LLVM, and then not vectorised over lanes
_UNROLLED = 8


@kernel
def total(block: NDArray[np.float32], cells: int | np.uintp,
          sums: NDArray[np.float32], step: tuple[int, ...]) -> None:
    """Sums of y and of y t / h over each cell into `sums` [cell][2][lane].

    Channels behind the spectrum are +inf in `block` and count as nothing.
    """
    height = len(step)
    for k in range(cells):
        to = uintp(k) * _2
        at = uintp(k * height) * WIDTH
        for lane in range(WIDTH):
            level = _ZERO
            moment = _ZERO
            for t in range(height):
                y = block[at + uintp(t) * WIDTH + lane]
                y = y if y < np.float32(np.inf) else _ZERO
                level += y
                moment += np.float32(t / height) * y
            sums[to + lane] = level
            sums[to + WIDTH + lane] = moment


@kernel
def merge(fine: NDArray[np.float32], coarse: NDArray[np.float32],
          cells: int | np.uintp) -> None:
    """Sums of cells twice as long from those of `total`."""
    for k in range(cells):
        to = uintp(k) * _2
        a = uintp(2 * k) * _2
        b = a + _2
        for lane in range(WIDTH):
            coarse[to + lane] = fine[a + lane] + fine[b + lane]
            coarse[to + WIDTH + lane] = np.float32(.5) * (
                fine[a + WIDTH + lane] + fine[b + WIDTH + lane]
                + fine[b + lane])


@kernel
def _add_below(block: NDArray[np.float32], at: np.uintp, q: np.float32,
               rise: np.float32, step: tuple[int, ...], first: int,
               below: np.int32, level: np.float32,
               moment: np.float32) -> tuple[np.int32, np.float32, np.float32]:
    """Sums over channels of a cell below the line q + t rise, from `first`."""
    for j in range(min(len(step), _UNROLLED)):
        t = first + j
        y = block[at + uintp(t) * WIDTH]
        z = q + np.float32(t) * rise
        # numba would widen to int64, half as many per SIMD register
        below = (np.int32(below + np.int32(1 + (t << 6) + (t * t << 15)))
                 if y < z else below)
        level = level + y if y < z else level
        moment = (moment + np.float32(t / len(step)) * y if y < z
                  else moment)
    return below, level, moment


@kernel
def _eliminate(block: NDArray[np.float32], work: NDArray[np.floating],
               sums: NDArray[np.float32], carry: NDArray[np.floating],
               table: NDArray[np.floating], share: np.floating,
               excess: np.floating, lam: np.floating,
               step: tuple[int, ...], compared: tuple[int, ...]) -> None:
    """Normal equations of the correction, and their forward elimination.

    `table` (m, 6): sums of 1, t/h, (t/h)^2 over each cell, diagonal and off-
    diagonal of lam' D'D, and lam' where three knots follow (else 0). Weights
    are `share` above the baseline and `share + excess` below. `carry`: what
    a cell adds to its right knot, and the last two bending moments. `compared`
    is `step`, or empty where all weights are alike.
    """
    height = len(step)
    shrink = np.float32(1 / height)
    excess_1 = excess * shrink
    excess_2 = excess_1 * shrink
    carry[:] = _ZERO
    for k in range(len(table)):
        here = uintp(k + BEFORE) * _ROW
        back = here - _ROW
        back_2 = back - _ROW
        at = uintp(k * height) * WIDTH
        to = uintp(k) * _2
        all_0 = share * table[k, 0]
        all_1 = share * table[k, 1]
        all_2 = share * table[k, 2]
        diagonal = table[k, 3]
        off = table[k, 4]
        bend = table[k, 5]
        for lane in range(WIDTH):
            q = work[here + lane]
            q_1 = work[here + _ROW + lane]
            q_2 = work[here + _ROW + _ROW + lane]
            rise = (q_1 - q) * shrink
            below, level, moment = np.int32(0), _ZERO, _ZERO
            if len(compared) > 0:
                below, level, moment = _add_below(
                    block, at + lane, q, rise, step, 0, below, level, moment)
            if len(compared) > _UNROLLED:
                below, level, moment = _add_below(
                    block, at + lane, q, rise, step, _UNROLLED, below, level,
                    moment)
            if len(compared) > 2 * _UNROLLED:
                below, level, moment = _add_below(
                    block, at + lane, q, rise, step, 2 * _UNROLLED, below,
                    level, moment)
                below, level, moment = _add_below(
                    block, at + lane, q, rise, step, 3 * _UNROLLED, below,
                    level, moment)
            a_0 = all_0 + excess * np.float32(np.int32(below & 63))
            a_1 = all_1 + excess_1 * np.float32(
                np.int32((below >> 6) & 511))
            a_rr = all_2 + excess_2 * np.float32(np.int32(below >> 15))
            a_lr = a_1 - a_rr
            a_ll = a_0 - a_1 - a_lr
            r_0 = share * sums[to + lane] + excess * level
            r_r = share * sums[to + WIDTH + lane] + excess * moment
            right = r_r - a_lr * q - a_rr * q_1
            left = (r_0 - r_r) - a_ll * q - a_lr * q_1
            moment_0 = bend * ((q - q_1) - (q_1 - q_2))
            moment_1 = carry[_2 + lane]
            moment_2 = carry[_3 + lane]
            pivot = a_ll + carry[lane] + diagonal
            side = left + carry[WIDTH + lane] - (
                (moment_0 - moment_1) - (moment_1 - moment_2))
            carry[lane] = a_rr
            carry[WIDTH + lane] = right
            carry[_2 + lane] = moment_0
            carry[_3 + lane] = moment_1
            c = work[back + _2 + lane]
            e = c * work[back + _3 + lane]
            f = lam * work[back_2 + _3 + lane]
            work[here + _3 + lane] = np.float32(1) / (
                pivot - lam * f - c * e)
            work[here + _2 + lane] = a_lr + off - lam * e
            work[here + WIDTH + lane] = (
                side - f * work[back_2 + WIDTH + lane]
                - e * work[back + WIDTH + lane])


@kernel
def _substitute(work: NDArray[np.floating], count: int,
                lam: np.floating) -> None:
    """Corrections from the last knot to the first, added to the values."""
    for k in range(count - 1, -1, -1):
        here = uintp(k + BEFORE) * _ROW
        ahead = here + _ROW
        ahead_2 = ahead + _ROW
        for lane in range(WIDTH):
            step = (work[here + WIDTH + lane]
                    - work[here + _2 + lane] * work[ahead + WIDTH + lane]
                    - lam * work[ahead_2 + WIDTH + lane]
                    ) * work[here + _3 + lane]
            work[here + WIDTH + lane] = step
            work[here + lane] += step


@kernel
def iterate(block: NDArray[np.float32], work: NDArray[np.floating],
            sums: NDArray[np.float32], carry: NDArray[np.floating],
            level: Level, first: bool) -> None:
    """All solves of one level; the first of all has weights 1.

    `work` [BEFORE + m + BEHIND][PLANES][lane] float32, zero around the knots.
    """
    p = level.p
    for solve in range(level.solves):
        if first and solve == 0:
            _eliminate(block, work, sums, carry, level.table, np.float32(1),
                       _ZERO, level.lam, level.step, ())
        else:
            _eliminate(block, work, sums, carry, level.table, p,
                       np.float32(1) - p - p, level.lam, level.step,
                       level.step)
        _substitute(work, len(level.table), level.lam)


@kernel
def refine(work: NDArray[np.floating], coarse: int, fine: int) -> None:
    """Values at `fine` knots, twice as many, from `coarse` ones, in place."""
    for k in range(coarse - 1, -1, -1):
        at = uintp(k + BEFORE) * _ROW
        to = uintp(2 * k + BEFORE) * _ROW
        if 2 * k + 1 < fine:
            for lane in range(WIDTH):
                work[to + _ROW + lane] = np.float32(.5) * (
                    work[at + lane] + work[at + _ROW + lane])
        if 2 * k < fine:
            for lane in range(WIDTH):
                work[to + lane] = work[at + lane]
    clear(work, fine, fine + BEHIND)


@kernel
def clear(work: NDArray[np.floating], first: int, last: int) -> None:
    """Rows first ... last - 1 of knots become zero."""
    for at in range(uintp(first + BEFORE) * _ROW,
                    uintp(last + BEFORE) * _ROW):
        work[at] = _ZERO


@kernel
def subtract(block: NDArray[np.float32], work: NDArray[np.floating],
             channels: int, step: tuple[int, ...]) -> None:
    """block -= baseline, on all channels."""
    height = len(step)
    shrink = np.float32(1 / height)
    for k in range((channels + height - 1) // height):
        here = uintp(k + BEFORE) * _ROW
        at = uintp(k * height) * WIDTH
        for lane in range(WIDTH):
            q = work[here + lane]
            rise = (work[here + _ROW + lane] - q) * shrink
            for t in range(height):
                block[at + uintp(t) * WIDTH + lane] -= (
                    q + np.float32(t) * rise)


@kernel
def solve(block: NDArray[np.float32], work: NDArray[np.floating],
          sums: tuple[NDArray[np.float32], ...], carry: NDArray[np.floating],
          plan: tuple[Level, Level, Level]) -> None:
    """Knot values of the baselines of a block, into the q plane of `work`.

    `plan`: three levels (see `plans.Level`), coarse to fine, of which the
    first ones may be unused; `sums` one scratch array per level.
    """
    coarse, middle, fine = plan
    total(block, len(sums[2]) // _2, sums[2], fine.step)
    first = True
    clear(work, 0, len(fine.table) + BEHIND)
    if middle.solves > 0:
        merge(sums[2], sums[1], len(sums[1]) // _2)
    if coarse.solves > 0:
        merge(sums[1], sums[0], len(sums[0]) // _2)
        iterate(block, work, sums[0], carry, coarse, first)
        refine(work, len(coarse.table), len(middle.table))
        first = False
    if middle.solves > 0:
        iterate(block, work, sums[1], carry, middle, first)
        refine(work, len(middle.table), len(fine.table))
        first = False
    iterate(block, work, sums[2], carry, fine, first)
