"""Quantity and unit of an axis from the names in files.

Only what is known is translated; an unknown unit stays as it is written, and
no number is ever converted. A capital letter counts: meV is not MeV.
"""
import re

#: quantity and unit of an axis
type QuantityUnit = tuple[str, str]

UNKNOWN = "unknown"
#: two theta without a unit is in degrees by custom, but not where all of it
#: could be radians
_FULL_TURN = 6.3

_UNITS = {
    "eV": ("ev", "electronvolt", "electronvolts", "electron_volt"),
    "keV": ("kev", "kiloelectronvolt"),
    "deg": ("degree", "degrees", "degs", "°", "º"),
    "rad": ("radian", "radians", "rads"),
    "1/angstrom": ("1/a", "1/å", "a^-1", "å^-1", "a-1", "å-1", "angstrom^-1",
                   "angstrom-1", "1/ang", "1/angstroms", "inv_angstrom",
                   "a**-1", "å**-1", "inverse_angstrom", "angstrom**-1",
                   "inverse angstrom", "å⁻¹", "a⁻¹"),
    "1/nm": ("nm^-1", "nm-1", "1/nanometer", "1/nanometre", "nm**-1",
             "inv_nm", "inverse_nanometer", "nanometer^-1", "nm⁻¹"),
    "1/m": ("m^-1", "m-1", "m**-1"),
    "1/cm": ("cm^-1", "cm-1", "cm**-1", "cm⁻¹"),
    "angstrom": ("å", "ang", "angstroms"),
    "nm": ("nanometer", "nanometre", "nanometers", "nanometres"),
    "us": ("µs", "μs", "microsecond", "microseconds", "usec"),
    "ms": ("millisecond", "milliseconds", "msec"),
    "s": ("second", "seconds", "sec"),
    "mrad": ("milliradian", "milliradians"),
    "channel": ("channels", "pixel", "pixels", "px", "strip", "strips"),
}
#: units in which a capital decides: milli or mega, joule
_EXACT = {"meV": "meV", "MeV": "MeV", "GeV": "GeV", "J": "J"}
_SPELLINGS = {spelling.lower(): unit for unit, spellings in _UNITS.items()
              for spelling in (unit, *spellings)}
_OF_UNIT = {"eV": "energy", "keV": "energy", "meV": "energy",
            "MeV": "energy", "GeV": "energy", "1/angstrom": "q",
            "1/nm": "q", "channel": "channel"}
#: quantities by the names of columns and datasets, tried in this order
_NAMES = (
    ("two_theta", r"(2|two|t|ii)[ _-]?-?(th(eta)?|θ)(?![a-z])|2tth"),
    ("theta", r"(theta|th|θ)(?![a-z])"),
    ("chi", r"chi(?![a-z])"),
    ("energy", r"((photon|x-?ray|incident)[ _-]?)?energ(y|ies)(?![a-z])"
               r"|e(?![a-z*^])"),
    ("wavenumber", r"wave[ _-]?numbers?(?![a-z])"),
    ("wavelength", r"(wavelength|lambda|λ)(?![a-z])"),
    ("tof", r"(tof|time[ _-]of[ _-]flight)(?![a-z])"),
    ("d", r"d([ _-]?spacing)?(?![a-z*^])"),
    ("q", r"q(?![a-z*^])"),
    ("channel", r"(channels?|pixels?|strips?)(?![a-z])"),
)
#: two theta does not go beyond
_HALF_TURN = 180
#: how XDI names a column
_XDI = re.compile(r"^#\s*Column\.([0-9]+)\s*:\s*(\S+)[ \t]*(\S*)",
                  re.MULTILINE | re.IGNORECASE)
#: a line that is nothing but the name of an axis and perhaps its unit
_HEADING = re.compile(
    r"(\w+[- _]){0,2}(2[- _]?th(eta)?|two[- _]?theta|energy|wavelength|"
    r"wavenumber|tof|q|channel)s?( angle)?"
    r"[ _]*([\[(](?![^\])]*\d\d)[^\])]{1,20}[\])][^\d:=]*"
    r"|[/,:]? *[^\W\d]{1,12})?", re.IGNORECASE)
#: how pyFAI names the axis in its headers
_PYFAI = re.compile(r"^#?\s*(2th_deg|2th_rad|q_nm\^-1|q_A\^-1|chi_deg|chi_rad"
                    r"|r_mm)\s+I\b", re.MULTILINE)


def unit_of(text: str) -> str:
    """The unit that `text` means; `text` itself where it is not known."""
    text = text.strip()
    if not text or text.lower() in ("none", "unknown", "arbitrary", "a.u."):
        return UNKNOWN
    if text in _EXACT:
        return text
    if text.lower() in ("mev", "gev", "j"):
        return text               # milli or mega: ambiguous
    return _SPELLINGS.get(text.lower().replace("å", "å"), text)


def quantity_of(name: str) -> str:
    """The quantity that a name begins with, or "unknown"."""
    name = name.strip().lower()
    return next((quantity for quantity, pattern in _NAMES
                 if re.match(pattern, name)), UNKNOWN)


def axis_of(name: str, unit: str = "") -> QuantityUnit | None:
    """(quantity, unit) of an axis called `name`; None if both are unknown.

    A name that is not a known quantity is "unknown" where there is a unit:
    theta, chi and r are not two theta.
    """
    unit = unit_of(unit)
    quantity = quantity_of(name)
    if quantity == UNKNOWN:
        quantity = _OF_UNIT.get(unit, UNKNOWN)
    if quantity == "channel" and unit == UNKNOWN:
        unit = "channel"
    if quantity == unit == UNKNOWN:
        return None
    return quantity, unit


def axis_of_heading(text: str, largest: float) -> QuantityUnit | None:
    """As `axis_of`, from the heading of a column: `Energy (keV)`, `q_nm^-1`.

    Parameters
    ----------
    text
        The heading.
    largest
        Largest position; two theta without a unit is in degrees if it is
        larger than a full turn.
    """
    text = text.strip().strip("#!%").strip().strip("\"'")
    match = (re.match(r"(.*?)\s*[\[(]\s*([^\])]*)\s*[\])]", text)
             or re.match(r"(.*?)\s*[/,:]\s*(\S+)$", text)
             or re.match(r"(.*?)[ _](\S+)$", text))
    name, unit = match.groups() if match else (text, "")
    if unit and unit_of(unit) == unit and unit not in (
            *_EXACT, *_UNITS) and text[len(name):].strip()[:1] not in "[(":
        name, unit = text, ""      # a second word, not a unit
    if not name:
        return axis_of("", unit)
    if not unit and unit_of(name) in (*_UNITS, *_EXACT):
        return axis_of("", name)
    found = axis_of(name, unit)
    if found == ("two_theta", UNKNOWN) and abs(largest) > _FULL_TURN:
        return "two_theta", "deg"
    return found


def axis_of_header(lines: list[str], names: list[str] | None, column: int,
                   largest: float) -> QuantityUnit | None:
    """What the header of a text file states of the column of positions.

    Parameters
    ----------
    lines
        The header.
    names
        Headings of the columns, None where they do not fit them.
    column
        Number of the column, from 0.
    largest
        Largest position.
    """
    header = "\n".join(lines)
    pyfai = _PYFAI.search(header)
    if pyfai:
        return axis_of_heading(pyfai[1], largest)
    for number, name, unit in _XDI.findall(header):
        if int(number) == column + 1:
            return axis_of(name, unit)
    if names is not None:
        return axis_of_heading(names[column], largest)
    worded = [line for line in lines if re.search(r"[^\W\d_]", line)]
    if worded:      # the first words of the last line that has any
        heading = re.split(r"\t| {2,}|[,;]", worded[-1].strip("#!% \t"))[0]
        # any sentence may begin with an e or with the word energy
        if _HEADING.fullmatch(heading):
            return axis_of_heading(heading, largest)
    return None


def axis_by_custom(lines: list[str], suffix: str,
                   largest: float) -> QuantityUnit | None:
    """.xye files without a heading are powder diffraction in degrees.

    Those that go beyond half a turn are not: times of flight.
    """
    worded = any(re.search(r"[^\W\d_]", line) for line in lines)
    if suffix == ".xye" and not worded and (
            _FULL_TURN < abs(largest) <= _HALF_TURN):
        return "two_theta", "deg"
    return None


def joined(stated: QuantityUnit | None,
           wanted: QuantityUnit | None) -> tuple[QuantityUnit | None, str]:
    """Complete what a file states by what the user states.

    Returns
    -------
    axis
        (quantity, unit), or None if neither states it.
    contradiction
        What does not agree, as text; "" if nothing.
    """
    if stated is None or wanted is None:
        return wanted or stated, ""
    if any(UNKNOWN not in pair and pair[0] != pair[1]
           for pair in zip(stated, wanted, strict=True)):
        return stated, f"{stated[0]} in {stated[1]}"
    quantity, unit = (own if own != UNKNOWN else other for own, other
                      in zip(stated, wanted, strict=True))
    return (quantity, unit), ""
