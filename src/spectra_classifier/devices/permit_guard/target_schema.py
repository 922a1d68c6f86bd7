"""Properties and slots of a device, from its schema, for a guard.

What a guard needs of them is in `core/guard/drive.py`.
"""
import math
from collections.abc import Iterable, Mapping
from numbers import Integral
from typing import Any

from karabo.middlelayer import AccessMode, Schema

from ...core.guard.permit_message import is_number
from ...core.guard.target_node import (
    INTEGERS,
    OTHER_NODE,
    SLOT,
    TargetNode,
)


def nodes_of(schema: Schema, names: Iterable[str]) -> dict[str, TargetNode]:
    """`TargetNode` of each of these names that the schema has."""
    return {name: _node(dict(schema.hash[name, ...]))
            for name in names if name in schema.hash}


def _node(attributes: Mapping[str, Any]) -> TargetNode:
    if "Slot" in (attributes.get("displayType"), attributes.get("classId")):
        return TargetNode(SLOT)
    options = attributes.get("options")
    kind = attributes.get("valueType", OTHER_NODE)
    return TargetNode(
        kind=kind,
        writable=(attributes.get("accessMode")
                  == AccessMode.RECONFIGURABLE.value),
        options=() if options is None else tuple(options),
        low=_limit(attributes, kind, "min", -math.inf),
        high=_limit(attributes, kind, "max", math.inf))


def _limit(attributes: Mapping[str, Any], kind: str, side: str,
           outermost: float) -> float:
    """The inclusive limit; `outermost`: where there is none."""
    if is_number(limit := attributes.get(f"{side}Inc")):
        return _plain(limit)
    if is_number(limit := attributes.get(f"{side}Exc")):
        # a counter counts up to the last value that is taken
        limit = _plain(limit)
        if kind in INTEGERS:
            return limit + (1 if side == "min" else -1)
        return math.nextafter(limit, -outermost)
    return outermost


def _plain(number: Any) -> float:
    # an integer stays one: a float has no room for 64 bits
    return int(number) if isinstance(number, Integral) else float(number)
