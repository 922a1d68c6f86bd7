"""The comparisons of a baseline: compiled by numba, and written by hand in C.

    python benchmarks/engine/compare_loop.py [--rounds 15]

Nine of the ten solves of a reduced baseline compare every channel with the
line between two knots and sum up those below. That loop alone, over blocks of
a train of 2700 x 1280 with knots every 32 channels, in turns: that of the
kernels, and one of AVX-512 intrinsics by gcc with the same operations, as the
limit of what another compiler could gain. Needs gcc and a processor with
AVX-512. CPU time, with lowest and highest.
"""
import argparse
import ctypes
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
from numba import uintp

from spectra_classifier.core.engine.kernels import plans, reduced
from spectra_classifier.core.engine.kernels.options import (
    LANES,
    WIDTH,
    kernel,
)
from spectra_classifier.core.model_definition import Baseline

CHANNELS, STEP, BLOCKS, COMPARISONS = 1280, 32, 85, 9
SOURCE = r"""
#include <immintrin.h>
static float place[32], share[32];
static int packed[32];
void prepare(void) {
  for (int t = 0; t < 32; t++) {
    place[t] = t; share[t] = t / 32.f;
    packed[t] = 1 + (t << 6) + (t * t << 15);
  }
}
void compare(const float *block, const float *q, float *out, int *count,
             int cells) {
  for (int k = 0; k < cells; k++)
    for (int l = 0; l < 32; l += 16) {
      __m512 z0 = _mm512_loadu_ps(q + 32 * k + l);
      __m512 rise = _mm512_mul_ps(_mm512_sub_ps(
          _mm512_loadu_ps(q + 32 * k + 32 + l), z0),
          _mm512_set1_ps(1 / 32.f));
      __m512 level = _mm512_setzero_ps(), moment = level;
      __m512i n = _mm512_setzero_si512();
      #pragma GCC unroll 32
      for (int t = 0; t < 32; t++) {
        __m512 y = _mm512_loadu_ps(block + (32 * k + t) * 32 + l);
        __mmask16 below = _mm512_cmp_ps_mask(y, _mm512_fmadd_ps(
            _mm512_set1_ps(place[t]), rise, z0), _CMP_LT_OQ);
        n = _mm512_mask_add_epi32(n, below, n, _mm512_set1_epi32(packed[t]));
        level = _mm512_mask_add_ps(level, below, level, y);
        moment = _mm512_mask3_fmadd_ps(
            y, _mm512_set1_ps(share[t]), moment, below);
      }
      _mm512_storeu_ps(out + 64 * k + l, level);
      _mm512_storeu_ps(out + 64 * k + 32 + l, moment);
      _mm512_storeu_si512(count + 32 * k + l, n);
    }
}
"""


@kernel
def compare(block, q, out, count, cells, step):
    """What `reduced` does in a solve besides the knots."""
    for k in range(cells):
        at = uintp(k * len(step)) * WIDTH
        here = uintp(k) * WIDTH
        to = uintp(2 * k) * WIDTH
        for lane in range(WIDTH):
            left = q[here + lane]
            rise = (q[here + WIDTH + lane] - left) * np.float32(1 / len(step))
            below, level, moment = np.int32(0), np.float32(0), np.float32(0)
            for first in (0, 8, 16, 24):
                below, level, moment = reduced._add_below(
                    block, at + lane, left, rise, step, first, below, level,
                    moment)
            out[to + lane] = level
            out[to + WIDTH + lane] = moment
            count[here + lane] = below


def by_hand(folder):
    """The function of `SOURCE`, compiled for this processor."""
    source, library = Path(folder, "loop.c"), Path(folder, "loop.so")
    source.write_text(SOURCE)
    subprocess.run(["gcc", "-O3", "-march=native", "-shared", "-fPIC",
                    "-o", library, source], check=True)
    loaded = ctypes.CDLL(str(library))
    loaded.prepare()
    return loaded.compare


def main():
    """Print milliseconds of a train."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    rng = np.random.default_rng(0)
    cells = CHANNELS // STEP
    block = plans._aligned(CHANNELS * LANES, np.float32)
    block[:] = rng.normal(500, 6, len(block))
    q = plans._aligned((cells + 1) * LANES, np.float32, 485.)
    results = [(plans._aligned(2 * cells * LANES, np.float32),
                plans._aligned(cells * LANES, np.int32)) for _ in range(2)]
    with tempfile.TemporaryDirectory() as folder:
        loop = by_hand(folder)
        pointers = [ctypes.c_void_p(array.ctypes.data)
                    for array in (block, q, *results[1])]
        ways = {
            "kernel": lambda: compare(block, q, *results[0], cells,
                                      (0,) * STEP),
            "by hand": lambda: loop(*pointers, cells)}
        found = {name: [] for name in ways}
        for _ in range(rounds + 1):
            for name, run in ways.items():
                begin = time.process_time()
                for _ in range(COMPARISONS * BLOCKS):
                    run()
                found[name].append(1e3 * (time.process_time() - begin))
    assert (results[0][1] == results[1][1]).all()
    np.testing.assert_allclose(*(sums for sums, _ in results), rtol=1e-5)
    for name, times in found.items():
        times = times[1:]
        print(f"{name:8} {np.median(times):.2f} ms ({min(times):.2f} to "
              f"{max(times):.2f})")
    baseline = Baseline("reduced", 1e5)
    print(f"a train has {COMPARISONS} comparisons of {baseline.iterations} "
          "solves")


if __name__ == "__main__":
    main()
