"""The monitor that belongs to what is in force, train by train."""
from .monitor import DriftMonitor, DriftReport


class DriftFollower:
    """Callable: one classified train -> the `DriftReport` that now stands.

    Starts anew with another model, dark, mask or limits. Never raises: a
    comparison that fails costs no train its codes, but it permits nothing,
    since its score is NaN.
    """

    def __init__(self):
        self._key = None
        self._monitor = None

    def __call__(self, train, labels, settings, configuration):
        """`configuration` has `model.definition`, `settings` (of the run,
        without what a train adds) and `drift_limits`."""
        definition = configuration.model.definition
        key = (definition, configuration.settings.hash,
               configuration.drift_limits)
        try:
            if self._key != key:
                self._monitor = DriftMonitor(definition,
                                             **configuration.drift_limits)
                self._key = key
            return self._monitor.add(train, labels, settings)
        except Exception as error:
            return DriftReport(reason="the comparison with the training "
                               f"failed: {type(error).__name__}: {error}")
