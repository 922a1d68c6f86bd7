"""What is on the screen: open scenes, their widgets, what these show."""
from hashlib import sha256
from typing import Any

from karabogui.binding.api import get_binding_value
from karabogui.sceneview.api import ControllerContainer, SceneView
from qtpy.QtWidgets import QApplication


def scenes() -> list[SceneView]:
    """The views of all open scenes."""
    return [view for view in QApplication.allWidgets()
            if isinstance(view, SceneView) and view.isVisible()]


def containers() -> list[ControllerContainer]:
    """The widgets with properties of all open scenes, in their order."""
    return [item for view in scenes()
            for item in view.findChildren(ControllerContainer)]


def find(key: str, editable: bool | None = None) -> ControllerContainer:
    """The first widget on a property; `LookupError` without one."""
    for item in containers():
        if key in item.model.keys and editable in (None, item.is_editable):
            return item
    raise LookupError(f"no widget shows {key}")


def described(item: ControllerContainer) -> dict[str, Any]:
    """What there is to say of a widget, in plain types."""
    controller = item.widget_controller
    proxies = controller.proxies
    return {
        "keys": list(item.model.keys),
        "kind": type(item.model).__name__,
        "bound": [proxy.binding is not None for proxy in proxies],
        "existing": [bool(proxy.existing) for proxy in proxies],
        "value": plain(get_binding_value(controller.proxy))}


def plain(value: Any) -> Any:
    """A value as JSON has it; of an array or a picture, what changes."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "pixels"):
        pixels = get_binding_value(value.pixels)
        return sha256(bytes(get_binding_value(pixels.data, b""))).hexdigest()
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "items"):     # a row of a table
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return str(value)
