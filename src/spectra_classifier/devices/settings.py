"""What is set on a `SpectraClassifier`.

None of these properties has a setter: a reconfiguration is taken as a whole
(see `spectra_classifier.SpectraClassifier.slotReconfigure`).
"""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    Unit,
    VectorFloat,
    VectorHash,
    VectorUInt32,
)

from ..model.engines import ENGINES
from .schema import (
    EXPERT,
    MAX_BINS,
    MAX_CHANNELS,
    MAX_CLASSES,
    MAX_PULSES,
    MILLISECONDS,
    PulsePatternRow,
    ReactionRow,
)

OWN = "-1: the model's own value"


class ModelSettings(Configurable):
    """Which model."""

    modelPath = String(
        displayedName="Model Path", defaultValue="",
        description="Absolute path of an ONNX model on the host of the "
                    "device. It is loaded and verified beside the live one; "
                    "what is refused changes nothing. Empty: no model")


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


class RawDataSettings(Configurable):
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
        description="[pulses], 0 where the source says the frame is bad",
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

    dark = VectorFloat(
        displayedName="Dark Spectrum", defaultValue=[], maxSize=MAX_CHANNELS,
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Offset of every strip in raw units. Empty: none",
        **EXPERT)

    maskedStrips = VectorUInt32(
        displayedName="Masked Strips", defaultValue=[], maxSize=MAX_CHANNELS,
        description="Numbers of dead strips, interpolated", **EXPERT)


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


class DecisionSettings(Configurable):
    """Decision and permit."""

    pulsePatterns = VectorHash(
        rows=PulsePatternRow, defaultValue=[], maxSize=64,
        displayedName="Pulse Patterns",
        description="Named subsets of the pulses, each decided by itself. "
                    "Empty: all pulses", **EXPERT)

    decisionWindow = UInt32(
        displayedName="Decision Window", defaultValue=5, minInc=1,
        maxInc=600, description="Trains that vote on the sample state",
        **EXPERT)

    decisionFraction = Double(
        displayedName="Decision Fraction", defaultValue=0.6, minExc=0.5,
        maxInc=1., description="Share of the pulses, and of the trains of "
                               "the window, that decides", **EXPERT)

    minValidPulses = UInt32(
        displayedName="Min. Valid Pulses", defaultValue=1, minInc=1,
        description="With fewer eligible pulses a train does not vote",
        **EXPERT)

    minValidFraction = Double(
        displayedName="Min. Valid Fraction", defaultValue=0.1, minInc=0.,
        maxInc=1., description="As minValidPulses, as a share", **EXPERT)

    minDwell = Double(
        displayedName="Min. Dwell", defaultValue=0., minInc=0., maxInc=3600.,
        unitSymbol=Unit.SECOND,
        description="A new state is taken only after this time", **EXPERT)

    staleAfter = Double(
        displayedName="Stale After", defaultValue=1., minInc=0.05, maxInc=600.,
        unitSymbol=Unit.SECOND,
        description="Without a new train for this time the permit is false",
        **EXPERT)

    maxLatency = Double(
        displayedName="Max. Latency", defaultValue=500., minInc=1.,
        maxInc=600_000.,
        description="Of a train that may permit", **MILLISECONDS, **EXPERT)

    maxTrainAge = Double(
        displayedName="Max. Train Age", defaultValue=1000., minInc=1.,
        maxInc=3_600_000.,
        description="Of a train that may permit", **MILLISECONDS, **EXPERT)

    minCoverage = Double(
        displayedName="Min. Coverage", defaultValue=0.5, minInc=0.001,
        maxInc=1., description="Share of the selected pulses that must have "
                               "been looked at to permit", **EXPERT)

    maxDrift = Double(
        displayedName="Max. Drift", defaultValue=1., minInc=0.001, maxInc=1e6,
        description="Drift score that may still permit", **EXPERT)

    permitLease = Double(
        displayedName="Permit Lease", defaultValue=500., minInc=1.,
        maxInc=10_000., description="How long a permit is valid without a "
                                    "new one (permitValidFor)",
        **MILLISECONDS, **EXPERT)

    latching = Bool(
        displayedName="Latching", defaultValue=False,
        description="A permit that was lost stays lost until acknowledged",
        **EXPERT)

    allowTrainIdZero = Bool(
        displayedName="Allow Train ID 0", defaultValue=False,
        description="Permit without a time server, although lost trains "
                    "cannot be counted then", **EXPERT)

    reactions = VectorHash(
        rows=ReactionRow, defaultValue=[], maxSize=256,
        displayedName="Reactions",
        description="What a sample state brings about. A class without a row "
                    "does not permit", **EXPERT)

    armOnStart = Bool(
        displayedName="Arm On Start", defaultValue=False,
        accessMode=AccessMode.INITONLY,
        description="Arm once, as soon as the model that modelPath names at "
                    "the start is live, if it is the one that was live "
                    "before", **EXPERT)


class SizeSettings(Configurable):
    """What is fixed when the device starts."""

    maxPulses = UInt32(
        displayedName="Max. Pulses", defaultValue=MAX_PULSES, minInc=1,
        maxInc=100_000, accessMode=AccessMode.INITONLY,
        description="Pulses that a train may have; more are refused and "
                    "counted", **EXPERT)

    maxClasses = UInt32(
        displayedName="Max. Classes", defaultValue=MAX_CLASSES, minInc=2,
        maxInc=127, accessMode=AccessMode.INITONLY,
        description="Classes that a model may have", **EXPERT)


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
