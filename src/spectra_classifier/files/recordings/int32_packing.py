"""Any fields as 32-bit integers, and back without loss.

For recorders that keep only int32 matrices. Integers and booleans of up to
32 bits are kept as they are, floats and uint32 as the bits of an int32,
64-bit numbers as two of them (low word first) in a last axis of their own,
text as UTF-8 bytes, four to a word, padded with zeros.
"""
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError

TEXT = "text"
_WORD = np.dtype("<i4")


@dataclass(frozen=True)
class Field:
    """A field of fixed size.

    Attributes
    ----------
    dtype
        Name of a numpy type, or `TEXT`.
    shape
        () for a single number, (number of bytes,) for text.
    """
    dtype: str
    shape: tuple[int, ...] = ()

    @property
    def words(self) -> tuple[int, ...]:
        """Shape of the integers; never (): recorders need an axis."""
        if self.dtype == TEXT:
            return (-(-self.shape[0] // _WORD.itemsize),)
        wide = np.dtype(self.dtype).itemsize == 2 * _WORD.itemsize
        return (*self.shape, 2) if wide else self.shape or (1,)


def pack(name: str, field: Field, value: ArrayLike) -> NDArray[np.int32]:
    """Pack a value.

    Text that is too long is cut between two characters.

    Parameters
    ----------
    name
        Opens the message of errors.
    field
        Type and shape of the value.
    value
        The value.

    Returns
    -------
    NDArray
        A new array of shape `field.words`.

    Raises
    ------
    InputError
        If the value has another type or shape.
    """
    if isinstance(value, str) != (field.dtype == TEXT):
        raise InputError(f"{name} is a {type(value).__name__}, expected "
                         f"{field.dtype}")
    if isinstance(value, str):
        words = np.zeros(field.words, _WORD)
        raw = value.encode()[:field.shape[0]]
        words.view(np.uint8)[:len(raw)] = np.frombuffer(raw, np.uint8)
        return words
    values = np.array(value, np.dtype(field.dtype).newbyteorder("<"),
                      order="C")
    if values.shape != field.shape:
        raise InputError(f"{name} has shape {values.shape}, expected "
                         f"{field.shape}")
    if _fits_as_it_is(values.dtype):
        return values.astype(_WORD).reshape(field.words)
    return values.reshape(field.shape or (1,)).view(_WORD).reshape(
        field.words)


def unpack(field: Field, words: ArrayLike) -> Any:
    """Unpack values.

    Parameters
    ----------
    field
        Type and shape of one value.
    words
        int32 of shape (..., *field.words).

    Returns
    -------
    NDArray or str
        (..., *field.shape) of the type of the field; for text a str, or an
        object array of them.
    """
    words = np.ascontiguousarray(words, _WORD)
    before = words.shape[:words.ndim - len(field.words)]
    if field.dtype == TEXT:
        texts = np.array([row.tobytes()[:field.shape[0]].rstrip(b"\0").decode(
            errors="ignore") for row in words.reshape(-1, *field.words)],
            object).reshape(before)
        return texts if before else texts.item()
    dtype = np.dtype(field.dtype).newbyteorder("<")
    values = (words.astype(dtype) if _fits_as_it_is(dtype)
              else words.view(dtype))
    return values.reshape((*before, *field.shape)).astype(field.dtype)


def describe(layout: Mapping[str, Field]) -> NDArray[np.int32]:
    """Pack a layout, {name: field}, itself, for `read_layout`."""
    text = json.dumps({name: [field.dtype, list(field.shape)]
                       for name, field in layout.items()})
    raw = text.encode()
    return pack("layout", Field(TEXT, (len(raw),)), text)


def read_layout(words: ArrayLike) -> dict[str, Field]:
    """Unpack a layout that `describe` packed.

    Raises
    ------
    InputError
        If the words are no layout.
    """
    raw = np.ascontiguousarray(words, _WORD).tobytes().rstrip(b"\0")
    try:
        return {name: Field(dtype, tuple(shape)) for name, (dtype, shape)
                in json.loads(raw.decode()).items()}
    except (ValueError, AttributeError, TypeError):
        raise InputError("these words hold no description of fields; "
                         "was this recorded from a RecordingAdapter?"
                         ) from None


def _fits_as_it_is(dtype: np.dtype[Any]) -> bool:
    return dtype.kind in "biu" and not (dtype.kind == "u"
                                        and dtype.itemsize == 4) and (
        dtype.itemsize <= _WORD.itemsize)
