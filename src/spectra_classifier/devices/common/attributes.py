"""Channels and tables of `SpectraClassifier`, as operators and DAQ see them.

Keys are lowerCamelCase; every leaf of a channel is READONLY with a fixed
shape, so that a file writer can size its datasets from the schema.
"""
from typing import Any

from karabo.middlelayer import (
    AccessLevel,
    AccessMode,
    Configurable,
    MetricPrefix,
    Unit,
    VectorHash,
)

MAX_PULSES = 2720
MAX_CLASSES = 8
#: channels that the preview has room for
MAX_CHANNELS = 16384
MAX_BINS = 1024
READ = {"accessMode": AccessMode.READONLY}
MILLISECONDS = {"unitSymbol": Unit.SECOND,
                "metricPrefixSymbol": MetricPrefix.MILLI}
MEGABYTES = {"unitSymbol": Unit.BYTE,
             "metricPrefixSymbol": MetricPrefix.MEGA}
GIGABYTES = {"unitSymbol": Unit.BYTE,
             "metricPrefixSymbol": MetricPrefix.GIGA}
#: thresholds, reactions, paths: etiquette of the screens, not protection
EXPERT = {"requiredAccessLevel": AccessLevel.EXPERT}


def table(rows: type[Configurable], **kwargs: Any) -> VectorHash:
    """A READONLY table that starts empty."""
    return VectorHash(rows=rows, defaultValue=[], **READ, **kwargs)
