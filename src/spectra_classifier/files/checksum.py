"""Checksums of data files and where data came from."""
import hashlib
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import __version__
from ..core.describe import printable
from ..errors import DataFileError
from ..model.plain import AnyPath
from ..model.strict_json import JsonObject
from .refusals import need_file


def file_sha256(path: AnyPath) -> str:
    """SHA-256 of the content of a file, 64 hexadecimal digits.

    Raises
    ------
    DataFileError
        If it is not a file that can be read.
    """
    need_file(path)
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read "
                            f"({error.strerror or error})") from None


def array_sha256(values: ArrayLike) -> str:
    """SHA-256 of the numbers of an array, little-endian, in C order."""
    values = np.ascontiguousarray(values)
    return hashlib.sha256(values.astype(
        values.dtype.newbyteorder("<"), copy=False)).hexdigest()


def combined_sha256(digests: Mapping[str, str]) -> str:
    """SHA-256 of named digests, {file name: its SHA-256}, in their order."""
    whole = hashlib.sha256()
    for name, digest in digests.items():
        # names need not be UTF-8
        whole.update(os.fsencode(name) + f"\0{digest}\n".encode())
    return whole.hexdigest()


def provenance(path: AnyPath, kind: str, sha256: str,
               changes: Iterable[str] = (), **more: Any) -> JsonObject:
    """The origin that a `Dataset` keeps.

    Parameters
    ----------
    path
        File or folder.
    kind
        Its format.
    sha256
        Its checksum.
    changes
        One sentence for everything that was done to the content.
    **more
        Further JSON values.
    """
    return {"path": printable(path), "format": kind, "sha256": sha256,
            "reader": f"spectra_classifier {__version__}",
            "changes": list(changes), **more}
