"""Properties and slots of a device, from its schema, for a guard."""
from collections.abc import Iterable, Mapping
from typing import Any

from karabo.middlelayer import AccessMode, Schema

from ...core.permit.drive import OTHER_NODE, SLOT, TargetNode
from ...core.permit.permit_message import is_number


def nodes_of(schema: Schema, names: Iterable[str]) -> dict[str, TargetNode]:
    """`TargetNode` of each of these names that the schema has."""
    return {name: _node(dict(schema.hash[name, ...]))
            for name in names if name in schema.hash}


def _node(attributes: Mapping[str, Any]) -> TargetNode:
    if "Slot" in (attributes.get("displayType"), attributes.get("classId")):
        return TargetNode(SLOT)
    options = attributes.get("options")
    return TargetNode(
        kind=attributes.get("valueType", OTHER_NODE),
        writable=(attributes.get("accessMode")
                  == AccessMode.RECONFIGURABLE.value),
        options=() if options is None else tuple(options),
        low=_limit(attributes, "min", -float("inf")),
        high=_limit(attributes, "max", float("inf")))


def _limit(attributes: Mapping[str, Any], side: str, default: float) -> float:
    # an exclusive limit is taken for an inclusive one: the target itself
    # refuses the one value between
    for name in f"{side}Inc", f"{side}Exc":
        if is_number(attributes.get(name)):
            return float(attributes[name])
    return default
