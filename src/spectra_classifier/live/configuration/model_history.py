"""Which model is live, which one was, and what a new one changes."""
from ...core.decision import NO_CLASS
from .configuration import build, same_bins, same_classes


class ModelKeeper:
    """Builds configurations around the live model.

    `live`: the newest configuration that was accepted; `previous`: the
    model before its own, kept warm, or None.
    """

    def __init__(self, max_classes):
        self.live = None
        self.previous = None
        self._max_classes = max_classes
        self._last_model = None      # also while no model is live

    def proposal(self, values, together=()):
        """A configuration of the live model with other `values`.

        `together`: the properties that were set at once. Raises
        `ConfigurationError`; nothing is changed.
        """
        model = self.live.model if self.live else None
        confirmed = (self.live is None or self.live.confirmed
                     or "reactions" in together)
        return build(values, model, confirmed, self._max_classes)

    def adoption(self, model, values, together=()):
        """(configuration with `model`, what it corrects in the properties).

        A model with other bins clears a selection that was not made for it;
        one with other bins or classes has its reactions unconfirmed. An
        override is for one model, and not for one that a start finds.
        Raises `ConfigurationError`; nothing is changed.
        """
        last = self._last_model
        corrections = {}
        if model is None:
            confirmed = self.live is None or self.live.confirmed
        elif last is None:
            confirmed = _reactions_fit(values, model)
        else:
            same = same_bins(last, model) and same_classes(last, model)
            confirmed = "reactions" in together or (
                same and self.live.confirmed)
            if (not same_bins(last, model) and values["selectedBins"]
                    and "selectedBins" not in together):
                corrections["selectedBins"] = ()
        if (model is not None and values["overrideObjection"]
                and "overrideObjection" not in together
                and (last is None or last.identity != model.identity)):
            corrections["overrideObjection"] = ""
        configuration = build(values | corrections, model, confirmed,
                              self._max_classes)
        return configuration, corrections

    def accept(self, configuration):
        """A configuration is on its way to the worker."""
        old, model = self.live, configuration.model
        if (old is not None and old.model is not None
                and model is not None and old.model is not model
                and old.model.identity != model.identity):
            self.previous = old.model
        if model is not None:
            self._last_model = model
        self.live = configuration


def _reactions_fit(values, model):
    known = (*model.definition.classes, *NO_CLASS)
    return all(row["sampleClass"] in known for row in values["reactions"])
