"""Drift with its cause: live spectra compared with those of the training.

`DriftMonitor` follows a stream, `compare.Comparator` compares one mean
spectrum with a `DriftReference`. See docs/drift.md for what is measured, and
how accurately.
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
