"""What is set and read on a `SpectraTrainer`."""
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorString,
)

from ..common.attributes import EXPERT, READ, table
from .table_rows import (
    AveragingRow,
    CaptureRow,
    ConfusionRow,
    ReferenceRow,
    TaughtBinRow,
)

QUANTITIES = ("channel", "energy", "two_theta")


class CaptureSettings(Configurable):
    """What is captured, from what, and where it goes."""

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier that is taught. Its dark "
                    "spectrum, dead strips, paths and pulse selection are "
                    "used for the captures, so that both see the same. "
                    "Empty: train only, no dark")

    className = String(
        displayedName="Class Name", defaultValue="",
        description="State that the sample is in now, as it will be called "
                    "on all screens; at most 40 characters")

    trainsToCapture = UInt32(
        displayedName="Trains to Capture", defaultValue=10, minInc=1,
        maxInc=1000, unitSymbol=Unit.COUNT,
        description="Trains of one capture. Short ones, in turn, are better "
                    "than long ones")

    intensityCut = Double(
        displayedName="Intensity Cut", defaultValue=-1., minInc=-1.,
        maxInc=1e9,
        description="Mean counts above the dark; a pulse with less is blank "
                    "and is left out. -1: 20 % of the median")

    saturationLevel = Double(
        displayedName="Saturation Level", defaultValue=-1., minInc=-1.,
        maxInc=1e9,
        description="Raw counts from which a strip is saturated; its pulse "
                    "is left out. -1: none, gain stages alone tell",
        **EXPERT)

    sourceTimeout = Double(
        displayedName="Source Timeout", defaultValue=5., minInc=0.1,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="A capture ends when no train comes for this time",
        **EXPERT)

    captureDirectory = String(
        displayedName="Capture Directory", defaultValue="",
        description="Absolute path of a folder on the host of the device; "
                    "captures of one sample belong into one folder. What is "
                    "in it is loaded at the start and by reload")

    axisQuantity = String(
        displayedName="Axis Quantity", defaultValue="channel",
        options=list(QUANTITIES),
        description="What the channels are a scale of", **EXPERT)

    axisUnit = String(
        displayedName="Axis Unit", defaultValue="channel",
        description="For example eV or deg", **EXPERT)

    axisFirst = Double(
        displayedName="Axis First", defaultValue=0., minInc=-1e9, maxInc=1e9,
        description="Position of the first channel, in Axis Unit", **EXPERT)

    axisStep = Double(
        displayedName="Axis Step", defaultValue=1., minInc=1e-9, maxInc=1e9,
        description="From channel to channel, in Axis Unit", **EXPERT)


class TeachSettings(Configurable):
    """How the model is made, named and taken into service."""

    modelName = String(
        displayedName="Model Name", defaultValue="taught",
        description="Letters, digits, dots, dashes and underscores; the "
                    "model's id is this and a part of its hash")

    modelDirectory = String(
        displayedName="Model Directory", defaultValue="",
        description="Absolute path of the folder that models are published "
                    "to; the classifier must see it. Empty: the folder "
                    "models in the capture directory", **EXPERT)

    timeBudget = Double(
        displayedName="Time Budget", defaultValue=6., minInc=0.01, maxInc=600.,
        unitSymbol=Unit.SECOND,
        description="Computing time after which training looks at no "
                    "further candidate", **EXPERT)

    averageOver = UInt32(
        displayedName="Average Over", defaultValue=1, maxInc=50,
        unitSymbol=Unit.COUNT,
        description="Pulses whose mean is taught and then classified; a "
                    "constant of the model. 0: as many as the training "
                    "recommends", **EXPERT)

    permittingClasses = VectorString(
        displayedName="Permitting Classes", defaultValue=[], maxSize=8,
        description="Classes whose presence permits. When this is set, arm "
                    "writes the reactions of the classifier: these permit, "
                    "no other does. Empty: the reactions stay as they are "
                    "and have to be confirmed there", **EXPERT)

    overrideReason = String(
        displayedName="Override Reason", defaultValue="",
        description="Why a model is armed although its verdict advises "
                    "against it, in a few words; is written into the audit "
                    "of the classifier. Empty: the verdict stands. Cleared "
                    "by every training", **EXPERT)

    swapTimeout = Double(
        displayedName="Swap Timeout", defaultValue=60., minInc=0.1,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="Time that the classifier has to take a model",
        **EXPERT)


class CaptureReadings(Configurable):
    """What has been captured, and what comes next."""

    guidance = String(
        displayedName="Next Step", defaultValue="",
        description="What to do now, in one sentence", **READ)
    nextClass = String(
        displayedName="Next Class", defaultValue="",
        description="Class to be captured next; empty: name one", **READ)
    captures = table(
        CaptureRow, displayedName="Captures",
        description="What is in the capture directory")
    classNames = VectorString(
        displayedName="Classes", defaultValue=[], maxSize=8,
        description="Of the kept captures, in order of their first one",
        **READ)
    trainsCaptured = UInt32(
        displayedName="Trains Captured", defaultValue=0,
        description="Of the capture at hand or the last one", **READ)
    pulsesLeftOut = UInt64(
        displayedName="Pulses Left Out", defaultValue=0,
        description="Of the capture at hand or the last one", **READ)
    darkReference = String(
        displayedName="Dark Reference", defaultValue="none",
        description="Where the dark of the last capture is from", **READ)


class TeachReadings(Configurable):
    """How training and evaluation went."""

    progress = Double(
        displayedName="Progress", defaultValue=0., minInc=0., maxInc=1.,
        accessMode=AccessMode.READONLY,
        description="Of the capture, training or evaluation at hand")
    timeLeft = Double(
        displayedName="Time Left", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Estimate for the training or evaluation at hand",
        **READ)
    activity = String(
        displayedName="Activity", defaultValue="",
        description="What is going on at the moment", **READ)
    verdict = String(
        displayedName="Verdict", defaultValue="",
        description="separable, not separable, drift not excluded or not "
                    "established; empty: not trained", **READ)
    verdictText = String(
        displayedName="Verdict in Words", defaultValue="",
        description="What the training found, in one sentence", **READ)
    armAdvised = Bool(
        displayedName="Arming Advised", defaultValue=False,
        description="Whether the trained model clearly exceeds its null",
        **READ)
    heldOutAccuracy = Double(
        displayedName="Held-out Accuracy", defaultValue=-1.,
        description="Share of unseen pulses that are right, whole cycles of "
                    "captures left out; -1: not known", **READ)
    heldOutInterval = String(
        displayedName="Interval", defaultValue="",
        description="95 % interval of the accuracy, and what it counts",
        **READ)
    averagedPulses = UInt32(
        displayedName="Pulses to Average", defaultValue=1,
        description="Smallest number of averaged pulses that is as good as "
                    "any", **READ)
    calibration = String(
        displayedName="Calibration", defaultValue="",
        description="How far the confidence can be trusted", **READ)
    references = table(
        ReferenceRow, displayedName="What Else Could Explain It",
        description="The model beside what should not be enough")
    confusion = table(
        ConfusionRow, displayedName="Confusion",
        description="Of unseen pulses")
    taughtBins = table(
        TaughtBinRow, displayedName="Bins",
        description="Where on the axis the classes separate, best first")
    averaging = table(
        AveragingRow, displayedName="Averaging",
        description="Accuracy against the number of averaged pulses")
    caution = String(
        displayedName="Caution", defaultValue="",
        description="What to know before trusting the model", **READ)
    evaluation = String(
        displayedName="Evaluation", defaultValue="",
        description="The trained model on pulses that did not teach it",
        **READ)
    evaluatedAccuracy = Double(
        displayedName="Evaluated Accuracy", defaultValue=-1.,
        description="Of the last evaluation; -1: none", **READ)
    trainingSeconds = Double(
        displayedName="Training Time", defaultValue=0.,
        unitSymbol=Unit.SECOND,
        description="Machine time of the last training and evaluation",
        **READ)


class ServiceReadings(Configurable):
    """What has been published and armed."""

    trainedModelId = String(
        displayedName="Trained Model", defaultValue="",
        description="Id of the last trained model", **READ)
    publishedPath = String(
        displayedName="Published Path", defaultValue="",
        description="File of the last published model", **READ)
    armedModelId = String(
        displayedName="Armed Model", defaultValue="",
        description="Model that this trainer armed last", **READ)
    formerModelPath = String(
        displayedName="Former Model", defaultValue="",
        description="Model that the slot previous goes back to", **READ)
    exportedPath = String(
        displayedName="Exported Captures", defaultValue="",
        description="File of the last export", **READ)
    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        defaultValue=["teach"], **READ)
    availableMacros = VectorString(
        displayedName="Available Macros",
        description="Names for requestMacro", displayType="Macros",
        defaultValue=["TeachAndWait"], **READ)
