"""Scenes: open them, look, press, enter."""
from typing import Any

from karabogui.request import get_scene_from_server
from qtpy.QtWidgets import QTableView, QToolButton
from screen import containers, described, find, scenes
from waiting import Task, Tasks, until


def open_scene(device: str, scene: str) -> Task:
    """Open a scene that a device serves, in a window of its own."""
    name = f"{device}|{scene}"
    get_scene_from_server(device, scene)
    yield from until(
        lambda: any(view.scene_model.simple_name == name for view in scenes()),
        f"the scene {name}")
    return {}


def widgets() -> Task:
    """All widgets with properties, described."""
    yield
    return {"widgets": [described(item) for item in containers()]}


def value(key: str) -> Task:
    """The widget on a property, described."""
    yield
    return described(find(key))


def grab(device: str, scene: str, file: str) -> Task:
    """A picture of an open scene, as PNG."""
    yield
    window = next(view.window() for view in scenes()
                  if view.scene_model.simple_name == f"{device}|{scene}")
    return {"saved": window.grab().save(file),
            "size": [window.width(), window.height()]}


def press(key: str) -> Task:
    """Press the button of a slot; a confirmation is answered with yes."""
    item = find(key)
    button = item.findChild(QToolButton)
    yield from until(button.isEnabled, f"the button {key}")
    button.click()
    return {}


def edit(key: str, value: Any) -> Task:
    """Enter a value into a field and apply it."""
    item = find(key, editable=True)
    yield from until(lambda: item.widget_controller.proxy.existing,
                     f"the field {key}")
    item.widget_controller.proxy.edit_value = value
    item.apply_changes()
    return {}


def row_button(key: str, row: int, column: str) -> Task:
    """Press the button in a row of a table; `column`: its key."""
    view = find(key).findChild(QTableView)
    model = view.model()
    number = next(c for c in range(model.columnCount())
                  if model.get_header_key(c) == column)
    yield from until(lambda: model.rowCount() > row, f"row {row} of {key}")
    view.itemDelegateForColumn(number).click_action(model.index(row, number))
    return {}


TASKS: Tasks = {
    "open": open_scene, "widgets": widgets, "value": value,
    "grab": grab, "press": press, "edit": edit,
    "row_button": row_button}
