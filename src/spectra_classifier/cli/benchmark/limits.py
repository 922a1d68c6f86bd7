"""What the machine itself could do: the two roofs of the roofline."""
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numba import njit

from ...core.preprocessing.baseline import knots, stages
from .clock import take_turns

_READ = 64 * 2 ** 20      # bytes, more than a last-level cache holds
_LANES = np.uintp(128)
_ROUNDS = 20000


@njit(nogil=True, error_model="numpy", fastmath={"reassoc", "contract"})
def _sum(values):
    total = np.uint32(0)
    for i in range(len(values)):
        total = np.uint32(total + np.uint32(values[i]))
    return total


@njit(nogil=True, error_model="numpy", fastmath={"contract"})
def _multiply_add(values, factor, rounds):
    """8 dependent multiply-adds per element and round, many elements."""
    for _ in range(rounds):
        for lane in range(_LANES):
            x = values[lane]
            for _ in range(8):
                x = x * factor + factor
            values[lane] = x


def measure(rounds=5):
    """Limits of one thread, medians: {"read_gb_per_s", "copy_gb_per_s",
    "fma_gflop_per_s"}; a copy counts what is read and what is written."""
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


def arithmetic(threads):
    """Function: each of the threads does the same multiply-adds on registers.

    About as long as a train. Two cores take as long as one for twice the
    work; what a host calls two cores, and are two threads of one, longer.
    """
    pool = ThreadPoolExecutor(threads)
    lanes = np.ones((threads, int(_LANES)), np.float32)

    def run():
        list(pool.map(lambda own: _multiply_add(
            own, np.float32(.5), 25 * _ROUNDS), lanes))
    return run


#: arithmetic of a solve, counted in `kernels.reduced` and `kernels.exact`:
#: interpolate, compare and three masked sums per channel; unpacking, normal
#: equations, elimination and substitution per knot
_PER_CHANNEL, _PER_KNOT, _PER_EXACT_CHANNEL = 8, 62, 20


def flop(baseline, channels):
    """Floating-point operations of one baseline, estimated."""
    if baseline.mode == "exact":
        return baseline.iterations * channels * _PER_EXACT_CHANNEL
    return sum(solves * (_PER_CHANNEL * channels
                         + _PER_KNOT * knots(channels, step))
               for step, solves in stages(baseline))
