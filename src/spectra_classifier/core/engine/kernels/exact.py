"""Asymmetric least squares on every channel, a block of spectra at a time.

The published iteration, from weights of 1: the pentadiagonal system
(W + lam D'D) z = W y by LDL^T in float64, in which rounding stays below 1e-2
counts for lam up to 1e9 (float32 would be wrong by hundreds).
"""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from .members import GROUP
from .options import WIDTH, kernel

if TYPE_CHECKING:
    from .plans import Exact

#: per channel: baseline z, which on the way is the right side g;
#: off-diagonal c; 1 / pivot
PLANES = 3
_2 = np.uintp(2) * WIDTH
_ROW = np.uintp(PLANES) * WIDTH
#: rows of zeros before the first and behind the last channel
BEFORE, BEHIND = 2, 2
_ONE = np.float64(1)


@kernel
def _eliminate(block: NDArray[np.float32], work: NDArray[np.float64],
               table: NDArray[np.float64], lam: float, p: float,
               q: float) -> None:
    """Forward elimination; `table` (n, 2): bands 0 and 1 of lam D'D.

    Weights are p where y lies above the z of the last solve, else q.
    """
    for i in range(len(table)):
        here = uintp(i + BEFORE) * _ROW
        back = here - _ROW
        back_2 = back - _ROW
        at = uintp(i) * WIDTH
        diagonal = table[i, 0]
        off = table[i, 1]
        for lane in range(WIDTH):
            y = np.float64(block[at + lane])
            weight = p if y > work[here + lane] else q
            c = work[back + WIDTH + lane]
            e = c * work[back + _2 + lane]
            f = lam * work[back_2 + _2 + lane]
            work[here + _2 + lane] = _ONE / (
                (weight + diagonal) - lam * f - c * e)
            work[here + WIDTH + lane] = off - lam * e
            work[here + lane] = (weight * y - f * work[back_2 + lane]
                                 - e * work[back + lane])


@kernel
def _substitute(work: NDArray[np.float64], channels: int, lam: float) -> None:
    """Baselines from the last channel to the first."""
    for i in range(channels - 1, -1, -1):
        here = uintp(i + BEFORE) * _ROW
        ahead = here + _ROW
        ahead_2 = ahead + _ROW
        for lane in range(WIDTH):
            work[here + lane] = (
                work[here + lane] - work[here + WIDTH + lane]
                * work[ahead + lane] - lam * work[ahead_2 + lane]
            ) * work[here + _2 + lane]


@kernel
def solve(block: NDArray[np.float32], work: NDArray[np.float64],
          plan: Exact) -> None:
    """Baselines of a block into plane z of `work`.

    `work` [BEFORE + n + BEHIND][PLANES][lane] float64, zeros around the
    channels; `plan` a `plans.Exact`.
    """
    for k in range(plan.solves):
        p, q = (_ONE, _ONE) if k == 0 else (plan.p, _ONE - plan.p)
        _eliminate(block, work, plan.table, plan.lam, p, q)
        _substitute(work, len(plan.table), plan.lam)


@kernel
def subtract(block: NDArray[np.float32], work: NDArray[np.float64],
             channels: int) -> None:
    """block -= baseline, rounded once."""
    whole = channels - channels % GROUP
    for first in range(0, whole, GROUP):
        here = uintp(first + BEFORE) * _ROW
        at = uintp(first) * WIDTH
        for lane in range(WIDTH):
            for j in range(GROUP):
                to = at + uintp(j) * WIDTH + lane
                block[to] = np.float32(np.float64(block[to])
                                       - work[here + uintp(j) * _ROW + lane])
    for i in range(whole, channels):
        here = uintp(i + BEFORE) * _ROW
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            block[at + lane] = np.float32(
                np.float64(block[at + lane]) - work[here + lane])
