"""A person at the real Karabo GUI, driven by lines of JSON.

    .venv-gui/bin/python client.py HOST PORT

Runs in the environment of the GUI, where nothing of ours is installed. Every
line on stdin is a task {"do": NAME, ...}; every answer is one line on stdout
that begins with "= ", {"ok": true, ...} or {"ok": false, "error": TEXT}.
What the GUI itself prints goes by on stdout and stderr.

Each task is a generator that yields until it is done, so that the event loop
of the GUI turns in between.
"""
import json
import os
import sys
import time
from functools import partial
from hashlib import sha256

import karabogui.const as constants
import karabogui.singletons.network as network
from karabo.common.project.api import ProjectDBCache, read_lazy_object
from karabo.native import read_project_model
from karabogui.binding.api import get_binding_value
from karabogui.programs.base import create_gui_app, init_gui
from karabogui.project.controller.server import get_project_servers
from karabogui.request import get_scene_from_server
from karabogui.sceneview.api import ControllerContainer, SceneView
from karabogui.singletons.api import (
    get_manager,
    get_network,
    get_project_model,
    get_topology,
)
from qtpy.QtCore import QSocketNotifier, QTimer
from qtpy.QtWidgets import (
    QApplication,
    QDialog,
    QMessageBox,
    QTableView,
    QToolButton,
)

TICK = 20       # ms
PATIENCE = 20.  # s


class AutoLogin:
    """In the place of the login dialog, which waits for a click."""
    access_level = "expert"

    def __init__(self, hostname="", port="", gui_servers=None, **kwargs):
        self.hostname, self.port = hostname, int(port)
        self.gui_servers = gui_servers or []

    def exec(self):
        return QDialog.Accepted

    exec_ = exec


def say_yes(*args, **kwargs):
    """The answer to every "Do you really want to ...?"."""
    return QMessageBox.Yes


def until(condition, what, patience=PATIENCE):
    """Yields until `condition()` holds; `TimeoutError` names `what`."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:g} s for {what}")
        yield


# what is on the screen

def scenes():
    return [view for view in QApplication.allWidgets()
            if isinstance(view, SceneView) and view.isVisible()]


def containers():
    """The widgets with properties of all open scenes, in their order."""
    return [item for view in scenes()
            for item in view.findChildren(ControllerContainer)]


def find(key, editable=None):
    for item in containers():
        if key in item.model.keys and editable in (None, item.is_editable):
            return item
    raise LookupError(f"no widget shows {key}")


def described(item):
    """What there is to say of a widget, in plain types."""
    controller = item.widget_controller
    proxies = controller.proxies
    return {
        "keys": list(item.model.keys),
        "kind": type(item.model).__name__,
        "bound": [proxy.binding is not None for proxy in proxies],
        "existing": [bool(proxy.existing) for proxy in proxies],
        "value": plain(get_binding_value(controller.proxy))}


def plain(value):
    """A value as JSON has it; of an array or a picture, what changes."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "pixels"):
        pixels = get_binding_value(value.pixels)
        return sha256(bytes(get_binding_value(pixels.data, b""))).hexdigest()
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)


def schema_of(proxy):
    """Number of properties that a proxy knows."""
    return len(proxy.binding.value)


# tasks

def topology():
    """{server: class ids} and device ids that are online."""
    tree = get_topology().system_tree
    servers, devices = {}, []

    def visit(node):
        if node.attributes.get("type") == "server":
            servers[node.node_id] = list(
                node.attributes.get("deviceClasses", []))
        elif node.attributes.get("type") == "device":
            devices.append(node.node_id)

    tree.visit(visit)
    return {"servers": servers, "devices": devices}


def do_topology():
    yield
    return topology()


def do_await(server="", device="", gone=""):
    """Wait until a server or a device is online, or a device is gone."""
    yield from until(
        lambda: (not server or server in topology()["servers"])
        and (not device or device in topology()["devices"])
        and (not gone or gone not in topology()["devices"]),
        server or device or f"the end of {gone}")
    return {}


def do_open(device, scene):
    """Open a scene that a device serves, in a window of its own."""
    name = f"{device}|{scene}"
    get_scene_from_server(device, scene)
    yield from until(
        lambda: any(view.scene_model.simple_name == name for view in scenes()),
        f"the scene {name}")
    return {}


def do_widgets():
    yield
    return {"widgets": [described(item) for item in containers()]}


def do_value(key):
    yield
    return described(find(key))


def do_grab(device, scene, file):
    """A picture of an open scene, as PNG."""
    yield
    window = next(view.window() for view in scenes()
                  if view.scene_model.simple_name == f"{device}|{scene}")
    return {"saved": window.grab().save(file),
            "size": [window.width(), window.height()]}


def do_press(key):
    """Press the button of a slot; a confirmation is answered with yes."""
    item = find(key)
    button = item.findChild(QToolButton)
    yield from until(button.isEnabled, f"the button {key}")
    button.click()
    return {}


def do_edit(key, value):
    """Enter a value into a field and apply it."""
    item = find(key, editable=True)
    yield from until(lambda: item.widget_controller.proxy.existing,
                     f"the field {key}")
    item.widget_controller.proxy.edit_value = value
    item.apply_changes()
    return {}


def do_row_button(key, row, column):
    """Press the button in a row of a table; `column`: its key."""
    view = find(key).findChild(QTableView)
    model = view.model()
    number = next(c for c in range(model.columnCount())
                  if model.get_header_key(c) == column)
    yield from until(lambda: model.rowCount() > row, f"row {row} of {key}")
    view.itemDelegateForColumn(number).click_action(model.index(row, number))
    return {}


def do_instantiate(server, classId, device, configuration):
    """From its class, with the schema that the server gives for it."""
    made = get_topology().get_project_device(device, server, classId)
    made.proxy.ensure_class_schema()
    yield from until(partial(schema_of, made.proxy),
                     f"the schema of {classId}")
    for path, value in configuration.items():
        binding = made.proxy.get_property_binding(path)
        if binding is None:
            raise LookupError(f"{classId} has no {path}")
        binding.value = value
    properties = schema_of(made.proxy)
    get_manager().initDevice(server, classId, device)
    yield from do_await(device=device)
    return {"properties": properties}


def do_property(device, path):
    """What the configurator would show of a live device."""
    proxy = get_topology().get_device(device)
    proxy.add_monitor()
    try:
        yield from until(lambda: schema_of(proxy) and get_binding_value(
            proxy.get_property_binding(path)) is not None,
            f"{device}.{path}")
        return {"value": plain(get_binding_value(
            proxy.get_property_binding(path)))}
    finally:
        proxy.remove_monitor()


def do_shutdown(device):
    get_manager().shutdownDevice(device, False)
    yield from do_await(gone=device)
    return {}


def do_project(folder, domain, uuid):
    """Open a project with the GUI's own reader; start all its devices."""
    project = read_lazy_object(domain, uuid, ProjectDBCache(folder),
                               read_project_model)
    for server in project.servers:
        yield from do_await(server=server.server_id)
    view = get_project_model()
    view.root_model = project
    online, offline = get_project_servers(view.root_controller)
    if offline:
        raise LookupError(f"offline in the project: {offline}")
    for server in online:
        for device in server.children:
            proxy = device.project_device.proxy
            proxy.ensure_class_schema()
            yield from until(partial(schema_of, proxy),
                             f"the schema of {device.model.class_id}")
        server.instantiate_devices()
    for server in project.servers:
        for device in server.devices:
            yield from do_await(device=device.instance_id)
    return {"scenes": [scene.simple_name for scene in project.scenes],
            "macros": [macro.simple_name for macro in project.macros],
            "servers": {server.server_id: [
                device.instance_id for device in server.devices]
                for server in project.servers}}


class Person:
    """Does one task after the other."""

    def __init__(self):
        self._task = None
        self._notifier = QSocketNotifier(0, QSocketNotifier.Read)
        self._notifier.activated.connect(self._read)
        self._timer = QTimer()
        self._timer.setInterval(TICK)
        self._timer.timeout.connect(self._step)

    def _read(self, *args):
        line = sys.stdin.readline()
        if not line:
            os._exit(0)     # a normal end may ask questions
        task = json.loads(line)
        try:
            self._task = globals()[f"do_{task.pop('do')}"](**task)
        except (KeyError, TypeError) as error:
            self._answer(ok=False, error=repr(error))
            return
        self._timer.start()

    def _step(self):
        try:
            next(self._task)
        except StopIteration as end:
            self._answer(ok=True, **end.value)
        except Exception as error:
            self._answer(ok=False, error=f"{type(error).__name__}: {error}")

    def _answer(self, **answer):
        self._timer.stop()
        print("=", json.dumps(answer), flush=True)


def main(host, port):
    """Connect, and do what stdin says until it ends."""
    network.ReactiveLoginDialog = AutoLogin
    QMessageBox.exec = QMessageBox.exec_ = say_yes
    QMessageBox.question = staticmethod(say_yes)
    app = create_gui_app(sys.argv[:1])
    init_gui(app, use_splash=False)
    # scenes get windows of their own, as in the theatre
    constants.APPLICATION_MODE = True
    connected = get_network().connectToServerDirectly(
        hostname=host, port=int(port))
    person = Person()
    print("=", json.dumps({"ok": bool(connected), "pid": os.getpid()}),
          flush=True)
    app.exec()
    del person


if __name__ == "__main__":
    main(*sys.argv[1:])
