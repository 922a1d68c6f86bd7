"""Arrays of a manifest: little-endian base64 in the metadata of the file.

The manifest holds a description {"key", "dtype", "shape", "sha256"}; the
numbers are kept under `key` among the ONNX metadata properties.
"""
import base64
import binascii
import hashlib
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ModelFileError
from .strict_json import JsonObject

PREFIX = "spectra_classifier.array."
_DTYPES = {"float32": "<f4", "float64": "<f8"}


def encode(name: str, array: ArrayLike) -> tuple[JsonObject, dict[str, str]]:
    """Describe and encode a float32 or float64 array.

    Returns
    -------
    description
        For the manifest.
    properties
        {key: base64 text} for the metadata of the file.
    """
    array = np.asarray(array)
    dtype = array.dtype.name
    raw = array.astype(_DTYPES[dtype]).tobytes()
    key = PREFIX + name
    description = {"key": key, "dtype": dtype, "shape": list(array.shape),
                   "sha256": hashlib.sha256(raw).hexdigest()}
    return description, {key: base64.b64encode(raw).decode("ascii")}


def decode(description: Mapping[str, Any],
           properties: Mapping[str, str]) -> NDArray[Any]:
    """Decode the array of a description, read-only.

    Raises
    ------
    ModelFileError
        If the array is missing or not intact.
    """
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
