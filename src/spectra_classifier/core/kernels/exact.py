"""Asymmetric least squares on every channel, a block of spectra at a time.

The pentadiagonal system (W + lam D'D) z = W y by LDL^T in float64, in which
rounding stays below 1e-5 counts (float32 would be wrong by hundreds). This
is the published iteration, from weights of 1; it ends early when no weight
changes, for another solve would repeat the last one to the bit.
"""
import numpy as np
from numba import uintp

from .options import WIDTH, kernel

#: per channel: baseline z, right side g, off-diagonal c, 1 / pivot
PLANES = 4
_2, _3 = (np.uintp(k) * WIDTH for k in (2, 3))
_ROW = np.uintp(PLANES) * WIDTH
#: rows of zeros before the first and behind the last channel
BEFORE, BEHIND = 2, 2
_ONE = np.float64(1)


@kernel
def _eliminate(block, work, table, lam, p, q):
    """Forward elimination; `table` (n, 2): bands 0 and 1 of lam D'D."""
    for i in range(len(table)):
        here = uintp(i + BEFORE) * _ROW
        back = here - _ROW
        back_2 = back - _ROW
        at = uintp(i) * WIDTH
        diagonal = table[i, 0]
        beside = table[i, 1]
        for lane in range(WIDTH):
            y = np.float64(block[at + lane])
            weight = p if y > work[here + lane] else q
            c = work[back + _2 + lane]
            e = c * work[back + _3 + lane]
            f = lam * work[back_2 + _3 + lane]
            work[here + _3 + lane] = _ONE / (
                (weight + diagonal) - lam * f - c * e)
            work[here + _2 + lane] = beside - lam * e
            work[here + WIDTH + lane] = (
                weight * y - f * work[back_2 + WIDTH + lane]
                - e * work[back + WIDTH + lane])


@kernel
def _substitute(block, work, channels, lam, changed):
    """Baselines from the last channel to the first, planes z and g.

    `changed` [lane] counts the weights that the new baseline changes.
    """
    changed[:] = 0
    for i in range(channels - 1, -1, -1):
        here = uintp(i + BEFORE) * _ROW
        ahead = here + _ROW
        ahead_2 = ahead + _ROW
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            z = (work[here + WIDTH + lane]
                 - work[here + _2 + lane] * work[ahead + WIDTH + lane]
                 - lam * work[ahead_2 + WIDTH + lane]
                 ) * work[here + _3 + lane]
            y = np.float64(block[at + lane])
            changed[lane] += (y > z) != (y > work[here + lane])
            work[here + WIDTH + lane] = z
            work[here + lane] = z


@kernel
def solve(block, work, changed, plan):
    """Baselines of a block into plane z of `work`.

    `work` [BEFORE + n + BEHIND][PLANES][lane] float64, zeros around the
    channels; `plan` a `plans.Exact`; `changed` [lane] scratch.
    """
    channels = len(plan.table)
    for k in range(plan.solves):
        p, q = (_ONE, _ONE) if k == 0 else (plan.p, _ONE - plan.p)
        _eliminate(block, work, plan.table, plan.lam, p, q)
        _substitute(block, work, channels, plan.lam, changed)
        if k > 0 and changed.max() == 0:
            break


@kernel
def subtract(block, work, channels):
    """block -= baseline, rounded once."""
    for i in range(channels):
        here = uintp(i + BEFORE) * _ROW
        at = uintp(i) * WIDTH
        for lane in range(WIDTH):
            block[at + lane] = np.float32(
                np.float64(block[at + lane]) - work[here + lane])
