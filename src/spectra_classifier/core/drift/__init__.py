"""Drift with a cause: live spectra against those of the training.

`DriftMonitor` follows a stream, `compare.Comparator` holds one mean spectrum
against a `DriftReference`. docs/drift.md says what is measured and how well.
"""
from .monitor import (
           CAUSES,
           DriftFollower,
           DriftMonitor,
           DriftReport,
           RangeDrift,
           badness,
)
from .reference import DriftLimits, DriftReference

__all__ = ["CAUSES", "DriftFollower", "DriftLimits", "DriftMonitor",
           "DriftReference", "DriftReport", "RangeDrift", "badness"]
