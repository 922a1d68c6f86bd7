"""Property tables of the operator guide, made from the schema.

    python -m docs_tables.property_tables docs/devices

writes the tables of every device between the two marks of its page
(SpectraClassifier: spectra_classifier.md), so that the pages always agree
with the devices.
"""
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from karabo.middlelayer import AccessMode, Device, Hash, MetricPrefix, Unit

from spectra_classifier import devices

BEGIN = ("<!-- properties: begin (made by python -m "
         "docs_tables.property_tables) -->")
END = "<!-- properties: end -->"
#: attributes of a property in the schema
type _Attributes = Mapping[str, Any]
#: kinds of nodes whose properties are those of Karabo
CHANNELS = "InputChannel", "OutputChannel"
LEVELS = {0: "observer", 1: "operator", 2: "expert"}


def tables(device_class: type[Device]) -> str:
    """Markdown: what can be set, read and called."""
    inherited = set(Device.getClassSchema().hash.paths())
    parts: dict[str, list[tuple[str, ...]]] = {
        "Set": [], "Read": [], "Call": []}
    for path, attributes in _leaves(device_class.getClassSchema().hash):
        if path in inherited:
            continue
        if attributes.get("displayType") == "Slot":
            parts["Call"].append(_slot(path, attributes))
        elif attributes["accessMode"] == AccessMode.READONLY.value:
            parts["Read"].append(_reading(path, attributes))
        else:
            parts["Set"].append(_setting(path, attributes))
    heads = {"Set": "property | type | default | limits | level | meaning",
             "Read": "property | type | meaning",
             "Call": "slot | level | meaning"}
    text: list[str] = []
    for title, rows in parts.items():
        columns = heads[title].count("|") + 1
        text += [f"### {title}", "", f"| {heads[title]} |",
                 "|" + "---|" * columns,
                 *(f"| {' | '.join(row)} |" for row in rows), ""]
    return "\n".join(text)


def _leaves(schema: Hash, prefix: str = ""
            ) -> Iterator[tuple[str, _Attributes]]:
    """Properties and slots with their attributes, nodes included."""
    for key, value, attributes in schema.iterall():
        path = f"{prefix}{key}"
        if "valueType" in attributes or (
                attributes.get("displayType") == "Slot"):
            yield path, dict(attributes)
        elif attributes.get("displayType") not in CHANNELS:
            yield from _leaves(value, f"{path}.")


def _setting(path: str, attributes: _Attributes) -> tuple[str, ...]:
    mode = attributes["accessMode"]
    meaning = _meaning(attributes)
    if mode == AccessMode.INITONLY.value:
        meaning += " *(at the start only)*"
    return (f"`{path}`", _type(attributes), _default(attributes),
            _limits(attributes), _level(attributes), meaning)


def _reading(path: str, attributes: _Attributes) -> tuple[str, ...]:
    return f"`{path}`", _type(attributes), _meaning(attributes)


def _slot(path: str, attributes: _Attributes) -> tuple[str, ...]:
    return f"`{path}`", _level(attributes), _meaning(attributes)


def _meaning(attributes: _Attributes) -> str:
    return attributes.get("description", "").replace("|", "\\|")


def _level(attributes: _Attributes) -> str:
    return LEVELS[int(attributes["requiredAccessLevel"])]


def _type(attributes: _Attributes) -> str:
    kind = attributes["valueType"].lower().replace("_", " ")
    if kind == "vector hash":
        kind = "table"
    unit = Unit(attributes.get("unitSymbol", ""))
    if unit is Unit.NUMBER:
        return kind
    prefix = MetricPrefix(attributes.get("metricPrefixSymbol", ""))
    return f"{kind}, {prefix.value}{unit.value}"


def _default(attributes: _Attributes) -> str:
    default = attributes.get("defaultValue")
    if default is None or (hasattr(default, "__len__") and not len(default)):
        return "empty"
    if isinstance(default, bool):
        return "yes" if default else "no"
    return f"{default:g}" if isinstance(default, float) else str(default)


def _limits(attributes: _Attributes) -> str:
    if "options" in attributes:
        return ", ".join(map(str, attributes["options"]))
    signs = {"minInc": ">= ", "minExc": "> ", "maxInc": "<= ",
             "maxExc": "< "}
    return ", ".join(f"{sign}{float(attributes[name]):g}"
                     for name, sign in signs.items() if name in attributes)


def in_page(text: str, device_class: type[Device]) -> str:
    """A page with new tables; `ValueError` if it has no marks for them."""
    head, mark, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not (mark and end):
        raise ValueError(f"no place for the tables: put {BEGIN!r} and "
                         f"{END!r} into the page")
    return f"{head}{BEGIN}\n\n{tables(device_class)}\n{end}{tail}"


def page_of(device_class: type[Device]) -> str:
    """Name of the page of a device class."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_",
                  device_class.__name__).lower() + ".md"


def device_classes() -> list[type[Device]]:
    """All device classes of the package, by name."""
    return [getattr(devices, name) for name in sorted(devices.MODULES)]


def main(folder: str) -> None:
    for device_class in device_classes():
        page = Path(folder) / page_of(device_class)
        page.write_text(in_page(page.read_text(), device_class))


if __name__ == "__main__":
    main(*sys.argv[1:])
