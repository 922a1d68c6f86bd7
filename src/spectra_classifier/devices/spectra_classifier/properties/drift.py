"""What is set and read around trust: drift, alarms, verdict, audit.

What a threshold means stands in docs/drift.md and docs/decision.md.
"""
from karabo.middlelayer import Configurable, Double

from ...classifier_base.properties.alarms import OWN
from ...common.attributes import EXPERT


class DriftSettings(Configurable):
    """Limits of drift."""

    maxDriftIntensity = Double(
        displayedName="Max. Intensity Drift", defaultValue=-1., minInc=-1.,
        maxInc=1e6,
        description="Factor, up or down, by which the mean intensity may "
                    "differ from that of the training; more than 1. " + OWN,
        **EXPERT)

    maxDriftShift = Double(
        displayedName="Max. Axis Drift (channels)", defaultValue=-1.,
        minInc=-1., maxInc=1e6,
        description="Channels by which a bin may lie beside the "
                    "training. " + OWN, **EXPERT)

    maxDriftBaseline = Double(
        displayedName="Max. Baseline Drift", defaultValue=-1., minInc=-1.,
        maxInc=1e6,
        description="Level that no class has, as a share of the mean "
                    "intensity. " + OWN, **EXPERT)

    maxDriftPeak = Double(
        displayedName="Max. New Peak", defaultValue=-1., minInc=-1.,
        maxInc=1e6,
        description="Excess of a few channels over every mixture of the "
                    "classes, as a share of what is expected there. " + OWN,
        **EXPERT)
