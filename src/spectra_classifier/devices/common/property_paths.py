"""Properties by their path, such as `decision.minDwell`."""
from operator import attrgetter
from typing import Any

from karabo.middlelayer import Configurable, Hash, Node, Type


def descriptor_at(owner: type[Configurable], path: str) -> Type | None:
    """The descriptor of a property, None where there is none."""
    node, _, rest = path.partition(".")
    if node not in owner._allattrs:
        return None
    found = getattr(owner, node)
    if not rest:
        return found
    return (descriptor_at(found.cls, rest) if isinstance(found, Node)
            else None)


def set_at(owner: Configurable, path: str, value: Any) -> None:
    """Set a property."""
    node, _, key = path.rpartition(".")
    setattr(attrgetter(node)(owner) if node else owner, key, value)


def flat(values: Hash) -> dict[str, Any]:
    """Path to value for all leaves of a configuration."""
    return {path: values[path] for path in values.paths()
            if not isinstance(values[path], Hash)}
