"""The monitor that belongs to what is in force, train by train."""
from .monitor import DriftMonitor, DriftReport


class DriftFollower:
    """Callable: one classified train -> the `DriftReport` that now stands.

    Starts again with every change of the configuration hash. Never raises: a
    comparison that fails costs no train its codes, but it permits nothing,
    since its score is NaN.
    """

    def __init__(self):
        self._key = None
        self._monitor = None

    def __call__(self, train, labels, settings, configuration):
        """`configuration` has `model.definition`, `hash` and
        `drift_limits`."""
        try:
            if self._key != configuration.hash:
                self._monitor = DriftMonitor(configuration.model.definition,
                                             **configuration.drift_limits)
                self._key = configuration.hash
            return self._monitor.add(train, labels, settings)
        except Exception as error:
            return DriftReport(reason="the comparison with the training "
                               f"failed: {type(error).__name__}: {error}")
