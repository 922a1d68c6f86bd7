"""Devices: which are there, from their class, configure, call, shut down."""
from collections.abc import Generator, Mapping
from typing import Any, TypedDict

from karabo.native import Hash, HashList
from karabogui.binding.api import BaseDeviceProxy, get_binding_value
from karabogui.singletons.api import get_manager, get_network, get_topology
from karabogui.topology.api import SystemTreeNode
from screen import plain
from waiting import Task, Tasks, until


class Online(TypedDict):
    """Class ids by server; ids of devices and macros."""
    servers: dict[str, list[str]]
    devices: list[str]
    macros: list[str]


def topology() -> Online:
    """{server: class ids}, device ids and macro ids that are online."""
    servers: dict[str, list[str]] = {}
    found: dict[str, list[str]] = {"device": [], "macro": []}

    def visit(node: SystemTreeNode) -> None:
        kind = node.attributes.get("type")
        if kind == "server":
            servers[node.node_id] = list(
                node.attributes.get("deviceClasses", []))
        elif kind in found:
            found[kind].append(node.node_id)

    get_topology().system_tree.visit(visit)
    return {"servers": servers, "devices": found["device"],
            "macros": found["macro"]}


def show_topology() -> Task:
    """See `topology`."""
    yield
    return {**topology()}


def wait(server: str = "", device: str = "", gone: str = "") -> Task:
    """Wait until a server or a device is online, or a device is gone."""
    def online() -> bool:
        now = topology()
        present = now["devices"] + now["macros"]
        return ((not server or server in now["servers"])
                and (not device or device in present)
                and (not gone or gone not in present))

    yield from until(online, server or device or f"the end of {gone}")
    return {}


def known(proxy: BaseDeviceProxy,
          what: str) -> Generator[None, None, int]:
    """Wait for a schema; returns how many properties it has."""
    yield from until(lambda: len(proxy.binding.value), f"the schema of {what}")
    return len(proxy.binding.value)


def instantiate(server: str, classId: str, device: str,
                configuration: Mapping[str, Any]) -> Task:
    """From its class, with the schema that the server gives for it."""
    made = get_topology().get_project_device(device, server, classId)
    made.proxy.ensure_class_schema()
    properties = yield from known(made.proxy, classId)
    for path, value in configuration.items():
        binding = made.proxy.get_property_binding(path)
        if binding is None:
            raise LookupError(f"{classId} has no {path}")
        binding.value = value
    get_manager().initDevice(server, classId, device)
    yield from wait(device=device)
    return {"properties": properties}


def show_property(device: str, path: str) -> Task:
    """What the configurator would show of a live device."""
    proxy = get_topology().get_device(device)
    proxy.add_monitor()

    def shown() -> Any:
        return (get_binding_value(proxy.get_property_binding(path))
                if len(proxy.binding.value) else None)

    try:
        yield from until(lambda: shown() is not None, f"{device}.{path}")
        return {"value": plain(shown())}
    finally:
        proxy.remove_monitor()


def configure(device: str, values: Mapping[str, Any]) -> Task:
    """Apply values in the configurator; rows of a table are dicts."""
    yield
    get_network().onReconfigure(device, _hash({
        path: HashList(map(_hash, value)) if value and isinstance(
            value, list) and isinstance(value[0], dict) else value
        for path, value in values.items()}))
    return {}


def _hash(values: Mapping[str, Any]) -> Hash:
    return Hash(*(part for item in values.items() for part in item))


def execute(device: str, slot: str) -> Task:
    """Call a slot in the configurator."""
    yield from wait(device=device)
    get_network().onExecute(device, slot, False)
    return {}


def shutdown(device: str) -> Task:
    """Shut a device down."""
    get_manager().shutdownDevice(device, False)
    yield from wait(gone=device)
    return {}


TASKS: Tasks = {
    "topology": show_topology, "await": wait,
    "instantiate": instantiate, "property": show_property,
    "configure": configure, "execute": execute, "shutdown": shutdown}
