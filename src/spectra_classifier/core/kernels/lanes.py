"""Between rows of spectra and blocks of lanes."""
import numpy as np
from numba import uintp

from .options import LANES, WIDTH, kernel

#: channels transposed at a time: long enough for the memory's prefetchers,
#: short enough for the first cache
TILE = 256
_FOUR = np.uintp(4)


@kernel
def _interleave(a, b, c, d, width, tile, start):
    """tile[start + 4 i + j] = channel i of the j-th of four rows."""
    for i in range(width):
        at = uintp(start + 4 * i)
        tile[at] = a[i]
        tile[at + uintp(1)] = b[i]
        tile[at + uintp(2)] = c[i]
        tile[at + uintp(3)] = d[i]


@kernel
def load(raw, rows, dark, block, tile):
    """Rows of `raw` (P, n), minus `dark` (n,), into `block` [n][LANES].

    `rows` (LANES,) row numbers; `tile` scratch (LANES * TILE,) of raw's type.
    """
    channels = raw.shape[1]
    for first in range(0, channels, TILE):
        width = min(TILE, channels - first)
        last = first + width
        for q in range(0, LANES, 4):
            _interleave(raw[rows[q], first:last],
                        raw[rows[q + 1], first:last],
                        raw[rows[q + 2], first:last],
                        raw[rows[q + 3], first:last],
                        width, tile, q * TILE)
        for i in range(width):
            level = dark[first + i]
            for q in range(0, LANES, 4):
                to = uintp((first + i) * LANES + q)
                at = uintp(q * TILE + 4 * i)
                for j in range(_FOUR):
                    block[to + j] = np.float32(tile[at + j]) - level


@kernel
def bridge(block, holes, left, right, share):
    """Masked strips `holes` become a straight line between neighbours."""
    for hole in range(len(holes)):
        to = uintp(holes[hole]) * WIDTH
        before = uintp(left[hole]) * WIDTH
        after = uintp(right[hole]) * WIDTH
        part = share[hole]
        for lane in range(WIDTH):
            block[to + lane] = np.float32(
                (1 - part) * np.float64(block[before + lane])
                + part * np.float64(block[after + lane]))


@kernel
def store(block, channels, count, first, out):
    """The first `count` lanes into rows first ... of `out` (P, channels)."""
    for start in range(0, channels, TILE):
        stop = min(start + TILE, channels)
        for lane in range(count):
            for i in range(start, stop):
                out[first + lane, i] = block[i * LANES + lane]
