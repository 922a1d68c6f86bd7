"""From what a pipeline delivers to a train of spectra.

Two steps: `read_incoming` runs in the input handler and takes microseconds
(it checks shapes and copies nothing); `make_train` runs in the worker and
checks every frame.

Spectra need not be copied: every chunk arrives in its own buffer
(`zero_copy_input`), which is decoded and released, so that the arrays are
views of bytes that are not written again and live as long as the views.
"""
from typing import Any

import numpy as np
from karabo.middlelayer import Hash, dtype_from_number
from numpy.typing import NDArray

from ...core.limits import MAX_CHANNELS
from ...core.preprocessing.raw_frames import pulses_in
from ...core.preprocessing.source_layout import Layout
from ...errors import InputError
from ...live.records import Incoming

#: used wherever the source sends them; once seen, they must stay
EXPECTED = ("pulse_id", "gain", "frame_number")
#: a path that is set must be there in every train
REQUIRED = ("mask", "valid")


class Reader:
    """Finds the arrays of a `Layout` in pipeline data.

    Remembers which of the expected arrays the source has sent: a source
    that stops sending its gain stages must not be taken at face value.
    Call `forget` when the source has reconnected.
    """

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._seen: set[str] = set()

    def use(self, layout: Layout) -> None:
        """Read by another layout from now on; the source is the same one.

        What it has sent it must go on sending, unless it is looked for at
        another place now.
        """
        self._seen = {name for name in self._seen if getattr(layout, name)
                      == getattr(self.layout, name)}
        self.layout = layout

    def forget(self) -> None:
        """Let the next train determine which arrays the source sends."""
        self._seen.clear()

    def read(self, data: Hash) -> dict[str, NDArray[Any]]:
        """{name: array} of a Hash; "data" is (pulses, channels).

        A vector is the spectrum of a single pulse.

        Raises `InputError` that names the key and the remedy.
        """
        arrays = {"data": self._find(data, "data", self.layout.data)}
        spectra = arrays["data"]
        single = spectra.ndim == 1 and pulses_in(spectra) == 1
        if spectra.ndim != 2 and not single:
            raise InputError(
                f"{self.layout.data} has shape {spectra.shape}: expected "
                f"[pulses, channels], or [channels] up to {MAX_CHANNELS}")
        if single:
            arrays["data"] = spectra[None]
        for name in REQUIRED + EXPECTED:
            path = getattr(self.layout, name)
            if path and (name in REQUIRED or name in self._seen
                         or data.has(path)):
                found = self._find(data, name, path)
                if single and name == "gain":
                    found = found[None]
                arrays[name] = found
        self._seen.update(name for name in EXPECTED if name in arrays)
        return arrays

    @staticmethod
    def _find(data: Hash, name: str, path: str) -> NDArray[Any]:
        if not data.has(path):
            raise InputError(f"no {path} in the data: set the path of "
                             f"{name} to one that the source sends")
        try:
            return decode(data[path])
        except InputError as error:
            raise InputError(f"{path}: {error}") from None


def decode(element: Any) -> NDArray[Any]:
    """The array of an NDArray or a vector, as a view.

    Raises `InputError` for anything else and for a shape that does not go
    with the number of bytes.
    """
    if isinstance(element, list | np.ndarray):
        return _array(element)
    if not (isinstance(element, Hash) and "data" in element
            and "shape" in element and "type" in element):
        raise InputError(f"a {type(element).__name__}, expected an array")
    dtype = np.dtype(dtype_from_number(element["type"]))
    if dtype.kind not in "buif":
        raise InputError(f"type number {element['type']}, which is not "
                         "that of an array of numbers")
    dtype = dtype.newbyteorder(">" if element.get("isBigEndian") else "<")
    # as Python numbers: the product of a hostile shape must not wrap
    shape = tuple(int(extent) for extent in element["shape"])
    size = dtype.itemsize
    for extent in shape:
        size *= extent
    try:
        if size != len(element["data"]):
            raise ValueError
        return np.frombuffer(element["data"], dtype).reshape(shape)
    except ValueError:      # numpy too refuses, where an extent is absurd
        raise InputError(f"{len(element['data'])} bytes for shape {shape} "
                         f"of {dtype}") from None


def _array(element: Any) -> NDArray[Any]:
    """The array of numbers in a list or an array, or `InputError`."""
    try:
        array = np.asarray(element)
    except ValueError:      # lists of different lengths
        raise InputError("a list of lists, expected an array") from None
    if array.dtype.kind not in "buif":
        raise InputError(f"values of type {array.dtype}, expected numbers")
    return array


def read_incoming(data: Hash, reader: Reader, channels: int | None,
                  max_pulses: int, **known: Any) -> Incoming:
    """The `Incoming` train in a chunk of data; no payload makes it raise.

    `channels`: number expected, None where no model is live; `known`: the
    train id and times, see `Incoming`.
    """
    try:
        arrays = reader.read(data)
    except InputError as error:
        return Incoming(pulses=pulses_of(data, reader.layout.data),
                       problem=str(error), **known)
    pulses, width = arrays["data"].shape
    problem = ""
    if channels is not None and width != channels:
        problem = (f"{width} channels, the model has {channels}: connect the "
                   "source the model was made for, or load its model")
    elif pulses > max_pulses:
        problem = (f"{pulses} pulses, source.maxPulses is {max_pulses}: "
                   f"restart the device with a larger source.maxPulses")
    return Incoming(pulses=pulses, problem=problem,
                   arrays={} if problem else arrays, **known)


def pulses_of(data: Hash, path: str) -> int:
    """How many pulses there are in data that cannot be used."""
    try:
        spectra = decode(data[path])
    except (InputError, KeyError):
        return 0
    return pulses_in(spectra)
