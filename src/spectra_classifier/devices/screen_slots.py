"""What the Karabo GUI asks of a `SpectraClassifier`."""
from karabo.middlelayer import Configurable, Hash, slot

from ..errors import ConfigurationError
from .bin_switch import switched
from .border import checked, shown
from .checked_device import asked_name
from .macros import MACROS
from .scenes import SCENES
from .schema import BinRow


class SceneSlots(Configurable):
    """Scenes, those of `scenes`, and macros."""

    scenes = SCENES

    @slot
    def requestScene(self, params):
        """The scene with the name in `params`, the overview without one."""
        name = asked_name(params) or "overview"
        make = self.scenes.get(name)
        text = make(self.deviceId) if make else None
        return self._reply("deviceScene", name, text)

    @slot
    def requestMacro(self, params):
        """The text of the macro with the name in `params`."""
        name = asked_name(params) or next(iter(MACROS))
        return self._reply("deviceMacro", name, MACROS.get(name))

    def _reply(self, kind, name, text):
        payload = Hash("success", text is not None, "name", name)
        if text is not None:
            payload["data"] = text
        return Hash("type", kind, "origin", self.deviceId, "payload", payload)


class ScreenSlots(SceneSlots):
    """And buttons in tables.

    The device has `_reconfigure(values)`, which stages, sets and applies
    properties together or raises `ConfigurationError`.
    """

    @slot
    async def requestAction(self, params):
        """A button in a row of a table: switch the bin of that row."""
        reason = ""
        try:
            await self._switch_bin(params)
        except ConfigurationError as error:
            reason = str(error)
            self.status = f"Nothing was changed: {reason}"
        return Hash("type", "requestAction", "origin", self.deviceId,
                    "payload", Hash("success", not reason, "reason", reason))

    async def _switch_bin(self, params):
        action = row = None
        if isinstance(params, Hash) and isinstance(
                table := params.get("table", None), Hash):
            action = params.get("path", ""), table.get("header", "")
            row = table.get("rowData", None)
        if action != ("bins", "switch"):
            raise ConfigurationError(f"no action for {shown(action)}: "
                                     "expected the switch of a row of bins")
        if not (isinstance(row, Hash) and "number" in row):
            raise ConfigurationError(f"the row is {shown(row)}: expected one "
                                     "of bins")
        number = checked(BinRow.number, row["number"], "number")
        live = self._stream.flow.submitted
        if live is None or live.model is None:
            raise ConfigurationError("no model is live")
        chosen = switched(live.settings.selected_bins, live.model.definition,
                          number)
        await self._reconfigure({"selectedBins": list(chosen)})
