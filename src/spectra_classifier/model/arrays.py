"""Arrays of a manifest: little-endian base64 in the metadata of the file.

The manifest holds a description {"key", "dtype", "shape", "sha256"}; the
numbers stand under `key` among the ONNX metadata properties.
"""
import base64
import binascii
import hashlib
import math

import numpy as np

from ..errors import ModelFileError

PREFIX = "spectra_classifier.array."
_DTYPES = {"float32": "<f4", "float64": "<f8"}


def encode(name, array):
    """(description, {key: text}) of a float32 or float64 array."""
    array = np.asarray(array)
    dtype = array.dtype.name
    raw = array.astype(_DTYPES[dtype]).tobytes()
    key = PREFIX + name
    description = {"key": key, "dtype": dtype, "shape": list(array.shape),
                   "sha256": hashlib.sha256(raw).hexdigest()}
    return description, {key: base64.b64encode(raw).decode("ascii")}


def decode(description, properties):
    """The array of a description; `ModelFileError` if it is not intact."""
    key, dtype = description["key"], _DTYPES[description["dtype"]]
    shape = tuple(description["shape"])
    if key not in properties:
        raise ModelFileError(f"the array {key!r} that the manifest names is "
                             "not in the file: export the model again")
    try:
        raw = base64.b64decode(properties[key], validate=True)
    except (binascii.Error, ValueError):
        raise ModelFileError(f"the array {key!r} is not base64: the file is "
                             "damaged") from None
    if hashlib.sha256(raw).hexdigest() != description["sha256"]:
        raise ModelFileError(f"the array {key!r} does not match its hash: "
                             "the file is damaged or was edited")
    if len(raw) != math.prod(shape) * np.dtype(dtype).itemsize:
        raise ModelFileError(f"the array {key!r} has {len(raw)} bytes, which "
                             f"is not {description['dtype']} of shape "
                             f"{list(shape)}")
    array = np.frombuffer(raw, dtype).reshape(shape).astype(
        description["dtype"])
    array.flags.writeable = False
    return array
