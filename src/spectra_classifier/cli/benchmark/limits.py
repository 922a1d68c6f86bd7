"""Limits of the machine itself: the two bounds of the roofline model."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit
from numpy.typing import NDArray

from ...core.model_definition import Baseline
from ...core.preprocessing.baseline import knots, stages
from .clock import take_turns

_READ = 64 * 2 ** 20      # bytes, more than a last-level cache holds
_LANES = np.uintp(128)
_ROUNDS = 20000


@njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _sum(values: NDArray[np.uint16]) -> np.uint32:
    total = np.uint32(0)
    for i in range(len(values)):
        total = np.uint32(total + np.uint32(values[i]))
    return total


@njit(nogil=True, error_model="numpy", fastmath={"contract"})
def _multiply_add(values: NDArray[np.float32], factor: np.float32,
                  rounds: int) -> None:
    """8 dependent multiply-adds per element and round, many elements."""
    for _ in range(rounds):
        for lane in range(_LANES):
            x = values[lane]
            for _ in range(8):
                x = x * factor + factor
            values[lane] = x


def measure(rounds: int = 5) -> dict[str, float]:
    """Limits of one thread, medians.

    A copy counts bytes that are read and bytes that are written.

    Returns
    -------
    dict
        `read_gb_per_s`, `copy_gb_per_s`, `fma_gflop_per_s`.
    """
    words = np.ones(_READ // 2, np.uint16)
    copied = np.ones_like(words)
    lanes = np.ones(int(_LANES), np.float32)
    reading, copying, adding = take_turns(
        [lambda: _sum(words), lambda: np.copyto(copied, words),
         lambda: _multiply_add(lanes, np.float32(.5), _ROUNDS)], rounds)
    flop = 2 * 8 * int(_LANES) * _ROUNDS
    return {"read_gb_per_s": _READ / reading.median()[0] / 1e9,
            "copy_gb_per_s": 2 * _READ / copying.median()[0] / 1e9,
            "fma_gflop_per_s": flop / adding.median()[0] / 1e9}


def arithmetic(threads: int) -> Callable[[], None]:
    """A function whose threads all do the same multiply-adds on registers.

    It takes about as long as a train. Two cores take as long as one for
    twice the work; two hardware threads of one core take longer.
    """
    pool = ThreadPoolExecutor(threads)
    lanes = np.ones((threads, int(_LANES)), np.float32)

    def run() -> None:
        list(pool.map(lambda own: _multiply_add(
            own, np.float32(.5), 25 * _ROUNDS), lanes))
    return run


#: arithmetic of a solve, counted in `kernels.reduced` and `kernels.exact`:
#: interpolate, compare and three masked sums per channel; unpacking, normal
#: equations, elimination and substitution per knot
_PER_CHANNEL, _PER_KNOT, _PER_EXACT_CHANNEL = 8, 62, 20


def flop(baseline: Baseline, channels: int) -> int:
    """Floating-point operations of one baseline, estimated.

    The first solve of a reduced one compares nothing.
    """
    if baseline.mode == "exact":
        return baseline.iterations * channels * _PER_EXACT_CHANNEL
    return ((baseline.iterations - 1) * _PER_CHANNEL * channels
            + sum(solves * _PER_KNOT * knots(channels, step)
                  for step, solves in stages(baseline)))
