"""Spikes of raw spectra, compiled: see `preprocessing.spikes`."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numba import uintp
from numpy.typing import NDArray

from ...preprocessing.spikes import TRIMMED
from .members import GROUP
from .options import WIDTH, kernel
from .rows import correct, sharp

if TYPE_CHECKING:
    from ...spectra import RawSpectra
    from .plans import Run


@kernel
def _higher(block: NDArray[np.float32], at: np.uintp,
            most: np.float32) -> np.float32:
    """`most`, or by how much the channel behind `at` stands out if more."""
    here = block[at + WIDTH]
    left = here - block[at]
    right = here - block[at + WIDTH + WIDTH]
    less = left if left < right else right
    return less if less > most else most


@kernel
def mark(block: NDArray[np.float32], channels: int, counts: np.float32,
         highest: NDArray[np.float32], first: int, count: int,
         suspect: NDArray[np.bool_]) -> None:
    """Whether each of the first `count` lanes of a block above the dark has a
    strip that stands out by more than that, into suspect[first:].

    `highest` [lane] float32 scratch. What is not finite may be suspect.
    """
    last = uintp(channels - 1) * WIDTH
    for lane in range(WIDTH):
        begin = block[lane] - block[WIDTH + lane]
        end = block[last + lane] - block[last - WIDTH + lane]
        highest[lane] = begin if begin > end else end
    whole = (channels - 2) // GROUP * GROUP
    for left in range(0, whole, GROUP):
        at = uintp(left) * WIDTH
        for lane in range(WIDTH):       # a group each, or LLVM gives up
            most = highest[lane]
            for j in range(GROUP):
                most = _higher(block, at + uintp(j) * WIDTH + lane, most)
            highest[lane] = most
    for left in range(whole, channels - 2):
        at = uintp(left) * WIDTH
        for lane in range(WIDTH):
            highest[lane] = _higher(block, at + lane, highest[lane])
    for lane in range(count):
        suspect[first + lane] = highest[lane] > counts


@kernel
def suspects(raw: RawSpectra, rows: NDArray[np.intp], start: int, stop: int,
             run: Run, counts: np.float32,
             suspect: NDArray[np.bool_]) -> None:
    """Whether rows[start:stop] of raw have a strip that stands out by more
    than that, into suspect (R,)."""
    y = np.empty(raw.shape[1], np.float32)
    for r in range(start, stop):
        correct(raw, rows[r], run, y)
        suspect[r] = sharp(y, counts) > 0


@kernel
def _roughness(y: NDArray[np.float32]) -> np.float64:
    largest = np.zeros(TRIMMED, np.float32)     # in descending order
    total = np.float64(0)
    for i in range(1, len(y)):
        step = abs(y[i] - y[i - 1])
        total += step
        if step > largest[TRIMMED - 1]:
            place = TRIMMED - 1
            while place > 0 and largest[place - 1] < step:
                largest[place] = largest[place - 1]
                place -= 1
            largest[place] = step
    for each in largest:
        total -= each
    return total / (len(y) - 1 - TRIMMED)


@kernel
def remove(raw: RawSpectra, rows: NDArray[np.intp], run: Run,
           counts: np.float32, times: np.float64,
           clean: NDArray[np.float32], spikes: NDArray[np.int64]) -> None:
    """Rows of raw without spikes into clean (R, n), and their numbers into
    spikes (R,)."""
    last = raw.shape[1] - 1
    y = np.empty(last + 1, np.float32)
    for r in range(len(rows)):
        correct(raw, rows[r], run, y)
        for i in range(last + 1):
            clean[r, i] = np.float32(raw[rows[r], i])
        least = max(np.float64(counts), times * _roughness(y))
        spikes[r] = 0
        for i in range(last + 1):
            before = y[i - 1] if i else y[1]
            behind = y[i + 1] if i < last else y[last - 1]
            if y[i] - before > least and y[i] - behind > least:
                clean[r, i] = (before + behind) / 2 + run.dark[i]
                spikes[r] += 1
