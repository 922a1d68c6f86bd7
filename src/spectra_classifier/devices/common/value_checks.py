"""What a device takes from the outside: checked before anything is applied.

Karabo 3.1 takes a list of one number for a number, any text for a bool and
NaN for a number with limits, and reads columns of tables as loosely. Here
every value is held against the descriptor of its property, and a set of
values is taken as a whole or not at all. No property is named here: a new
one is checked because it is in the schema.
"""
import math
import reprlib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any, NoReturn

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Hash,
    Integer,
    KaraboValue,
    Node,
    Number,
    NumpyVector,
    QuantityValue,
    Slot,
    State,
    String,
    Type,
    VectorHash,
    VectorString,
    isSet,
)

from ...core.text import MAX_TEXT, is_text
from ...errors import ConfigurationError

#: tag of a column that tables of earlier versions do not have
LATER = "later"
#: items of a list whose property does not say how many
MAX_ITEMS = 16_384
#: of `deviceId`, which Karabo still takes at a start
OLDER_NAME = "_deviceId_"
_short = reprlib.Repr()
_short.maxstring = _short.maxother = 60
_short.maxlist = _short.maxtuple = 4
_ANY_TEXT = String()


def accepted(owner: type, values: Any, state: State | None = None,
             initial: bool = False) -> Hash:
    """The values of a reconfiguration as their properties take them.

    Parameters
    ----------
    owner : type
        The device class, or the class of a node.
    values : Hash or mapping
        Property to value, nodes as `Hash` of their own.
    state : State, optional
        Of the device, for properties that may be set in some states only.
    initial : bool
        For the configuration of a start: what is set at the start only is
        taken, what is read only is passed over as Karabo does, and None
        leaves the default value.

    Returns
    -------
    Hash
        New, with plain Python values.

    Raises
    ------
    ConfigurationError
        Names the first property that is wrong, its value and what is
        expected.
    """
    return _accepted(owner, values, state, initial, "")


def _accepted(owner: Any, values: Any, state: State | None, initial: bool,
              prefix: str) -> Hash:
    if not isinstance(values, Hash | Mapping):
        raise ConfigurationError(
            f"{prefix.rstrip('.') or 'the configuration'} is "
            f"{shown(values)}: expected properties with their values")
    found = Hash()
    for key, value in _nested(values).items():
        path = f"{prefix}{key}"
        if initial and path == OLDER_NAME:
            found.setElement(key, value, {})
            continue
        if key not in owner._allattrs:
            raise ConfigurationError(
                f"there is no property {path!r} in {owner.__name__}"
                + _nearest(key, owner._allattrs))
        descriptor = getattr(owner, key)
        if initial:
            if (value is None or isinstance(descriptor, Slot)
                    or descriptor.accessMode is AccessMode.READONLY):
                found.setElement(key, value, {})
                continue
        else:
            _check_access(descriptor, path, state)
        if isinstance(descriptor, Node):
            value = _accepted(descriptor.cls, value, state, initial,
                              f"{path}.")
        else:
            value = checked(descriptor, value, path)
        found.setElement(key, value, {})
    return found


def _nested(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """With a mapping for every dot, as Karabo sends it.

    Unchecked values are never put into a `Hash`: after an array of two
    dimensions Karabo sends no array of this process any more.
    """
    if isinstance(values, Hash):
        return values
    found: dict[str, Any] = {}
    for path, value in values.items():
        *nodes, key = path.split(".")
        place = found
        for node in nodes:
            place = place.setdefault(node, {})
        place[key] = value
    return found


def _nearest(key: str, known: Iterable[str]) -> str:
    """What may have been meant, as the end of a sentence."""
    found = get_close_matches(key, known, n=1)
    return f": did you mean {found[0]!r}?" if found else ""


def _check_access(descriptor: Type, path: str,
                  state: State | None) -> None:
    if isinstance(descriptor, Slot):
        raise ConfigurationError(f"{path} is a slot: call it, it has no "
                                 "value")
    if descriptor.accessMode is not AccessMode.RECONFIGURABLE:
        raise ConfigurationError(f"property {path!r} is not reconfigurable")
    if (descriptor.allowedStates is not None
            and state not in descriptor.allowedStates):
        allowed = ", ".join(sorted(
            each.value for each in descriptor.allowedStates))
        raise ConfigurationError(f"{path} cannot be set in state {state}: "
                                 f"wait for {allowed}")


def checked(descriptor: Type, value: Any, path: str) -> Any:
    """One value as its property takes it.

    Parameters
    ----------
    descriptor : Type
        Of the property, or of a column of a table.
    value : object
        As it came in.
    path : str
        Name of the property, for the sentence.

    Returns
    -------
    object
        bool, int, float, str, or a list of those or of `Hash`.

    Raises
    ------
    ConfigurationError
        The value is not of the type, shape, range or size.
    """
    if isinstance(value, KaraboValue):
        value = _plain(descriptor, value)
    for kind, check in _CHECKS:
        if isinstance(descriptor, kind):
            return check(descriptor, value, path)
    raise ConfigurationError(     # unknown types are refused
        f"{path} cannot be set: values of type "
        f"{type(descriptor).__name__} are not taken")


def _plain(descriptor: Type, value: Any) -> Any:
    if not isSet(value):
        return None
    if isinstance(value, QuantityValue) and hasattr(descriptor, "units"):
        try:
            value = value.to(descriptor.units)
        except Exception:       # pint has a class of its own for each unit
            return value
    return getattr(value, "value", value)


def shown(value: object) -> str:
    """A value in a sentence, cut to a length that people read."""
    return _short.repr(value)[:200]


def _refuse(path: str, value: Any, expected: str) -> NoReturn:
    raise ConfigurationError(f"{path} is {shown(value)}: expected {expected}")


def _bool(descriptor: Type, value: Any, path: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        _refuse(path, value, "true or false")
    return bool(value)


def _integer(descriptor: Type, value: Any, path: str) -> int:
    low, high = map(int, descriptor.getMinMax())
    if not (isinstance(value, Integral) and not isinstance(value, bool)
            and low <= int(value) <= high):
        _refuse(path, value, f"one whole number from {low} to {high}")
    return _option(descriptor, int(value), path)


def _number(descriptor: Type, value: Any, path: str) -> float:
    number = math.nan
    if isinstance(value, Real) and not isinstance(value, bool | np.bool_):
        try:
            number = float(value)
        except OverflowError:
            number = math.inf
    if not (math.isfinite(number) and _inside(descriptor, number)):
        _refuse(path, value, f"one number {_limits(descriptor)}")
    return _option(descriptor, number, path)


def _inside(descriptor: Type, number: float) -> bool:
    d = descriptor
    return (abs(number) <= float(np.finfo(d.numpy).max)
            and (d.minInc is None or number >= d.minInc)
            and (d.minExc is None or number > d.minExc)
            and (d.maxInc is None or number <= d.maxInc)
            and (d.maxExc is None or number < d.maxExc))


def _limits(descriptor: Type) -> str:
    found = [f"{word} {float(limit):g}" for word, limit in (
        ("from", descriptor.minInc), ("above", descriptor.minExc),
        ("to", descriptor.maxInc), ("below", descriptor.maxExc))
        if limit is not None]
    return " ".join(found) or "that is finite"


def _text(descriptor: Type, value: Any, path: str) -> str:
    if not is_text(value):
        _refuse(path, value, "a text without control characters, of at most "
                             f"{MAX_TEXT} characters")
    return _option(descriptor, value, path)


def _option(descriptor: Type, value: Any, path: str) -> Any:
    options = descriptor.options
    if options is not None:
        options = [getattr(option, "value", option) for option in options]
        if value not in options:
            _refuse(path, value, f"one of {', '.join(map(str, options))}")
    return value


def _items(descriptor: Type, value: Any, path: str,
           what: str) -> list[Any]:
    """The value as a list of a length that its property allows."""
    if isinstance(value, np.ndarray) and value.ndim == 1:
        value = value.tolist()
    if not isinstance(value, list | tuple):
        _refuse(path, value, f"a list of {what}")
    low = int(descriptor.minSize or 0)
    high = int(MAX_ITEMS if descriptor.maxSize is None
               else descriptor.maxSize)
    if not low <= len(value) <= high:
        raise ConfigurationError(f"{path} has {len(value)} entries: expected "
                                 f"{low} to {high}")
    return list(value)


def _vector(descriptor: Type, value: Any, path: str) -> list[Any]:
    basetype = descriptor.basetype(strict=False)
    return [checked(basetype, item, f"{path}[{number}]")
            for number, item in enumerate(
                _items(descriptor, value, path, "numbers"))]


def _texts(descriptor: Type, value: Any, path: str) -> list[str]:
    return [_text(_ANY_TEXT, item, f"{path}[{number}]")
            for number, item in enumerate(
                _items(descriptor, value, path, "texts"))]


def _table(descriptor: Type, value: Any, path: str) -> list[Hash]:
    rows = _items(descriptor, value, path, "rows")
    return [_row(descriptor, row, f"{path}, row {number}")
            for number, row in enumerate(rows)]


def _row(descriptor: Type, row: Any, path: str) -> Hash:
    if not isinstance(row, Hash | Mapping):
        _refuse(path, row, f"the columns {', '.join(descriptor.bindings)}")
    found = Hash()
    for column, binding in descriptor.bindings.items():
        if column not in row and LATER in (binding.tags or ()):
            found[column] = checked(binding, binding.defaultValue,
                                    f"{path}: {column}")
            continue
        if column not in row:
            raise ConfigurationError(f"{path}: the column {column} is "
                                     "missing")
        found[column] = checked(binding, row[column], f"{path}: {column}")
    if more := [column for column in row if column not in found]:
        raise ConfigurationError(f"{path}: there is no column {more[0]!r}")
    return found


#: what a descriptor is -> how its values are checked; the first that fits
_CHECKS = ((Bool, _bool), (Integer, _integer), (Number, _number),
           (String, _text), (VectorString, _texts), (VectorHash, _table),
           (NumpyVector, _vector))
