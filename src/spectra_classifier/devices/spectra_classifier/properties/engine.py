"""What is set on a `SpectraClassifier`.

None of these properties has a setter: a reconfiguration is taken as a whole
(see `spectra_classifier.SpectraClassifier.slotReconfigure`).
"""
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    VectorUInt32,
)

from ....model.engines import ENGINES
from ...common.attributes import EXPERT, MAX_BINS, READ

OWN = "-1: the model's own value"


class EngineSettings(Configurable):
    """What votes, and how it runs."""

    selectedBins = VectorUInt32(
        displayedName="Selected Bins", defaultValue=[], maxSize=MAX_BINS,
        description="Numbers of the bins that vote. Empty: the model's own "
                    "choice, every bin with a positive weight", **EXPERT)

    engine = String(
        displayedName="Engine", defaultValue="fused", options=list(ENGINES),
        description="What computes the codes; all give the same labels",
        **EXPERT)

    threads = UInt32(
        displayedName="Threads", defaultValue=1, minInc=1, maxInc=64,
        description="Threads over which the fused engine shares a train",
        **EXPERT)


class CodeSettings(Configurable):
    """Thresholds of the codes."""

    minConfidence = Double(
        displayedName="Min. Confidence", defaultValue=-1., minInc=-1.,
        maxInc=1., description="Less is unknown. " + OWN, **EXPERT)

    minIntensity = Double(
        displayedName="Min. Intensity", defaultValue=-1., minInc=-1.,
        maxInc=1e9,
        description="The gate: mean counts above dark. 0 cannot be armed. "
                    + OWN, **EXPERT)

    saturationLevel = Double(
        displayedName="Saturation Level", defaultValue=-1., minInc=-1.,
        maxInc=1e9,
        description="Raw counts from which a strip is saturated. " + OWN,
        **EXPERT)


class QueueSettings(Configurable):
    """What waits for the engine, and what is shown of it."""

    queueLength = UInt32(
        displayedName="Queue Length", defaultValue=20, minInc=1,
        maxInc=1000, accessMode=AccessMode.INITONLY,
        description="Trains that may wait for the engine; when it is full "
                    "the oldest one is skipped and counted", **EXPERT)

    previewPulse = UInt32(
        displayedName="Preview Pulse", defaultValue=0,
        description="Position of the pulse that the preview shows; the next "
                    "one with a class where this has none")


class EngineReadings(Configurable):
    """What only who has the spectra can tell."""

    switchedStrips = UInt64(
        displayedName="Switched Strips", defaultValue=0,
        description="Strips of the last train outside gain stage 0", **READ)
    engineErrors = UInt64(
        displayedName="Engine Errors",
        description="Trains on which the engine failed; see the log",
        defaultValue=0, **READ)
