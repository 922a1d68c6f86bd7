"""After a restart the configured model wins; a disagreement is shown.

What was live before is known from the audit. Where the start brings another
model, nothing is armed by itself, `armOnStart` or not: somebody has to look
first. Pure.
"""
#: kinds of records of the audit that name a model; a difference that nobody
#: has settled is one after the next start as well
MODEL, DIFFERS, SETTLED = KINDS = ("model", "restart differs",
                                   "restart settled")


class Restart:
    """Compares the first live model with the one before the start.

    `before`: the last record of a model in the audit, None without one.
    `difference`: one sentence, until somebody has armed, or has set yet
    another model; "" for none.
    """

    def __init__(self):
        self.before = None
        self.difference = ""
        self._first = None      # identity of the first model, "" for none

    def live(self, model):
        """A `LiveModel` is live; None: no model is configured.

        True if this is the first, and another one than before.
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
    def remembered(self):
        """Name and identity of the model of before."""
        return {key: self.before[key] for key in ("new", "identity")}

    def seen(self):
        """Somebody has armed what is live."""
        self.difference = ""


def _difference(before, model, identity):
    old = (before or {}).get("identity", "")
    if not old or old == identity:
        return ""
    now = f"it is {model.definition.model_id}" if model else "there is none"
    return (f"before the start {before['new']} was live, now {now}, because "
            "modelPath says so: compare, then arm")
