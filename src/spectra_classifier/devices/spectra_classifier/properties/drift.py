"""The node `drift` of a classifier."""
from karabo.middlelayer import (
    Double,
)

from ...classifier_base.properties.alarms import DriftReadings
from ...common.attributes import (
    EXPERT,
)

OWN = "-1: the model's own limit, from its training captures, see inForce"


class DriftNode(DriftReadings):
    """Limits of drift."""

    maxIntensity = Double(
        displayedName="Max. Intensity", defaultValue=-1., minInc=-1.,
        maxInc=1e6,
        description="Factor, up or down, by which the mean intensity may "
                    "differ from that of the training; more than 1. " + OWN,
        **EXPERT)

    maxShift = Double(
        displayedName="Max. Shift", defaultValue=-1.,
        minInc=-1., maxInc=1e6,
        description="Channels by which a bin may be shifted against the "
                    "training. " + OWN, **EXPERT)

    maxBaseline = Double(
        displayedName="Max. Baseline", defaultValue=-1., minInc=-1.,
        maxInc=1e6,
        description="Level that no class has, as a share of the mean "
                    "intensity. " + OWN, **EXPERT)

    maxPeak = Double(
        displayedName="Max. New Peak", defaultValue=-1., minInc=-1.,
        maxInc=1e6,
        description="Excess of a few channels over every mixture of the "
                    "classes, as a share of what is expected there. " + OWN,
        **EXPERT)
