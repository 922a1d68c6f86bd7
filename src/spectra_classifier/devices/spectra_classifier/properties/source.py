"""The node `source`: where the spectra are in the data."""
from karabo.middlelayer import (
    Bool,
    Double,
    String,
    UInt64,
    VectorUInt32,
)

from ...classifier_base.properties.accounting import TrainSize
from ...common.attributes import (
    EXPERT,
    MAX_CHANNELS,
    READ,
)

OWN = "-1: the model's own value, see inForce"


class SourceNode(TrainSize):
    """Where the spectra are in the data, and which of them count."""

    dataPath = String(
        displayedName="Data Path", defaultValue="data.adc",
        description="Spectra [pulses, channels], any real type", **EXPERT)

    maskPath = String(
        displayedName="Mask Path", defaultValue="",
        description="Bad strips, non-zero is bad: [channels] or [pulses, "
                    "channels]. A strip that is bad in every pulse is "
                    "interpolated, a further one makes its pulse bad data",
        **EXPERT)

    pulseIdPath = String(
        displayedName="Pulse ID Path", defaultValue="data.bunchId",
        description="Ids of the pulses, any uint64. Without them, or where "
                    "all pulses of a train have the same one (the train id), "
                    "it is their position", **EXPERT)

    validPath = String(
        displayedName="Valid Path", defaultValue="",
        description="[pulses], 0 where the source marks the frame as bad",
        **EXPERT)

    gainPath = String(
        displayedName="Gain Path", defaultValue="data.gain",
        description="Gain stages [pulses, channels]. A strip outside stage 0 "
                    "makes its pulse saturated", **EXPERT)

    frameNumberPath = String(
        displayedName="Frame Number Path", defaultValue="data.frameNumber",
        description="[pulses], 0 where a frame was never received", **EXPERT)

    countsCalibrated = Bool(
        displayedName="Counts Calibrated", defaultValue=False,
        description="The counts are calibrated per strip and gain stage: a "
                    "strip in another stage is as good as any", **EXPERT)

    pulseSelection = String(
        displayedName="Pulse Selection", defaultValue="",
        description="Positions to be classified: first:stop:step or a list. "
                    "Empty: all. The others are skipped", **EXPERT)

    maskedStrips = VectorUInt32(
        displayedName="Masked Strips", defaultValue=[], maxSize=MAX_CHANNELS,
        description="Numbers of dead strips, interpolated", **EXPERT)

    saturationLevel = Double(
        displayedName="Saturation Level", defaultValue=-1., minInc=-1.,
        maxInc=1e9,
        description="Raw counts from which a strip is saturated. " + OWN,
        **EXPERT)

    switchedStrips = UInt64(
        displayedName="Switched Strips", defaultValue=0,
        description="Strips of the last train outside gain stage 0", **READ)
