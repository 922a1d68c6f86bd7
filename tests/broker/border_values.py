"""Values for the fuzzer of the border, made from a schema alone.

Nothing here is shared with what checks the values in the package: the two
say independently of each other what a property takes.
"""
import math
import random
from dataclasses import dataclass

import numpy as np
from karabo.middlelayer import AccessMode, Hash

INTEGERS = {f"{sign}INT{bits}": np.iinfo(f"{sign.lower()}int{bits}")
            for sign in ("", "U") for bits in (8, 16, 32, 64)}
FLOATS = {"FLOAT": np.finfo(np.float32), "DOUBLE": np.finfo(np.float64)}
LONG = 20_000
WORDS = ["", "a", "data.adc", "high", "low", "unknown", "µ-Δ 試料", "0:10:2",
         "1,2,3", "/", "relative/path", "../..", "-1", "true", "x" * 300,
         "none", "a/b/c:output", "%s %d {}", "'; --"]
UGLY = ["a\0b", "line\nbreak", "\x1b[2J", "x" * LONG, "\r", "\x7f"]


@dataclass(frozen=True)
class Property:
    """One that can be set: where it is and what the schema says of it."""
    path: str
    kind: str
    attributes: dict
    initial: bool           # at the start only


def properties(schema: Hash, prefix: str = "") -> list[Property]:
    """All properties of a schema that can be set, nodes included."""
    found = []
    for key, value, attributes in schema.iterall():
        path = f"{prefix}{key}"
        if attributes.get("displayType") == "Slot":
            continue
        if "valueType" not in attributes:
            if isinstance(value, Hash):
                found += properties(value, f"{path}.")
            continue
        mode = attributes.get("accessMode")
        if mode == AccessMode.READONLY.value:
            continue
        found.append(Property(path, attributes["valueType"],
                              dict(attributes),
                              mode == AccessMode.INITONLY.value))
    return found


def slots(schema: Hash) -> list[str]:
    """Names of the slots that people call."""
    return [key for key, _, attributes in schema.iterall()
            if attributes.get("displayType") == "Slot"]


class Values:
    """Good and bad values for a property; `words`: texts that mean
    something here, such as paths of files."""

    def __init__(self, chance: random.Random, words: list[str]) -> None:
        self.chance = chance
        self.words = WORDS + words

    def anything(self) -> object:
        """Something that is good for few."""
        pick = self.chance.choice
        return pick([
            None, True, False, 0, 1, -1, 2**31, 2**62, -2**62, 0.5, 1e308,
            -1e308, 1e-300, math.nan, math.inf, -math.inf, "", "false",
            "true", "NaN", "5", pick(UGLY), pick(self.words), [], [0], [5],
            [1.5], [True], [math.nan], ["a"], ["a\0"], b"", b"\xff\x00",
            Hash(), Hash("a", 1), Hash("a.b", [1, 2]), [Hash()],
            [Hash("a", 1)], list(range(5000)),
            # none of two dimensions: Karabo could then not send any array
            # out of this process any more
            np.zeros(3, np.float32), np.array([2**63], np.uint64)])

    def good(self, prop: Property) -> object:
        """A value that fits type, shape, range and options."""
        a, pick = prop.attributes, self.chance.choice
        if "options" in a:
            return _plain(pick(list(a["options"])))
        if prop.kind == "BOOL":
            return self.chance.random() < 0.5
        if prop.kind in INTEGERS:
            low, high = _integer_range(prop.kind, a)
            return pick([low, high, min(low + 1, high), self.chance.randint(
                low, min(high, low + 20)), self.chance.randint(low, high)])
        if prop.kind in FLOATS:
            low, high = _float_range(prop.kind, a)
            return pick([low, high, self._between(
                low, min(high, low + 10)), self._between(low, high)])
        if prop.kind == "STRING":
            return pick(self.words)
        if prop.kind == "VECTOR_HASH":
            return [self._row(a["rowSchema"])
                    for _ in range(self.chance.randint(0, 3))]
        size = self.chance.randint(int(a.get("minSize", 0)), min(
            int(a.get("maxSize", 20)), 20))
        if prop.kind == "VECTOR_STRING":
            return [pick(self.words) for _ in range(size)]
        item = Property(prop.path, prop.kind.removeprefix("VECTOR_"), {},
                        False)
        kind = {"VECTOR_FLOAT": np.float32, "VECTOR_DOUBLE": np.float64}.get(
            prop.kind, np.dtype(item.kind.lower())
            if item.kind in INTEGERS else None)
        return np.array([self.good(item) for _ in range(size)], kind)

    def _between(self, low, high):
        share = self.chance.random()        # high - low may be too much
        return low * (1 - share) + high * share

    def _row(self, schema, spoil=""):
        row = Hash()
        for column, _, attributes in schema.hash.iterall():
            prop = Property(column, attributes["valueType"],
                            dict(attributes), False)
            row[column] = (self.bad(prop) if column == spoil
                           else self.good(prop))
        return row

    def bad(self, prop: Property) -> object:
        """A value that must be refused, whatever the others are."""
        for _ in range(100):
            value = self._perhaps_bad(prop)
            if not fits(prop, value):
                return value
        return Hash("never", "good")

    def _perhaps_bad(self, prop):
        if self.chance.random() < 0.5:
            return self.anything()
        if prop.kind == "VECTOR_HASH":
            schema = prop.attributes["rowSchema"]
            columns = list(schema.hash.keys())
            row = self._row(schema, self.chance.choice(columns))
            match self.chance.randrange(3):
                case 0:
                    del row[self.chance.choice(columns)]
                case 1:
                    row["more"] = 1
            return [self._row(schema), row]
        value = self.good(prop)
        if isinstance(value, np.ndarray | list):
            return (["a", *value] if prop.kind != "VECTOR_STRING"
                    else [*value, self.chance.choice(UGLY)])
        match self.chance.randrange(6):
            case 0:
                return [value]
            case 1:
                return str(value) if prop.kind != "STRING" else 5
            case 2 if prop.kind in INTEGERS:
                return self.chance.choice(
                    [edge for edge in _outside(*_integer_range(
                        prop.kind, prop.attributes))
                     if -2**63 <= edge < 2**64])
            case 3 if prop.kind in FLOATS:
                low, high = _float_range(prop.kind, prop.attributes)
                return self.chance.choice([
                    np.nextafter(low, -np.inf).item(),
                    np.nextafter(high, np.inf).item(), -1e300, 1e300])
            case 4:
                return Hash("value", value)
            case _:
                return self.chance.choice(
                    [math.nan, math.inf, None, *UGLY])


def fits(prop: Property, value: object) -> bool:
    """Whether the schema lets a value be set, written down once more."""
    a, kind = prop.attributes, prop.kind
    if isinstance(value, np.ndarray):
        if value.ndim != 1 or not kind.startswith("VECTOR_"):
            return False
        value = value.tolist()
    if kind.startswith("VECTOR_"):
        if not isinstance(value, list) or not (
                a.get("minSize", 0) <= len(value)
                <= a.get("maxSize", 16_384)):
            return False
        if kind == "VECTOR_HASH":
            return all(_row_fits(a["rowSchema"], row) for row in value)
        item = Property("", kind.removeprefix("VECTOR_"), {}, False)
        return all(fits(item, each) for each in value)
    good = {
        "BOOL": lambda: isinstance(value, bool),
        "STRING": lambda: isinstance(value, str) and len(value) <= 16_384
        and value.isprintable()}
    if kind in INTEGERS:
        low, high = _integer_range(kind, a)
        found = (isinstance(value, int) and not isinstance(value, bool)
                 and low <= value <= high)
    elif kind in FLOATS:
        low, high = _float_range(kind, a)
        found = (isinstance(value, int | float)
                 and not isinstance(value, bool) and low <= value <= high)
    else:
        found = kind in good and good[kind]()
    return found and ("options" not in a or value in [
        _plain(option) for option in a["options"]])


def _row_fits(schema, row):
    return (isinstance(row, Hash)
            and set(row.keys()) == set(schema.hash.keys())
            and all(fits(Property(column, attributes["valueType"],
                                  dict(attributes), False), row[column])
                    for column, _, attributes in schema.hash.iterall()))


def _plain(value):
    return value.item() if isinstance(value, np.generic) else value


def _integer_range(kind, a):
    info = INTEGERS[kind]
    low = a.get("minInc", a["minExc"] + 1 if "minExc" in a else info.min)
    high = a.get("maxInc", a["maxExc"] - 1 if "maxExc" in a else info.max)
    return int(low), int(high)


def _outside(low, high):
    return [low - 1, high + 1, -2**40, 2**63]


def _float_range(kind, a):
    edge = float(FLOATS[kind].max)
    low = a.get("minInc", np.nextafter(a["minExc"], np.inf)
                if "minExc" in a else -edge)
    high = a.get("maxInc", np.nextafter(a["maxExc"], -np.inf)
                 if "maxExc" in a else edge)
    return float(low), float(high)
