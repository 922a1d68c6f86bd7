"""What can go wrong with a source, on command.

A payload fault changes what one train carries; a stream fault changes what
is sent when. Both are applied to the next n trains by `Feed`.
"""
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.preprocessing.raw_frames import pulses_in
from ..train import NEVER_RECEIVED, SourceTrain


@dataclass(frozen=True, eq=False)
class Message:
    """What is sent for one train.

    Attributes
    ----------
    train_id
        As sent.
    arrays
        {name in the `data` node: array}, None where there is nothing to send
        (a gap) or an end of stream.
    train
        The train that it was made from.
    fault
        The fault that was injected, "" for none.
    age
        Seconds by which the time stamp is too old.
    begun
        Time of the first frame, seconds since 1970, to which the time stamps
        of the frames are added; 0: they are sent from the first pulse on.
    """
    train_id: int
    arrays: dict[str, NDArray[Any]] | None = field(repr=False)
    train: SourceTrain = field(repr=False)
    fault: str = ""
    age: float = 0.
    begun: float = 0.

    @property
    def pulses(self) -> int:
        """Pulses that a receiver can count, 0 where there are no spectra."""
        adc = None if self.arrays is None else self.arrays.get("adc")
        return 0 if adc is None else pulses_in(adc)


#: changes a message
type Fault = Callable[[Message, np.random.Generator], Message]
#: changes its counts
type Change = Callable[[NDArray[Any], np.random.Generator], NDArray[Any]]


def message(train: SourceTrain) -> Message:
    """The message of a train without fault."""
    arrays: dict[str, NDArray[Any]] = {"adc": train.adc}
    if train.gain is not None:
        arrays["gain"] = train.gain
    arrays |= {"memoryCell": train.cell, "frameNumber": train.frame,
               "bunchId": train.bunch, "timestamp": train.time}
    if train.before is not None:
        arrays = as_received(arrays, train.train_id, train.before)
    return Message(train.train_id, arrays, train)


def as_received(arrays: dict[str, NDArray[Any]], train_id: int, before: int,
                frames: slice = slice(None)) -> dict[str, NDArray[Any]]:
    """The arrays of a train as the receiver of a Gotthard-II sends them.

    It fills one buffer after the other: a frame that it never got leaves an
    empty buffer at the end, and the frames behind it move up. It knows no
    memory cell (255), gives every frame the train id as its bunch id, and
    counts the frames of the whole acquisition. The origin of each field is in
    `tests/devices/test_receiver_form.py`.

    Parameters
    ----------
    before
        Frames of the acquisition before this train.
    frames
        Which of the frames that came.
    """
    came = np.flatnonzero(arrays["frameNumber"] > 0)[frames]
    if len(came) < len(arrays["frameNumber"]):
        arrays = {name: _moved_up(array, came)
                  for name, array in arrays.items()}
    filled = arrays["frameNumber"] > 0
    return arrays | {
        "memoryCell": np.full(len(filled), NEVER_RECEIVED, np.uint8),
        "frameNumber": np.where(filled, arrays["frameNumber"]
                                + np.uint64(before), np.uint64(0)),
        "bunchId": np.where(filled, np.uint64(train_id), np.uint64(0))}


def _moved_up(array: NDArray[Any], rows: NDArray[np.int64]) -> NDArray[Any]:
    buffers = np.zeros_like(array)
    buffers[:len(rows)] = array[rows]
    return buffers


def _first(count: int) -> Fault:
    def change(sent: Message, random: np.random.Generator) -> Message:
        return message(sent.train.first(count))
    return change


def _any_number(sent: Message, random: np.random.Generator) -> Message:
    return message(sent.train.first(int(random.integers(
        0, sent.train.pulses, endpoint=True))))


def _adc(change: Change) -> Fault:
    """A fault that changes the counts alone."""
    def apply(sent: Message, random: np.random.Generator) -> Message:
        arrays = sent.arrays or {}
        adc = change(arrays["adc"], random)
        return replace(sent, arrays=arrays | {"adc": adc})
    return apply


def _spotted(value: float) -> Change:
    """Float counts with `value` in some strips of every second spectrum."""
    def change(adc: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
        adc = adc.astype(np.float32)
        strips = random.integers(0, adc.shape[1], 5)
        adc[::2, strips] = value
        return adc
    return change


def _struck(change: Callable[[NDArray[np.uint32], np.random.Generator],
                             NDArray[np.uint32]]) -> Change:
    """Float counts whose bits are changed in some strips of all spectra."""
    def apply(adc: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
        adc = adc.astype(np.float32)
        bits = adc.view(np.uint32)
        for strip in random.choice(
                adc.shape[1], 5, replace=False):
            bits[:, strip] = change(bits[:, strip], random)
        return adc
    return apply


def _nan_bits(bits: NDArray[np.uint32],
              random: np.random.Generator) -> NDArray[np.uint32]:
    """Any NaN: quiet or signalling, of any sign and payload."""
    payload = random.integers(1, 1 << 23, len(bits), dtype=np.uint32)
    sign = random.integers(0, 2, len(bits), dtype=np.uint32) << np.uint32(31)
    return sign | np.uint32(0x7F800000) | payload


def _saturated(adc: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    return np.full_like(adc, 4095 if adc.dtype == np.uint16 else np.float32(
        65535))


def _missing(sent: Message, random: np.random.Generator) -> Message:
    arrays = dict(sent.arrays or {})
    del arrays["adc"]
    return replace(sent, arrays=arrays)


def _stale(sent: Message, random: np.random.Generator) -> Message:
    return replace(sent, age=10.)


def _without_id(sent: Message, random: np.random.Generator) -> Message:
    return replace(sent, train_id=0)


def _other_id(change: Callable[[int], int]) -> Fault:
    """A fault that changes the train id alone; one that is none is 2^64-1.
    """
    def apply(sent: Message, random: np.random.Generator) -> Message:
        train_id = change(sent.train_id)
        return replace(sent, train_id=train_id if train_id > 0
                       else 2**64 - 1)
    return apply


#: name: (what it does, function of a `Message` and a random generator)
PAYLOAD: dict[str, tuple[str, Fault]] = {
    "zero pulses": ("a train without pulses", _first(0)),
    "one pulse": ("a train with a single pulse", _first(1)),
    "changing pulses": ("another number of pulses in every train",
                        _any_number),
    "wrong channels": ("seven strips too few",
                       _adc(lambda adc, _: adc[:, 7:].copy())),
    "wrong rank": ("three dimensions", _adc(lambda adc, _: adc[None])),
    "one dimension": ("a vector", _adc(lambda adc, _: adc.ravel())),
    "transposed": ("strips and pulses exchanged",
                   _adc(lambda adc, _: adc.T.copy())),
    "float64": ("counts as float64", _adc(lambda adc, _: adc.astype("f8"))),
    "big endian": ("counts with the other byte order",
                   _adc(lambda adc, _: adc.astype(
                       adc.dtype.newbyteorder(">")))),
    "NaN": ("NaN in some strips of every second spectrum",
            _adc(_spotted(np.nan))),
    "Inf": ("Inf in some strips of every second spectrum",
            _adc(_spotted(np.inf))),
    "NaN bits": ("some strips of every spectrum are NaN, of any bits",
                 _adc(_struck(_nan_bits))),
    "flipped bit": ("a bit of the exponent of some strips is the other one",
                    _adc(_struck(lambda bits, _: bits ^ np.uint32(1 << 29)))),
    "negative": ("counts below zero, as int16",
                 _adc(lambda adc, _: (-adc.astype(np.float32)).clip(
                     -32768, 0).astype(np.int16))),
    "all zero": ("every count is 0",
                 _adc(lambda adc, _: np.zeros_like(adc))),
    "constant": ("every count is the same",
                 _adc(lambda adc, _: np.full_like(adc, 500))),
    "saturated": ("every count at the end of the range", _adc(_saturated)),
    "missing key": ("no counts at all", _missing),
    "stale time": ("a time stamp ten seconds old", _stale),
    "train id 0": ("the train id of a source without time server",
                   _without_id),
    "jumping train id": ("a train id 1000 too high",
                         _other_id(lambda number: number + 1000)),
    "far train id": ("a train id 36 000 too high",
                     _other_id(lambda number: number + 36_000)),
    "train id of the past": ("a train id 5000 too low",
                             _other_id(lambda number: number - 5000)),
    "absurd train id": ("the largest number as train id",
                        _other_id(lambda number: 0)),
}
#: name: what it does; `Feed` knows how
STREAM = {
    "gap": "the train is not sent, train ids go on",
    "repeated": "the train is sent twice",
    "out of order": "the trains are sent behind the one that follows them, "
                    "the last one first",
    "stall": "trains are held back and then sent in one burst, with their "
             "old time stamps",
    "end of stream": "an end of stream before the train",
    "start of acquisition": "the first frame of the train alone, under the "
                            "train id before, and then the other frames",
}
FAULTS = (*PAYLOAD, *STREAM)


def describe(name: str) -> str:
    """What the fault of that name does, as text."""
    return STREAM[name] if name in STREAM else PAYLOAD[name][0]


def apply_payload(name: str, sent: Message,
                  random: np.random.Generator) -> Message:
    """The message with that payload fault."""
    return replace(PAYLOAD[name][1](sent, random), fault=name)
