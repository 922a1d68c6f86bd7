"""Devices: which are there, from their class, configure, call, shut down."""
from karabo.native import Hash
from karabogui.binding.api import get_binding_value
from karabogui.singletons.api import get_manager, get_network, get_topology
from screen import plain
from waiting import until


def topology():
    """{server: class ids}, device ids and macro ids that are online."""
    servers, found = {}, {"device": [], "macro": []}

    def visit(node):
        kind = node.attributes.get("type")
        if kind == "server":
            servers[node.node_id] = list(
                node.attributes.get("deviceClasses", []))
        elif kind in found:
            found[kind].append(node.node_id)

    get_topology().system_tree.visit(visit)
    return {"servers": servers, "devices": found["device"],
            "macros": found["macro"]}


def show_topology():
    """See `topology`."""
    yield
    return topology()


def wait(server="", device="", gone=""):
    """Wait until a server or a device is online, or a device is gone."""
    def online():
        now = topology()
        present = now["devices"] + now["macros"]
        return ((not server or server in now["servers"])
                and (not device or device in present)
                and (not gone or gone not in present))

    yield from until(online, server or device or f"the end of {gone}")
    return {}


def known(proxy, what):
    """Wait for a schema; returns how many properties it has."""
    yield from until(lambda: len(proxy.binding.value), f"the schema of {what}")
    return len(proxy.binding.value)


def instantiate(server, classId, device, configuration):
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


def show_property(device, path):
    """What the configurator would show of a live device."""
    proxy = get_topology().get_device(device)
    proxy.add_monitor()

    def shown():
        return (get_binding_value(proxy.get_property_binding(path))
                if len(proxy.binding.value) else None)

    try:
        yield from until(lambda: shown() is not None, f"{device}.{path}")
        return {"value": plain(shown())}
    finally:
        proxy.remove_monitor()


def configure(device, values):
    """Apply values in the configurator."""
    yield
    get_network().onReconfigure(device, Hash(
        *(part for item in values.items() for part in item)))
    return {}


def execute(device, slot):
    """Call a slot in the configurator."""
    yield from wait(device=device)
    get_network().onExecute(device, slot, False)
    return {}


def shutdown(device):
    """Shut a device down."""
    get_manager().shutdownDevice(device, False)
    yield from wait(gone=device)
    return {}


TASKS = {"topology": show_topology, "await": wait,
         "instantiate": instantiate, "property": show_property,
         "configure": configure, "execute": execute, "shutdown": shutdown}
