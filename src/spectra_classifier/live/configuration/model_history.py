"""The live model, the previous one, and the changes by a new one."""
from collections.abc import Callable, Collection
from typing import Any

from ...core.decision import NO_CLASS
from .configuration import Configuration, build, same_bins, same_classes
from .live_model import LiveModel
from .property_map import Values


class ModelKeeper:
    """Builds configurations around the live model.

    `previous`: the model before the live one, kept warm, or None.

    Parameters
    ----------
    live
        Returns the newest configuration that was accepted, None before the
        first.
    """

    def __init__(self, max_classes: int,
                 live: Callable[[], Configuration | None]) -> None:
        self.previous: LiveModel | None = None
        self._max_classes = max_classes
        self._live = live
        # kept while no model is live
        self._last_model: LiveModel | None = None

    def proposal(self, values: Values,
                 together: Collection[str] = ()) -> Configuration:
        """A configuration of the live model with other values.

        Parameters
        ----------
        values
            All `KEYS`.
        together
            The properties that are set in the same request.

        Raises
        ------
        ConfigurationError
            Nothing is changed.
        """
        live = self._live()
        model = live.model if live else None
        confirmed = (live is None or live.confirmed
                     or "reactions" in together)
        return build(values, model, confirmed, self._max_classes)

    def adoption(
            self,
            model: LiveModel | None,
            values: Values,
            together: Collection[str] = (),
            ) -> tuple[Configuration, dict[str, Any]]:
        """A configuration with another model, or without one.

        A model with other bins clears a selection that was not made for it;
        with other bins or classes, the reactions become unconfirmed. An
        override holds for one model only, and not for the model of a start.

        Returns
        -------
        The configuration, and the properties that have to be corrected.

        Raises
        ------
        ConfigurationError
            Nothing is changed.
        """
        live, last = self._live(), self._last_model
        corrections: dict[str, Any] = {}
        if model is None:
            confirmed = live is None or live.confirmed
        elif last is None:
            confirmed = _reactions_fit(values, model)
        else:
            same = same_bins(last, model) and same_classes(last, model)
            confirmed = "reactions" in together or (
                same and live is not None and live.confirmed)
            if (not same_bins(last, model) and values["selectedBins"]
                    and "selectedBins" not in together):
                corrections["selectedBins"] = ()
        if (model is not None and values["model.overrideObjection"]
                and "model.overrideObjection" not in together
                and (last is None or last.identity != model.identity)):
            corrections["model.overrideObjection"] = ""
        configuration = build({**values, **corrections}, model, confirmed,
                              self._max_classes)
        return configuration, corrections

    def accept(self, configuration: Configuration) -> None:
        """Take note of the models, before a configuration is submitted."""
        old, model = self._live(), configuration.model
        if (old is not None and old.model is not None
                and model is not None and old.model is not model
                and old.model.identity != model.identity):
            self.previous = old.model
        if model is not None:
            self._last_model = model


def _reactions_fit(values: Values, model: LiveModel) -> bool:
    known = (*model.definition.classes, *NO_CLASS)
    return all(row["sampleClass"] in known for row in values["reactions"])
