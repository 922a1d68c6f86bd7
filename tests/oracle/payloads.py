"""What a source may send: good spectra, bad ones, and nonsense.

Every payload is bytes as Karabo's channel carries them, with what the sender
knows of them. Nothing here knows the package.
"""
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from karabo.middlelayer import Hash
from karabo.native import encodeBinary

CHANNELS = 16
BINS = ((0, 8), (8, 16))
#: what the two classes look like
ROWS = np.array([[300, 100] * 8, [100, 300] * 8], np.uint16)
#: Karabo's numbers of the types of arrays
NUMBERS = {"uint8": 6, "uint16": 10, "float32": 20, "uint64": 18,
           "int32": 12, "float64": 22, "int64": 16}
BAD, SATURATED = -4, -3


@dataclass(frozen=True, eq=False)
class Payload:
    """`raw`: the spectra (P, channels), None where there are none that can
    be used; `settled`: per pulse the code that its frame has already."""

    name: str
    data: bytes
    raw: np.ndarray | None = None
    mask: np.ndarray | None = None
    settled: tuple = ()
    numbers: tuple | None = None    # pulse ids, where they are sent
    good: bool = True               # nothing in it can be refused
    extra: dict = field(default_factory=dict)


def array(values, big=False):
    """An array as Karabo sends it."""
    kind = np.dtype(values.dtype).newbyteorder("<").name
    return Hash("type", NUMBERS[kind], "isBigEndian", big,
                "shape", np.array(values.shape, np.uint64),
                "data", bytearray(values.astype(
                    values.dtype.newbyteorder(">" if big else "<")
                ).tobytes()))


def spectra(kind, pulses):
    """(P, channels) uint16; kind 0 and 1 the classes, 2 both, 3 dark."""
    row = {0: ROWS[0], 1: ROWS[1], 2: (ROWS[0] + ROWS[1]) // 2,
           3: np.full(CHANNELS, 3), 4: np.full(CHANNELS, 40_000),
           5: np.array([3000] + [50] * 15)}[kind]
    return np.tile(row.astype(np.uint16), (pulses, 1))


def _made(name, adc, **more):
    content = Hash("data.adc", adc if isinstance(adc, (Hash, str, list, int))
                   else array(adc))
    for key, value in more.pop("also", {}).items():
        content[f"data.{key}"] = (
            array(value) if isinstance(value, np.ndarray) else value)
    raw = adc if isinstance(adc, np.ndarray) else None
    more.setdefault("raw", raw)
    return Payload(name, encodeBinary(content), **more)


@lru_cache(maxsize=4096)
def payload(number, detail=0):
    """The payload of a number; `detail` chooses pulse, strip, bit."""
    name, make = PAYLOADS[number % len(PAYLOADS)]
    return make(name, detail)


def _plain(kind, pulses, dtype=np.uint16):
    return lambda name, detail: _made(
        name, spectra(kind, pulses).astype(dtype))


def _mixed(name, detail):
    """Pulses of both classes; the detail says which."""
    raw = np.array([ROWS[detail >> bit & 1] for bit in range(5)])
    return _made(name, raw)


def _flipped(name, detail):
    """One bit of one strip of one pulse, or of all pulses, is wrong."""
    raw = spectra(detail & 1, 4).astype(np.float32)
    bits = raw.view(np.uint32)
    pulse = slice(None) if detail & 2 else (detail >> 2) % 4
    bits[pulse, (detail >> 4) % CHANNELS] ^= np.uint32(
        1 << (31 - (detail >> 8) % 10))
    return _made(name, raw)


def _not_finite(name, detail):
    raw = spectra(detail & 1, 4).astype(np.float32)
    pulse = slice(None) if detail & 2 else (detail >> 2) % 4
    raw[pulse, (detail >> 4) % CHANNELS] = (
        np.nan, np.inf, -np.inf, 3e38)[(detail >> 8) % 4]
    return _made(name, raw)


def _doubles(name, detail):
    raw = spectra(detail & 1, 4).astype(np.float64)
    if detail & 2:
        raw[:, (detail >> 4) % CHANNELS] = 1e300
    return _made(name, raw)


def _masked(name, detail):
    """Spectra with a mask of some or nearly all strips."""
    dead = (0, 1, 3, 8, 13, 14, 15, 16)[(detail >> 1) % 8]
    mask = np.zeros(CHANNELS, np.uint8)
    mask[np.random.default_rng(detail % 64).permutation(CHANNELS)[:dead]] = 1
    if detail & 16:
        mask = np.tile(mask, (4, 1))
        mask[0, :2] = 1
    return _made(name, spectra(detail & 1, 4), mask=mask,
                 also={"mask": mask})


def _lost_frames(name, detail):
    numbers = np.array([1 if detail >> bit & 1 else 0 for bit in range(4)],
                       np.uint64)
    settled = tuple(None if value else BAD for value in numbers)
    return _made(name, spectra(detail >> 4 & 1, 4), settled=settled,
                 also={"frameNumber": numbers})


def _switched(name, detail):
    gain = np.zeros((4, CHANNELS), np.uint8)
    gain[detail % 4, (detail >> 2) % CHANNELS] = 1
    settled = tuple(SATURATED if row.any() else None for row in gain)
    return _made(name, spectra(detail >> 6 & 1, 4), settled=settled,
                 also={"gain": gain})


def _numbered(name, detail):
    """Pulse ids of every size."""
    first = (0, 100, 2**31 - 2, 2**31 + 5, 2**40, 2**63 - 10)[detail % 6]
    numbers = np.arange(first, first + 4, dtype=np.uint64)
    return _made(name, spectra(detail >> 3 & 1, 4),
                 numbers=tuple(int(n) for n in numbers),
                 also={"bunchId": numbers})


def _odd_ids(name, detail):
    ids = ("text", 7, np.arange(3, dtype=np.uint64),
           np.array([np.nan] * 4, np.float64), np.array([-1, 2, 3, 4]),
           np.zeros((2, 2), np.uint64), np.array([2.5, 1, 2, 3]))[detail % 7]
    return _made(name, spectra(detail >> 3 & 1, 4), good=False,
                 also={"bunchId": ids})


def _nonsense(name, detail):
    what = ("text", 5, Hash("type", 10, "shape", np.array([2, 16], np.uint64),
                            "isBigEndian", False, "data", bytearray(3)),
            array(np.zeros(0, np.uint16)),
            array(np.zeros((2, 3, CHANNELS), np.uint16)),
            array(np.zeros((4, CHANNELS + 1), np.uint16)),
            array(np.zeros((40, CHANNELS), np.uint16)),
            Hash("type", 10, "isBigEndian", False, "data", bytearray(32),
                 "shape", np.array([2**63, 16], np.uint64)),
            Hash("type", 99, "isBigEndian", False, "data", bytearray(32),
                 "shape", np.array([1, 16], np.uint64)),
            Hash("type", "x", "isBigEndian", False, "data", "no",
                 "shape", "no"),
            ["a", "b"], Hash())[detail % 12]
    return _made(name, what, raw=None, good=False)


def _big_endian(name, detail):
    raw = spectra(detail & 1, 4)
    return Payload(name, encodeBinary(Hash("data.adc", array(raw, True))),
                   raw=raw)


def _vector(name, detail):
    """The spectrum of one pulse."""
    raw = spectra(detail & 1, 1)
    return Payload(name, encodeBinary(Hash("data.adc", array(raw[0]))),
                   raw=raw)


def _empty(name, detail):
    return Payload(name, encodeBinary(Hash()), good=False)


#: the first ones are what a healthy source sends
PAYLOADS = (
    ("class 0", _plain(0, 4)), ("class 1", _plain(1, 4)),
    ("class 0, float", _plain(0, 4, np.float32)),
    ("class 1, five", _plain(1, 5)),
    ("both at once", _plain(2, 4)), ("dark", _plain(3, 4)),
    ("very bright", _plain(4, 4)), ("a stranger", _plain(5, 4)),
    ("one pulse", _plain(0, 1)), ("no pulse", _plain(0, 0)),
    ("mixed", _mixed), ("bit flip", _flipped), ("not finite", _not_finite),
    ("doubles", _doubles), ("masked", _masked), ("lost frames", _lost_frames),
    ("switched strips", _switched), ("numbered", _numbered),
    ("odd ids", _odd_ids), ("nonsense", _nonsense),
    ("big endian", _big_endian), ("no data", _empty),
    ("a vector", _vector))
