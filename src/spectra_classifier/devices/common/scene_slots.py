"""What the Karabo GUI asks of a `SpectraClassifier`."""
from typing import Any

from karabo.middlelayer import Configurable, Hash, slot

from ..macros.catalogue import MACROS
from ..spectra_classifier.scenes import SCENES
from .checked_device import asked_name


class SceneSlots(Configurable):
    """Scenes, those of `scenes`, and macros."""

    scenes = SCENES

    @slot
    def requestScene(self, params: Any) -> Hash:
        """The scene with the name in `params`, the overview without one."""
        name = asked_name(params) or "overview"
        make = self.scenes.get(name)
        text = make(self.deviceId) if make else None
        return self._reply("deviceScene", name, text)

    @slot
    def requestMacro(self, params: Any) -> Hash:
        """The text of the macro with the name in `params`."""
        name = asked_name(params) or next(iter(MACROS))
        return self._reply("deviceMacro", name, MACROS.get(name))

    def _reply(self, kind: str, name: str, text: str | None) -> Hash:
        payload = Hash("success", text is not None, "name", name)
        if text is not None:
            payload["data"] = text
        return Hash("type", kind, "origin", self.deviceId, "payload", payload)
