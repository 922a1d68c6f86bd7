"""What headings and units say of an axis."""
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.files.spectra.axis_names import (
    axis_of,
    axis_of_heading,
    joined,
    unit_of,
)

HEADINGS = [
    ("2theta", ("two_theta", "deg")), ("2Theta [°]", ("two_theta", "deg")),
    ("2th_rad", ("two_theta", "rad")), ("TOF(us)", ("tof", "us")),
    ("Energy (meV)", ("energy", "meV")), ("Energy/keV", ("energy", "keV")),
    ("Photon energy (eV)", ("energy", "eV")), ("E (J)", ("energy", "J")),
    ("Energy", ("energy", "unknown")), ("energy, eV", ("energy", "eV")),
    ("Energy (mev)", ("energy", "mev")), ("eV", ("energy", "eV")),
    ("q_nm^-1", ("q", "1/nm")), ("q_A^-1", ("q", "1/angstrom")),
    ("Wavenumber (cm^-1)", ("wavenumber", "1/cm")),
    ("Q (Å⁻¹)", ("q", "1/angstrom")), ("theta (deg)", ("theta", "deg")),
    ("chi_deg", ("chi", "deg")), ("[nm]", ("unknown", "nm")),
    ("Angle (deg)", ("unknown", "deg")), ("wavelength nm",
                                          ("wavelength", "nm")),
    ("channel", ("channel", "channel")), ("Position", None), ("x", None),
    ("temperature", None), ("intensity", None), ("error", None)]


def test_headings(subtests):
    for text, expected in HEADINGS:
        with subtests.test(text=text):
            assert axis_of_heading(text, 90.) == expected


def test_two_theta_that_could_be_radians_has_no_unit():
    assert axis_of_heading("2theta", 1.4) == ("two_theta", "unknown")


UNITS = [
    ("nm^-1", "1/nm"), ("Å^-1", "1/angstrom"), ("°", "deg"),
    ("degrees", "deg"), ("µs", "us"), ("meV", "meV"), ("MeV", "MeV"),
    ("mev", "mev"), ("KEV", "keV"), ("furlong", "furlong"),
    ("", "unknown"), ("a.u.", "unknown")]


def test_units(subtests):
    for spelling, unit in UNITS:
        with subtests.test(spelling=spelling):
            assert unit_of(spelling) == unit


@given(st.text(max_size=12))
def test_no_text_becomes_electronvolts_that_does_not_say_so(text):
    if unit_of(text) in ("eV", "keV", "deg"):
        assert text.strip().lower() in (
            "ev", "kev", "deg", "degs", "degree", "degrees", "°", "º",
            "electronvolt", "electronvolts", "electron_volt",
            "kiloelectronvolt")


def test_degrees_alone_are_no_two_theta(subtests):
    for name in "theta", "chi", "q", "tof", "x":
        with subtests.test(name=name):
            assert axis_of(name, "deg")[0] != "two_theta"


def test_what_is_stated_is_completed_and_never_replaced():
    assert joined(("energy", "unknown"), ("energy", "eV")) == (
        ("energy", "eV"), "")
    assert joined(None, ("q", "1/nm")) == (("q", "1/nm"), "")
    assert joined(("energy", "eV"), None) == (("energy", "eV"), "")
    assert joined(("energy", "keV"), ("energy", "eV"))[1] == "energy in keV"
