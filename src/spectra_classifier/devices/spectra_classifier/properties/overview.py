"""What only the classifier has at top level."""
import math

from karabo.middlelayer import (
    Configurable,
    Double,
    VectorUInt32,
)

from ...common.attributes import EXPERT, MAX_BINS, READ

OWN = "-1: the model's own value, see inForce"


class ThresholdSettings(Configurable):
    """What votes, and what is needed for a class."""

    selectedBins = VectorUInt32(
        displayedName="Selected Bins", defaultValue=[], maxSize=MAX_BINS,
        description="Numbers of the bins that vote. Empty: the model's own "
                    "choice, every bin with a positive weight, see inForce",
        **EXPERT)

    minConfidence = Double(
        displayedName="Min. Confidence", defaultValue=-1., minInc=-1.,
        maxInc=1., description="Less is unknown. " + OWN, **EXPERT)

    minIntensity = Double(
        displayedName="Min. Intensity", defaultValue=-1., minInc=-1.,
        maxInc=1e9,
        description="The gate: mean counts above dark. 0 cannot be armed. "
                    + OWN, **EXPERT)


class InForceNode(Configurable):
    """What holds where a setting leaves the choice to the model.

    Numbers are NaN without a model, and where the model has no such limit.
    """

    selectedBins = VectorUInt32(
        displayedName="Selected Bins", defaultValue=[], maxSize=MAX_BINS,
        description="Numbers of the bins that vote", **READ)

    minConfidence = Double(
        displayedName="Min. Confidence", defaultValue=math.nan,
        description="Less is unknown", **READ)

    minIntensity = Double(
        displayedName="Min. Intensity", defaultValue=math.nan,
        description="The gate: mean counts above dark", **READ)

    saturationLevel = Double(
        displayedName="Saturation Level", defaultValue=math.nan,
        description="Raw counts from which a strip is saturated", **READ)

    maxIntensity = Double(
        displayedName="Max. Intensity Drift", defaultValue=math.nan,
        description="As drift.maxIntensity", **READ)

    maxShift = Double(
        displayedName="Max. Shift", defaultValue=math.nan,
        description="As drift.maxShift", **READ)

    maxBaseline = Double(
        displayedName="Max. Baseline", defaultValue=math.nan,
        description="As drift.maxBaseline", **READ)

    maxPeak = Double(
        displayedName="Max. New Peak", defaultValue=math.nan,
        description="As drift.maxPeak", **READ)
