"""What the Karabo GUI asks of a device: scenes and macros, by name."""
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from karabo.middlelayer import Configurable, Hash, slot

from .checked_device import asked_name


class SceneSlots(Configurable):
    """The slot for the scenes of `scenes`; the first one is the default.

    A scene is made by a function of the device id.
    """

    scenes: ClassVar[Mapping[str, Callable[[str], str]]]

    @slot
    def requestScene(self, params: Any) -> Hash:
        """The scene with the name in `params`, the default without one."""
        name = asked_name(params) or next(iter(self.scenes))
        make = self.scenes.get(name)
        return _reply(self.deviceId, "deviceScene", name,
                      make(self.deviceId) if make else None)


class MacroSlots(Configurable):
    """The slot for the texts of `macros`; the first one is the default."""

    macros: ClassVar[Mapping[str, str]]

    @slot
    def requestMacro(self, params: Any) -> Hash:
        """The text of the macro with the name in `params`."""
        name = asked_name(params) or next(iter(self.macros))
        return _reply(self.deviceId, "deviceMacro", name,
                      self.macros.get(name))


def _reply(origin: str, kind: str, name: str, text: str | None) -> Hash:
    payload = Hash("success", text is not None, "name", name)
    if text is not None:
        payload["data"] = text
    return Hash("type", kind, "origin", origin, "payload", payload)
