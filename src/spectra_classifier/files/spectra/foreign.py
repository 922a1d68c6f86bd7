"""Formats of spectrometers that libraries read: one spectrum per file.

The libraries are not part of this package; `formats` recognises the formats.
Each reader gives positions, intensities and the unit of the positions, and
checks what the file itself states of them: a library that loses the thread of
a compressed line goes on without a word.
"""
import contextlib
import io
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.describe import printable
from ...errors import DataFileError
from ...model.plain import AnyPath
from ..refusals import read_bytes, refusals
from .axis_names import UNKNOWN, QuantityUnit, axis_of

#: a rounded number in a header may differ from the data by this share of
#: their span
_ROUNDED = 1e-3
#: where the points of a spectrum begin in JCAMP-DX
_CURVES = re.compile(rb"^[ \t]*##[ \t]*XY[ _/-]*(?:DATA|POINTS)[ \t]*=",
                     re.MULTILINE | re.IGNORECASE)


class ForeignSpectrum(NamedTuple):
    """Positions, intensities (channels,), and what the file calls the axis."""
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    quantity_unit: QuantityUnit | None


def read_foreign(path: AnyPath, library: str) -> ForeignSpectrum:
    """Read a file with the library of its format.

    Parameters
    ----------
    path
        The file.
    library
        Key of `_READERS`.

    Raises
    ------
    DataFileError
        If the library cannot read it, does not find what the file states, or
        finds more than one spectrum.
    ModuleNotFoundError
        If the library is not installed.
    """
    with refusals(path, "export it as two columns (.xy)"):
        try:
            return _READERS[library](path)
        except ModuleNotFoundError:
            raise DataFileError(
                f"{path}: needs the library {library} to be read: "
                f"pip install {library}, or "
                "export the file as two columns (.xy)") from None


def _jcamp(path: AnyPath) -> ForeignSpectrum:
    import jcamp

    # the library keeps the last one
    blocks = len(_CURVES.findall(read_bytes(path)))
    if blocks > 1:
        raise DataFileError(f"{path}: holds {blocks} spectra; export one per "
                            "file")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):      # it prints what it doubts
        found = jcamp.readfile(path)
    if "children" in found or "ntuples" in found:
        raise DataFileError(f"{path}: holds more than one block of data; "
                            "export one spectrum per file")
    if not {"xydata", "xypoints"} & set(found):
        raise DataFileError(f"{path}: holds no curve, only "
                            f"{printable(found.get('data type', 'a table'))};"
                            " export two columns (.xy)")
    x, y = (np.asarray(found[name], np.float64) for name in "xy")
    doubt = printed.getvalue().strip().partition("\n")[0] or _contradiction(
        found, x, y)
    if doubt:
        raise DataFileError(f"{path}: is damaged or of a kind that jcamp "
                            f"does not know ({printable(doubt)}); export it "
                            "as two columns (.xy)")
    return ForeignSpectrum(x, y, axis_of("", str(found.get("xunits", ""))))


def _contradiction(header: Mapping[str, Any], x: NDArray[np.float64],
                   y: NDArray[np.float64]) -> str:
    """What the header of a JCAMP-DX file states otherwise, or ""."""
    points = header.get("npoints")
    if not len(x) == len(y) == (len(x) if points is None else points):
        return (f"{len(x)} positions and {len(y)} intensities instead of "
                f"{points}")
    if not len(x):
        return "no points"
    for name, values, value in (
            ("firstx", x, x[0]), ("lastx", x, x[-1]), ("firsty", y, y[0]),
            ("maxy", y, y.max()), ("miny", y, y.min())):
        stated = header.get(name)
        if isinstance(stated, int | float) and not (
                abs(stated - value) <= _ROUNDED * max(
                    np.ptp(values), abs(value))):
            return f"{name} {stated:g}, and {value:g} was read"
    return ""


def _spc(path: AnyPath) -> ForeignSpectrum:
    from spc_io import SPC

    with open(path, "rb") as file:
        found = SPC.from_bytes_io(file)
    if len(found) != 1:
        raise DataFileError(f"{path}: holds {len(found)} spectra; export one "
                            "per file")
    return ForeignSpectrum(
        np.asarray(found[0].xarray, np.float64),
        np.asarray(found[0].yarray, np.float64), _SPC_AXES.get(found.xtype))


#: axes of SPC by their names in the definition of the format
_SPC_AXES = {
    "XWAVEN": (UNKNOWN, "1/cm"), "XRAMANS": (UNKNOWN, "1/cm"),
    "XUMETR": ("wavelength", "um"), "XNMETR": ("wavelength", "nm"),
    "XEV": ("energy", "eV"), "XCHANL": ("channel", "channel"),
    "XMSEC": (UNKNOWN, "ms"), "XUSEC": (UNKNOWN, "us")}
_READERS: dict[str, Callable[[AnyPath], ForeignSpectrum]] = {
    "jcamp": _jcamp, "spc-io": _spc}
