"""After a restart the configured model is used; a difference is shown.

The audit records which model was live before. If the start loads another
one, the device does not arm itself, whatever `conditions.armOnStart` is: an
operator has to compare first. Pure functions and state.
"""
from ..audit.journal import Record
from .live_model import LiveModel

#: kinds of audit records that name a model; a difference that was not settled
#: is reported after the next start as well
MODEL, DIFFERS, SETTLED = KINDS = ("model", "restart differs",
                                   "restart settled")


class Restart:
    """Compares the first live model with the one before the start.

    `before`: the last record of a model in the audit, None without one;
    `difference`: one sentence until an operator arms or sets another model,
    "" for none.
    """

    def __init__(self) -> None:
        self.before: Record | None = None
        self.difference = ""
        # identity of the first model, "" for no model
        self._first: str | None = None

    def live(self, model: LiveModel | None) -> bool:
        """Take note of the live model, None where none is configured.

        Returns
        -------
        True if this is the first one and it differs from the one before.
        """
        identity = model.identity if model else ""
        if self._first is None:
            self._first = identity
            self.difference = _difference(self.before, model, identity)
            return bool(self.difference)
        if identity != self._first:
            self.difference = ""
        return False

    @property
    def remembered(self) -> dict[str, str]:
        """Name and identity of the model before the start."""
        before = self.before or {}
        return {key: before[key] for key in ("new", "identity")}

    def seen(self) -> None:
        """An operator has armed the live model."""
        self.difference = ""


def _difference(before: Record | None, model: LiveModel | None,
                identity: str) -> str:
    before = before or {}
    old = before.get("identity", "")
    if not old or old == identity:
        return ""
    now = f"it is {model.definition.model_id}" if model else "there is none"
    return (f"before the start {before['new']} was live, now {now}, as "
            "set in modelPath: compare the two, then arm")
