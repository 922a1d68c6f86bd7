"""Between rows of spectra and blocks of lanes."""
import numpy as np
from numba import uintp
from numpy.typing import NDArray

from .options import LANES, WIDTH, kernel

#: words transposed at a time: long enough for the memory's prefetchers,
#: short enough for the first cache
TILE = 64
#: words fetched row by row before they are transposed, and those of a line
#: of the cache
_AHEAD = 8 * TILE
_LINE = np.uintp(8)
_CUT = 256
_2 = np.uintp(2)
_LOW = np.uint32(65535)
_HIGH = np.uint32(16)


@kernel
def _words(flat: NDArray[np.uint16] | NDArray[np.float32], offset: int,
           per: int) -> NDArray[np.uint64]:
    """`flat` from element `offset` on as words of `per` elements."""
    count = (len(flat) - offset) // per
    return flat[offset:offset + count * per].view(np.uint64)


@kernel
def _spread_integers(tile: NDArray[np.uint64], count: int,
                     dark: NDArray[np.float32], first: int,
                     block: NDArray[np.float32]) -> None:
    """Words of four uint16 channels, [word][lane], to float32 minus dark."""
    halves = tile.view(np.uint32)
    for word in range(count):
        channel = first + 4 * word
        a, b, c, d = (dark[channel], dark[channel + 1], dark[channel + 2],
                      dark[channel + 3])
        at = uintp(word) * _2 * WIDTH
        to = uintp(channel) * WIDTH
        for lane in range(WIDTH):
            low = halves[at + _2 * lane]
            high = halves[at + _2 * lane + uintp(1)]
            block[to + lane] = np.float32(np.int32(low & _LOW)) - a
            block[to + WIDTH + lane] = np.float32(np.int32(low >> _HIGH)) - b
            block[to + _2 * WIDTH + lane] = np.float32(
                np.int32(high & _LOW)) - c
            block[to + (_2 + uintp(1)) * WIDTH + lane] = np.float32(
                np.int32(high >> _HIGH)) - d


@kernel
def _spread_floats(tile: NDArray[np.uint64], count: int,
                   dark: NDArray[np.float32], first: int,
                   block: NDArray[np.float32]) -> None:
    """Words of two float32 channels, [word][lane], minus dark."""
    halves = tile.view(np.float32)
    for word in range(count):
        channel = first + 2 * word
        a, b = dark[channel], dark[channel + 1]
        at = uintp(word) * _2 * WIDTH
        to = uintp(channel) * WIDTH
        for lane in range(WIDTH):
            block[to + lane] = halves[at + _2 * lane] - a
            block[to + WIDTH + lane] = halves[at + _2 * lane + uintp(1)] - b


@kernel
def _fetch(words: tuple[NDArray[np.uint64], ...], rows: NDArray[np.int64],
           channels: int, per: int, first: int, count: int) -> np.uint64:
    """Something of every line of the cache that holds these words.

    One row after another the memory's prefetchers keep up; with a tile of
    each of 32 rows at a time they hardly begin.
    """
    touched = np.uint64(0)
    for lane in range(LANES):
        start = rows[lane] * channels
        source = words[start % per]
        at = uintp(start // per + first)
        for word in range(uintp(0), uintp(count), _LINE):
            touched |= source[at + word]
    return touched


@kernel
def load(raw: NDArray[np.uint16] | NDArray[np.float32],
         rows: NDArray[np.int64], dark: NDArray[np.float32],
         block: NDArray[np.float32], tile: NDArray[np.uint64]) -> None:
    """Rows of `raw` (P, n), minus `dark` (n,), into `block` [n][LANES].

    `rows` (LANES,) row numbers; `tile` uint64 scratch (TILE * LANES,). Rows
    are moved in words of 8 bytes, wherever they start, and taken apart lane
    by lane: a quarter of the scattered writes for uint16, half for float32.
    """
    channels = raw.shape[1]
    flat = raw.reshape(-1)
    per = 8 // raw.itemsize
    words = (_words(flat, 0, per), _words(flat, 1 % per, per),
             _words(flat, 2 % per, per), _words(flat, 3 % per, per))
    whole = channels // per
    for first in range(0, whole, TILE):
        if first % _AHEAD == 0:     # what it returns only has to be used
            tile[0] = _fetch(words, rows, channels, per, first,
                             min(_AHEAD, whole - first))
        count = min(TILE, whole - first)
        for lane in range(LANES):
            start = rows[lane] * channels
            source = words[start % per]
            at = uintp(start // per + first)
            for word in range(uintp(count)):
                tile[word * WIDTH + uintp(lane)] = source[at + word]
        if per == 4:
            _spread_integers(tile, count, dark, first * per, block)
        else:
            _spread_floats(tile, count, dark, first * per, block)
    for channel in range(whole * per, channels):
        for lane in range(LANES):
            block[channel * LANES + lane] = np.float32(
                raw[rows[lane], channel]) - dark[channel]


@kernel
def bridge(block: NDArray[np.float32], holes: NDArray[np.int64],
           left: NDArray[np.int64], right: NDArray[np.int64],
           share: NDArray[np.float64]) -> None:
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
def store(block: NDArray[np.float32], channels: int, count: int, first: int,
          out: NDArray[np.float32]) -> None:
    """The first `count` lanes into rows first ... of `out` (P, channels)."""
    for start in range(0, channels, _CUT):
        stop = min(start + _CUT, channels)
        for lane in range(count):
            for i in range(start, stop):
                out[first + lane, i] = block[i * LANES + lane]
