"""Files of spectrometers that libraries read, and those that none reads."""
import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier import files
from spectra_classifier.errors import DataFileError

HEADER = """##TITLE= test
##JCAMP-DX= 4.24
##DATA TYPE= INFRARED SPECTRUM
##XUNITS= 1/CM
##YUNITS= ABSORBANCE
"""


def squeezed(number):
    """A number in squeezed form, as the first of a line."""
    digits = str(abs(number))
    marks = "abcdefghi" if number < 0 else "ABCDEFGHI"
    return ("@" if number == 0 else
            marks[int(digits[0]) - 1] + digits[1:])


def step(number):
    digits = str(abs(number))
    marks = "jklmnopqr" if number < 0 else "JKLMNOPQR"
    return "%" if number == 0 else marks[int(digits[0]) - 1] + digits[1:]


def jcamp_text(y, form, first=400, factor=1., width=8):
    """Whole numbers as JCAMP-DX: plain, squeezed or in steps."""
    lines, start = [], 0
    while start < len(y):
        stop = min(start + width, len(y))
        place = f"{first + start}"
        if form == "plain":
            words = "".join(f" {value}" for value in y[start:stop])
        elif form == "squeezed":
            words = "".join(squeezed(value) for value in y[start:stop])
        else:
            words = squeezed(y[start]) + "".join(
                step(b - a) for a, b in zip(
                    y[start:stop - 1], y[start + 1:stop], strict=True))
        lines.append(place + words)
        if form == "steps" and stop < len(y):
            stop -= 1       # the next line begins with the last of this one
        start = stop
    return (HEADER + f"##XFACTOR= 1\n##YFACTOR= {factor}\n##FIRSTX= {first}\n"
            f"##LASTX= {first + len(y) - 1}\n##NPOINTS= {len(y)}\n"
            f"##FIRSTY= {y[0] * factor}\n##MAXY= {max(y) * factor}\n"
            f"##MINY= {min(y) * factor}\n##XYDATA= (X++(Y..Y))\n"
            + "\n".join(lines) + "\n##END=\n")


@settings(deadline=None, max_examples=60)
@given(y=st.lists(st.integers(-10**6, 10**6), min_size=9, max_size=40),
       form=st.sampled_from(("plain", "squeezed", "steps")),
       factor=st.sampled_from((1., 0.5, 1e-4)),
       suffix=st.sampled_from((".jdx", ".dx", ".txt", ".unknown")))
def test_jcamp_is_read_equal_or_refused(tmp_path_factory, y, form, factor,
                                        suffix):
    path = tmp_path_factory.mktemp("jcamp") / f"a{suffix}"
    path.write_text(jcamp_text(y, form, factor=factor))
    try:
        data = files.read(path)
    except DataFileError as error:
        assert str(path) in str(error)
        return
    np.testing.assert_allclose(data.spectra, [np.array(y) * factor],
                               rtol=1e-12)
    np.testing.assert_allclose(data.axis.values, 400 + np.arange(len(y)))
    assert data.axis.unit == "1/cm"


def test_jcamp_is_read(subtests, tmp_path):
    y = [5, 7, 7, 100, -3, 0, 12, 13, 14, 15, 16, 20]
    for form in "plain", "squeezed", "steps":
        with subtests.test(form=form):
            (tmp_path / "a.jdx").write_text(jcamp_text(y, form))
            data = files.read(tmp_path / "a.jdx")
            np.testing.assert_array_equal(data.spectra, [y])
            assert data.provenance["dialect"]["library"] == "jcamp"


WHOLE = jcamp_text([5, 7, 9, 100, 3, 8, 12, 13, 14, 15, 16, 20], "steps")
BROKEN = [
    ("a line lost", "\n".join(WHOLE.split("\n")[:-3]), "Mismatch of"),
    ("a digit changed", WHOLE.replace("##MAXY= 100", "##MAXY= 900"), "maxy"),
    ("two spectra", WHOLE.replace("##END=", "##XYDATA= (X++(Y..Y))\n400 1 2"),
     "holds 2 spectra"),
    ("peaks", HEADER + "##PEAK TABLE= (XY..XY)\n1,2\n3,4\n##END=\n",
     "holds no curve"),
    ("blocks", HEADER.replace("INFRARED SPECTRUM", "LINK") + WHOLE,
     "more than one block")]


@pytest.mark.parametrize("text, message", [each[1:] for each in BROKEN],
                         ids=[each[0] for each in BROKEN])
def test_jcamp_that_contradicts_itself(tmp_path, text, message):
    (tmp_path / "a.jdx").write_text(text)
    with pytest.raises(DataFileError, match=message):
        files.read(tmp_path / "a.jdx")
    with pytest.raises(DataFileError, match=message):
        files.read(tmp_path)


def spc_file(path, spectra):
    """Float values over wavenumbers, as the definition of SPC has them."""
    count, points = spectra.shape
    several = 4 * (count > 1)
    header = struct.pack("<BBBbIddIB", several, 0x4b, 0, -128, points, 400.,
                         411., count, 1).ljust(512, b"\0")
    path.write_bytes(header + b"".join(
        struct.pack("<BbHffI", 0, -128, number, number, number, 0).ljust(
            32, b"\0") + y.astype("<f4").tobytes()
        for number, y in enumerate(spectra)))


@pytest.mark.parametrize("name", ["a.spc", "a.raw"])
def test_galactic_files(tmp_path, name):
    y = np.linspace(-5, 7, 12)
    spc_file(tmp_path / name, y[None])
    data = files.read(tmp_path / name)
    np.testing.assert_array_equal(data.spectra, [y.astype(np.float32)])
    np.testing.assert_allclose(data.axis.values, np.linspace(400, 411, 12))
    assert data.axis.unit == "1/cm"
    (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:600 - 80])
    with pytest.raises(DataFileError, match="export it"):
        files.read(tmp_path / name)


def test_a_galactic_file_of_many_spectra_is_a_question(tmp_path):
    spc_file(tmp_path / "a.spc", np.ones((3, 12)))
    with pytest.raises(DataFileError, match="holds 3 spectra"):
        files.read(tmp_path / "a.spc")


def zipped(name):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr(name, "1 2\n")
    return held.getvalue()


OTHERS = [
    (b"<?xml version='1.0'?>\n<xrdMeasurements xmlns='http://'>\n", "XRDML"),
    (b"<?xml version='1.0'?>\n<a>1 2</a>\n", "an XML file"),
    (b"<!DOCTYPE html>\n<p>1 2</p>", "page of a web server"),
    (b"a title\nBANK 1 7 1 CONST 1.0 2.0 0 0 FXYE\n 1. 2. 1.\n 2. 3. 1.\n",
     "GSAS"),
    (b"; a.raw\n_FILEVERSION=2\n_2THETACOUNTS\n5 1\n6 2\n", "UXD"),
    (b"RAW1.01\0\0\0", "Bruker file \\(RAW\\)"),
    (b"*RAS_DATA_START\n1 2 1\n2 3 1\n", "RAS"),
    (b"AVS84\2\xc5w", "Avantes"), (b"\n\n\xfe\xfe\0\0", "OPUS"),
    (b"WDF1\1\0\0", "WDF"), (b"Spectral Data File\r\n\0", "OMNIC"),
    (b"<<PMCA SPECTRUM>>\n1\n2\n", "MCA"), (b"$SPEC_ID:\n1 2\n", "SPE"),
    (b"version https://git-lfs.github.com/spec/v1\nsize 12\n", "git lfs"),
    (b"/annex/objects/MD5E-s9--0", "git annex"),
    (b"CDF\1\0\0", "netCDF 4"), (b"\x0e\x03\x13\x01\0", "h4toh5"),
    (b"\x93NUMPY\1\0", "numpy.savez"), (b"\x1f\x8b\x08\0", "unpack it"),
    (b"\x89PNG\r\n\x1a\n", "PDF or picture"),
    (zipped("ps_0.xml"), "ProcSpec"), (zipped("a.xml"), "spreadsheet")]


def test_other_formats_are_called_by_name(subtests, tmp_path):
    for content, words in OTHERS:
        for name in "a.xy", "a.txt", "a.raw", "a", "a.nxs":
            with subtests.test(content=content[:20], name=name):
                (tmp_path / name).write_bytes(content)
                with pytest.raises(DataFileError, match=words) as caught:
                    files.read(tmp_path / name)
                assert name in str(caught.value)


def test_hdf5_of_any_suffix_is_read(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.dat", "w") as file:
        file["x"], file["Y"] = np.arange(4.) + 5, np.ones((2, 4))
    assert len(files.read(tmp_path / "a.dat")) == 2
