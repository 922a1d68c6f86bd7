"""Any fields as 32-bit integers, and back without losing a bit.

For recorders that keep nothing but int32 matrices. Integers and booleans of
up to 32 bits stand as they are, floats and uint32 as the bits of an int32,
64-bit numbers as two of them (low word first) in a last axis of their own,
texts as UTF-8 bytes, four to a word, filled up with zeros.
"""
import json
from dataclasses import dataclass

import numpy as np

from ...errors import InputError

TEXT = "text"
_WORD = np.dtype("<i4")


@dataclass(frozen=True)
class Field:
    """A field of fixed size: numpy `dtype` by name, or `TEXT`, and `shape`.

    The shape of a text is (number of bytes,), of a single number ().
    """
    dtype: str
    shape: tuple = ()

    @property
    def words(self):
        """Shape of the integers; never (): recorders want an axis."""
        if self.dtype == TEXT:
            return (-(-self.shape[0] // _WORD.itemsize),)
        wide = np.dtype(self.dtype).itemsize == 2 * _WORD.itemsize
        return (*self.shape, 2) if wide else self.shape or (1,)


def pack(name, field, value):
    """A fresh int32 array of shape `field.words`.

    A text too long is cut, between two characters. Raises `InputError` with
    `name` where the value is of another kind or shape.
    """
    if isinstance(value, str) != (field.dtype == TEXT):
        raise InputError(f"{name} is a {type(value).__name__}, expected "
                         f"{field.dtype}")
    if field.dtype == TEXT:
        words = np.zeros(field.words, _WORD)
        raw = value.encode()[:field.shape[0]]
        words.view(np.uint8)[:len(raw)] = np.frombuffer(raw, np.uint8)
        return words
    values = np.array(value, np.dtype(field.dtype).newbyteorder("<"),
                      order="C")
    if values.shape != field.shape:
        raise InputError(f"{name} has shape {values.shape}, expected "
                         f"{field.shape}")
    if _stands_as_it_is(values.dtype):
        return values.astype(_WORD).reshape(field.words)
    return values.reshape(field.shape or (1,)).view(_WORD).reshape(
        field.words)


def unpack(field, words):
    """The values of `words`, int32 of shape (..., *field.words).

    (..., *field.shape) of the dtype of the field; for a text str, or an
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
    values = (words.astype(dtype) if _stands_as_it_is(dtype)
              else words.view(dtype))
    return values.reshape((*before, *field.shape)).astype(field.dtype)


def describe(layout):
    """`layout` ({name: Field}) itself as int32 words, for `read_layout`."""
    text = json.dumps({name: [field.dtype, list(field.shape)]
                       for name, field in layout.items()})
    raw = text.encode()
    return pack("layout", Field(TEXT, (len(raw),)), text)


def read_layout(words):
    """{name: Field} of what `describe` made; `InputError` for else."""
    raw = np.ascontiguousarray(words, _WORD).tobytes().rstrip(b"\0")
    try:
        return {name: Field(dtype, tuple(shape)) for name, (dtype, shape)
                in json.loads(raw.decode()).items()}
    except (ValueError, AttributeError, TypeError):
        raise InputError("no description of fields stands in these words; "
                         "was this recorded from a RecordingAdapter?"
                         ) from None


def _stands_as_it_is(dtype):
    return dtype.kind in "biu" and not (dtype.kind == "u"
                                        and dtype.itemsize == 4) and (
        dtype.itemsize <= _WORD.itemsize)
