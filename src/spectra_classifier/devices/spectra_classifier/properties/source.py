"""The node `source`: where the spectra are in the data."""
from karabo.middlelayer import (
    Bool,
    Double,
    String,
    UInt64,
    VectorUInt32,
)

from ....core.preprocessing.source_layout import PRESETS, RECEIVER
from ...classifier_base.properties.accounting import TrainSize
from ...common.attributes import (
    EXPERT,
    MAX_CHANNELS,
    READ,
)

#: of the default preset
LAYOUT = PRESETS[RECEIVER]
OWN = "-1: the model's own value, see inForce"


class SourceNode(TrainSize):
    """Where the spectra are in the data, and which of them count."""

    preset = String(
        displayedName="Preset", defaultValue=RECEIVER, options=list(PRESETS),
        description="Kind of the source; setting it sets all paths below and "
                    "countsCalibrated, which show what is in force. A path "
                    "that is given together with it, at the start or later, "
                    "has precedence", **EXPERT)

    dataPath = String(
        displayedName="Data Path", defaultValue=LAYOUT.data,
        description="Spectra [pulses, channels], any real type; a vector "
                    "[channels] is one pulse", **EXPERT)

    maskPath = String(
        displayedName="Mask Path", defaultValue=LAYOUT.mask,
        description="Bad strips, non-zero is bad: [channels] or [pulses, "
                    "channels]. A strip that is bad in every pulse is "
                    "interpolated, a further one makes its pulse bad data",
        **EXPERT)

    pulseIdPath = String(
        displayedName="Pulse ID Path", defaultValue=LAYOUT.pulse_id,
        description="Ids of the pulses, any uint64. Without them, or where "
                    "all pulses of a train have the same one (the train id), "
                    "it is their position", **EXPERT)

    validPath = String(
        displayedName="Valid Path", defaultValue=LAYOUT.valid,
        description="[pulses], 0 where the source marks the frame as bad",
        **EXPERT)

    gainPath = String(
        displayedName="Gain Path", defaultValue=LAYOUT.gain,
        description="Gain stages [pulses, channels]. A strip outside stage 0 "
                    "makes its pulse saturated", **EXPERT)

    frameNumberPath = String(
        displayedName="Frame Number Path", defaultValue=LAYOUT.frame_number,
        description="[pulses], 0 where a frame was never received. Frames "
                    "that moved up because one was lost are put back into "
                    "their place",
        **EXPERT)

    countsCalibrated = Bool(
        displayedName="Counts Calibrated",
        defaultValue=LAYOUT.calibrated,
        description="The counts are calibrated per strip and gain stage, so "
                    "strips in any gain stage can be used", **EXPERT)

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

    spikedPulses = UInt64(
        displayedName="Spiked Pulses", defaultValue=0,
        description="Pulses of the last train in which single strips stood "
                    "out of their neighbours and were interpolated", **READ)
