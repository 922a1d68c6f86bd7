"""What a button in the table of bins does."""
from collections.abc import Sequence
from typing import Any

import numpy as np
from karabo.middlelayer import Configurable, Hash, slot

from ...core.model_definition import ModelDefinition
from ...errors import ConfigurationError
from ..classifier_base.properties.model import BinRow
from ..common.value_checks import checked, shown


def switched(selected: Sequence[int], definition: ModelDefinition,
             number: int) -> tuple[int, ...]:
    """Bin numbers to select when one bin is switched; () for the own choice.

    `selected`: the present selection, empty for the model's own choice.
    Raises `ConfigurationError` for the last bin and for one that is not.
    """
    if not 0 <= number < len(definition.bins):
        raise ConfigurationError(f"there is no bin {number}: the table is "
                                 "of another model")
    own = set(np.flatnonzero(definition.weights > 0).tolist())
    chosen = (set(selected) or own) ^ {number}
    if not any(definition.weights[list(chosen)] > 0) if chosen else True:
        raise ConfigurationError(
            f"bin {number} is the last one with a vote: give another one a "
            "vote first")
    return () if chosen == own else tuple(sorted(chosen))


class TableActions(Configurable):
    """Buttons in tables.

    The device has `_reconfigure(values)`, which stages, sets and applies
    properties together or raises `ConfigurationError`.
    """

    @slot
    async def requestAction(self, params: Any) -> Hash:
        """A button in a row of a table: switch the bin of that row."""
        reason = ""
        try:
            await self._switch_bin(params)
        except ConfigurationError as error:
            reason = str(error)
            self.status = f"Nothing was changed: {reason}"
        return Hash("type", "requestAction", "origin", self.deviceId,
                    "payload", Hash("success", not reason, "reason", reason))

    async def _switch_bin(self, params: Any) -> None:
        action = row = None
        if isinstance(params, Hash) and isinstance(
                table := params.get("table", None), Hash):
            action = params.get("path", ""), table.get("header", "")
            row = table.get("rowData", None)
        if action != ("model.bins", "switch"):
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
