"""How large a model may be, and how its classes may be named.

A model comes from outside: what it asks for is bounded before anything is
computed or reserved. The numbers are far above what the package needs.
"""
import unicodedata
from collections.abc import Iterable, Sequence

from ..errors import InputError

#: a label is an int8 and classes count from 0
MAX_CLASSES = 127
#: ranges of one spectrum; a bin costs some ten nodes of the graph
MAX_BINS = 1024
#: strips of a detector; the largest powder patterns have some 30 000 points
MAX_CHANNELS = 65_536
#: pulses per mean; a train has at most 2700
MAX_AVERAGING = 4096
#: solves of a baseline, which settles within 150
MAX_ITERATIONS = 200
#: solves times channels: some 20 s of the float64 reference
MAX_SOLVES = 1_000_000
#: views that the members of a model share
MAX_VIEWS = 256
#: beyond these a confidence is 0 or 1, or the same for every spectrum
TEMPERATURES = 1e-6, 1e6
#: largest float32 divided by 1000: sums over channels stay finite
MAX_VALUE = 1e35
#: characters of a name that people read in a table
MAX_NAME = 100


def check_name(what: str, name: str) -> None:
    """Check that `name` can be shown in one line.

    Control and format characters, line breaks, leading or trailing blanks and
    lone surrogates would make two names look alike or change a terminal.

    Raises
    ------
    InputError
        Names `what` and the offending name.
    """
    if not isinstance(name, str):
        raise InputError(f"{what} {name!r:.50} is not a text: give it a name")
    if not (name.isprintable() and name == name.strip()
            and 0 < len(name) <= MAX_NAME):
        raise InputError(
            f"{what} {ascii(name)[:60]}: use 1 to {MAX_NAME} printable "
            "characters without blanks at the ends")


def plain_name(name: str) -> str:
    """A name without what readers overlook: capitals, blanks, compatibility
    characters."""
    return _without_blanks(name).casefold()


def alike(classes: Iterable[str]) -> list[str]:
    """A sentence for every two names that differ only in capitals."""
    known: dict[str, str] = {}
    found = []
    for name in classes:
        twin = known.setdefault(plain_name(name), name)
        if twin != name:
            found.append(f"the classes {twin!r} and {name!r} differ only in "
                         "capitals; are they one?")
    return found


def _without_blanks(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split())


def check_classes(classes: Sequence[str]) -> None:
    """Check that class names can be distinguished, and their number.

    Raises
    ------
    InputError
        For fewer than 2 or more than `MAX_CLASSES` names, an invalid name, or
        two names that differ only in blanks or compatibility characters.
    """
    if not 2 <= len(classes) <= MAX_CLASSES:
        raise InputError(f"{len(classes)} classes: expected at least two and "
                         f"at most {MAX_CLASSES}")
    seen: dict[str, str] = {}
    for name in classes:
        check_name("class", name)
        plain = _without_blanks(name)
        if plain in seen:
            raise InputError(
                f"classes {seen[plain]!r} and {name!r} look alike: give each "
                "a name of its own, blanks do not count")
        seen[plain] = name
