"""Formats of other programs, recognised by their first bytes.

A file of another format may hold lines that look like columns of numbers, or
carry a suffix that is no warning (`.txt`, `.raw`): every file is compared with
this table before it is read as text.
"""
import re
from typing import NamedTuple

from ...errors import DataFileError
from ...model.plain import AnyPath

#: bytes of a file that are looked at
HEAD = 8192
HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"


class Format(NamedTuple):
    """A format of other programs.

    Attributes
    ----------
    name
        What it is called.
    signature
        Pattern at the start of such files.
    remedy
        How to get a file that can be read.
    library
        What `foreign` reads it with; "" where nothing does.
    """
    name: str
    signature: re.Pattern[bytes]
    remedy: str
    library: str = ""


def _start(pattern: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:" + pattern + rb")",
                      re.IGNORECASE)


def _line(pattern: bytes) -> re.Pattern[bytes]:
    """A line among the first ones."""
    return re.compile(rb"(?s:.*?)(?:\A|[\r\n])(?:" + pattern + rb")",
                      re.IGNORECASE)


_XY = "as two columns (.xy)"
FORMATS = (
    Format("a pointer of Git LFS or git-annex, not the data",
           _start(rb"version https://git-lfs|/annex/objects/|"
                  rb"(\.\./)*\.git/annex/"),
           "fetch the content with git lfs pull or git annex get"),
    Format("a page of a web server",
           _start(rb"<!doctype html|<html"),
           "download the file itself; the server may want a login"),
    Format("a PANalytical file (XRDML)", _line(rb".{0,200}<xrdMeasurement"),
           f"export it {_XY} with Data Viewer"),
    Format("an XML file", _start(rb"<\?xml|<[a-z]+[ >]"),
           f"export it {_XY} with the program that wrote it"),
    Format("a JCAMP-DX file", _start(rb"##\s*title\s*="),
           f"export it {_XY} or .csv with the program that wrote it",
           "jcamp"),
    Format("a GSAS powder file", _line(rb"bank +[0-9]+ +[0-9]+ +[0-9]+ +"),
           f"export it {_XY} or .xye with GSAS-II"),
    Format("a Bruker file (UXD)", _line(rb"_fileversion *="),
           f"export it {_XY} with EVA or XCH"),
    Format("a Bruker file (RAW)", _start(rb"RAW(1\.|2|4\.)"),
           f"export it {_XY} with EVA or XCH"),
    Format("a Rigaku file (RAS)", _start(rb"\*ras_data_start"),
           "export it as text (.asc or .txt) with SmartLab Studio"),
    Format("a VAMAS file", _start(rb"vamas surface chemical analysis"),
           f"export it {_XY} with CasaXPS"),
    Format("an Amptek spectrum (MCA)", _start(rb"<<pmca spectrum>>"),
           f"export it {_XY} with the calibrated energies"),
    Format("an IAEA spectrum (SPE)", _start(rb"\$[a-z_]+:"),
           f"export it {_XY} with the calibrated energies"),
    Format("a spectrum of electron microscopes (MSA)",
           _start(rb"#format *: *emsa/mas"), f"export it {_XY}"),
    Format("an Avantes spectrum in binary form", _start(rb"AVS8[0-9]"),
           "export it as text with AvaSoft"),
    Format("an Ocean Insight spectrum (ProcSpec)",
           re.compile(rb"PK\x03\x04.{26}.*?ps_[0-9]+", re.DOTALL),
           "export it as text, tab delimited, with OceanView"),
    Format("an archive or a spreadsheet (zip)", _start(rb"PK\x03\x04"),
           "unpack it, or save the sheet as CSV"),
    Format("a compressed file", _start(rb"\x1f\x8b|BZh[1-9]|\xfd7zXZ"),
           "unpack it"),
    Format("a Bruker OPUS file", _start(rb"\xfe\xfe\x00"),
           "export it as a data point table (.dpt) with OPUS"),
    Format("a Thermo OMNIC file", _start(rb"Spectral (Data|Exte) File"),
           "export it as CSV with OMNIC"),
    Format("a Renishaw file (WDF)", _start(rb"WDF1"),
           "export it as text with WiRE"),
    Format("a Galactic file (SPC)", re.compile(
        rb"(?=.{2,40}\x00).[\x4b\x4c\x4d\xcf]", re.DOTALL),
           f"export it {_XY} or .csv with the program that wrote it",
           "spc-io"),
    Format("a netCDF file of version 3", _start(rb"CDF[\x01\x02\x05]"),
           "save it as netCDF 4"),
    Format("an HDF4 file", _start(rb"\x0e\x03\x13\x01"),
           "convert it to HDF5 with h4toh5"),
    Format("a NumPy array (.npy)", _start(rb"\x93NUMPY"),
           "save axis and spectra together: numpy.savez(path, x=..., Y=...)"),
    Format("an R data file", _start(rb"RD[AX][0-9]\n"),
           "write it as CSV"),
    Format("a PDF or picture",
           _start(rb"%PDF-|\x89PNG|II\*\x00|MM\x00\*|\xff\xd8\xff|GIF8"),
           "give the data that it shows"),
)


def head_of(path: AnyPath) -> bytes:
    """The first bytes of a regular file."""
    with open(path, "rb") as file:
        return file.read(HEAD)


def is_binary(head: bytes) -> bool:
    """Whether a file is no text; NUL pads headers and is half of UTF-16."""
    return bool(re.search(rb"[\x01-\x08\x0e-\x19\x1b-\x1f]", head))


def format_of(head: bytes) -> Format | None:
    """The format of a file that starts with `head`; None for others."""
    return next((each for each in FORMATS if each.signature.match(head)),
                None)


def refuse_others(path: AnyPath, head: bytes) -> None:
    """`DataFileError` for a file of a format that nothing reads."""
    found = format_of(head)
    if found is not None and not found.library:
        raise DataFileError(f"{path}: is {found.name}; {found.remedy}")
