"""What is set and read on a `SpectraTrainer`."""
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    Double,
    Node,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorString,
)

from ...core.preprocessing.source_layout import PRESETS, RECEIVER
from ...live.jobs import NICE
from ..common.attributes import EXPERT, READ, table
from ..common.picture_channels import picture, picture_channel
from .table_rows import (
    AveragingRow,
    CaptureRow,
    ClusterRow,
    ConfusionRow,
    ReferenceRow,
    TaughtBinRow,
)

QUANTITIES = ("channel", "energy", "two_theta")


class CapturesNode(Configurable):
    """What has been captured, and what comes next."""

    current = table(
        CaptureRow, displayedName="Current",
        description="What is in the capture directory")

    classNames = VectorString(
        displayedName="Classes", defaultValue=[], maxSize=8,
        description="Of the kept captures, in order of their first one",
        **READ)

    nextClass = String(
        displayedName="Next Class", defaultValue="",
        description="Class to be captured next; empty: name one", **READ)

    trainsCaptured = UInt32(
        displayedName="Trains Captured", defaultValue=0,
        description="Of the current or last capture", **READ)

    pulsesLeftOut = UInt64(
        displayedName="Pulses Left Out", defaultValue=0,
        description="Of the current or last capture", **READ)

    exportedPath = String(
        displayedName="Exported Path", defaultValue="",
        description="File of the last export", **READ)


class SourceNode(Configurable):
    """How the trains are read during a capture."""

    preset = String(
        displayedName="Preset", defaultValue=RECEIVER, options=list(PRESETS),
        description="What the source is, where no classifier is named; the "
                    "paths of a classifier count otherwise", **EXPERT)

    timeout = Double(
        displayedName="Timeout", defaultValue=5., minInc=0.1,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="A capture ends when no train comes for this time",
        **EXPERT)

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

    darkReference = String(
        displayedName="Dark Reference", defaultValue="none",
        description="Where the dark of the last capture is from", **READ)


class AxisNode(Configurable):
    """What the channels are a scale of."""

    quantity = String(
        displayedName="Quantity", defaultValue="channel",
        options=list(QUANTITIES),
        description="What the channels are a scale of", **EXPERT)

    unit = String(
        displayedName="Unit", defaultValue="channel",
        description="For example eV or deg", **EXPERT)

    first = Double(
        displayedName="First", defaultValue=0., minInc=-1e9, maxInc=1e9,
        description="Position of the first channel, in axis.unit", **EXPERT)

    step = Double(
        displayedName="Step", defaultValue=1., minInc=1e-9, maxInc=1e9,
        description="From channel to channel, in axis.unit", **EXPERT)


class TrainingNode(Configurable):
    """How the model is trained, and how good it is."""

    timeBudget = Double(
        displayedName="Time Budget", defaultValue=6., minInc=0.01, maxInc=600.,
        unitSymbol=Unit.SECOND,
        description="Computing time after which training tries no further "
                    "candidate", **EXPERT)

    niceness = UInt32(
        displayedName="Niceness", defaultValue=NICE, maxInc=19,
        description="How far training and evaluation give way to all other "
                    "processes of the machine. 19: most; 0: not at all, for "
                    "a machine with no live device, or one so busy that a "
                    "training would not end", **EXPERT)

    averageOver = UInt32(
        displayedName="Average Over", defaultValue=1, maxInc=50,
        unitSymbol=Unit.COUNT,
        description="Number of pulses whose mean is classified, in training "
                    "and live; a constant of the model. 0: the number that "
                    "the training recommends", **EXPERT)

    averagedPulses = UInt32(
        displayedName="Pulses to Average", defaultValue=1,
        description="Smallest number of averaged pulses that is as accurate "
                    "as larger ones", **READ)

    heldOutAccuracy = Double(
        displayedName="Held-out Accuracy", defaultValue=-1.,
        description="Share of unseen pulses that are right, whole cycles of "
                    "captures left out; -1: not known", **READ)

    heldOutInterval = String(
        displayedName="Held-out Interval", defaultValue="",
        description="95 % interval of the accuracy, and what it counts",
        **READ)

    calibration = String(
        displayedName="Calibration", defaultValue="",
        description="Whether the confidence is calibrated", **READ)

    caution = String(
        displayedName="Caution", defaultValue="",
        description="What to know before relying on the model", **READ)

    references = table(
        ReferenceRow, displayedName="What Else Could Explain It",
        description="Accuracy of the model next to that of simple references,"
                    " which should be worse")

    confusion = table(
        ConfusionRow, displayedName="Confusion",
        description="Of unseen pulses")

    bins = table(
        TaughtBinRow, displayedName="Bins",
        description="Where on the axis the classes separate, best first")

    averaging = table(
        AveragingRow, displayedName="Averaging",
        description="Accuracy against the number of averaged pulses")

    evaluation = String(
        displayedName="Evaluation", defaultValue="",
        description="The trained model on pulses outside the training set",
        **READ)

    evaluatedAccuracy = Double(
        displayedName="Evaluated Accuracy", defaultValue=-1.,
        description="Of the last evaluation; -1: none", **READ)

    time = Double(
        displayedName="Time", defaultValue=0.,
        unitSymbol=Unit.SECOND,
        description="Machine time of the last training and evaluation",
        **READ)


class ModelNode(Configurable):
    """How the model is named, published and armed."""

    name = String(
        displayedName="Name", defaultValue="taught",
        description="Letters, digits, dots, dashes and underscores; the "
                    "model's id is this and a part of its hash")

    directory = String(
        displayedName="Directory", defaultValue="",
        description="Absolute path of the folder that models are published "
                    "to; the classifier must see it. Empty: the folder "
                    "models in the capture directory", **EXPERT)

    publishedPath = String(
        displayedName="Published Path", defaultValue="",
        description="File of the last published model", **READ)

    permittingClasses = VectorString(
        displayedName="Permitting Classes", defaultValue=[], maxSize=8,
        description="Classes whose presence permits. When this is set, arm "
                    "writes the reactions of the classifier: these permit, "
                    "no other does. Empty: the reactions stay as they are "
                    "and have to be confirmed there", **EXPERT)

    overrideReason = String(
        displayedName="Override Reason", defaultValue="",
        description="Why a model is armed although its verdict advises "
                    "against it, in a few words; recorded in the audit of the"
                    " classifier. Empty: the verdict is decisive. Cleared by "
                    "every training", **EXPERT)

    swapTimeout = Double(
        displayedName="Swap Timeout", defaultValue=60., minInc=0.1,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="Time that the classifier has to take a model",
        **EXPERT)

    formerPath = String(
        displayedName="Former Path", defaultValue="",
        description="Model that the slot previous restores", **READ)


class MapPictures(Configurable):
    byCluster = picture(
        "By Cluster", 4, 340, "Spectra of the last minutes in the plane of "
                              "their strongest differences, by cluster")
    byTime = picture(
        "By Time", 4, 340, "The same plane, by time")
    againstTime = picture(
        "Against Time", 9, 230, "Cluster and strongest difference against "
                                "time, with the interval of every change")
    spectra = picture(
        "Spectra", 6, 330, "Mean and scatter of each cluster, and the "
                           "spectrum looked back at")
    differences = picture(
        "Differences", 6, 330, "Mean of each cluster minus that of the "
                               "first, with a band of 95 %")


class ExplorationNode(Configurable):
    """States in the last minutes that nobody has named yet."""

    minutes = Double(
        displayedName="Minutes", defaultValue=5., minInc=0.5, maxInc=60.,
        unitSymbol=Unit.MINUTE,
        description="How far back explore looks. 24 pulses of a train are "
                    "kept, 600 trains in this time")

    trainsKept = UInt32(
        displayedName="Trains Kept", defaultValue=0,
        description="Trains that explore can look at", **READ)

    problem = String(
        displayedName="Problem", defaultValue="",
        description="Why the last train was not kept; empty: it was", **READ)

    found = String(
        displayedName="Found", defaultValue="",
        description="What explore has found, in one sentence", **READ)

    clusters = table(
        ClusterRow, displayedName="Clusters",
        description="What explore has found; the map stays as it is until "
                    "the next explore")

    cluster = UInt32(
        displayedName="Cluster", defaultValue=0, maxInc=7,
        description="Number of the cluster that nameCluster makes captures "
                    "of, as className")

    lookBack = Double(
        displayedName="Look Back", defaultValue=0., minInc=0., maxInc=100.,
        unitSymbol=Unit.PERCENT,
        description="Time that the map marks. 0: the latest, 100: the "
                    "oldest")

    lookedAt = String(
        displayedName="Looked At", defaultValue="",
        description="When that was, and which cluster", **READ)


class TrainerScreensNode(Configurable):
    """What the scenes show."""

    exploration = picture_channel(MapPictures, "Exploration")


class TrainerProperties(Configurable):
    """What an operator does and sees; the rest is in nodes."""

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier that gets the model. Its "
                    "dark spectrum, dead strips, paths and pulse selection "
                    "are used for the captures, so that both see the same. "
                    "Empty: train only, no dark")

    captureDirectory = String(
        displayedName="Capture Directory", defaultValue="",
        description="Absolute path of a folder on the host of the device; "
                    "captures of one sample belong into one folder. What is "
                    "in it is loaded at the start and by reload")

    className = String(
        displayedName="Class Name", defaultValue="",
        description="State that the sample is in now, as it will be called "
                    "on all screens; at most 40 characters")

    trainsToCapture = UInt32(
        displayedName="Trains to Capture", defaultValue=10, minInc=1,
        maxInc=1000, unitSymbol=Unit.COUNT,
        description="Trains of one capture. Short ones, in turn, are better "
                    "than long ones")

    guidance = String(
        displayedName="Next Step", defaultValue="",
        description="What to do now, in one sentence", **READ)

    progress = Double(
        displayedName="Progress", defaultValue=0., minInc=0., maxInc=1.,
        accessMode=AccessMode.READONLY,
        description="Of the current capture, training or evaluation")

    timeLeft = Double(
        displayedName="Time Left", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Estimate for the current training or evaluation",
        **READ)

    activity = String(
        displayedName="Activity", defaultValue="",
        description="What is going on at the moment", **READ)

    trainedModelId = String(
        displayedName="Trained Model", defaultValue="",
        description="Id of the last trained model", **READ)

    verdict = String(
        displayedName="Verdict", defaultValue="",
        description="separable, chosen by the data, not separable, drift "
                    "not excluded or not established; empty: not trained",
        **READ)

    verdictText = String(
        displayedName="Verdict in Words", defaultValue="",
        description="What the training found, in one sentence", **READ)

    armAdvised = Bool(
        displayedName="Arming Advised", defaultValue=False,
        description="Whether the trained model clearly exceeds its null test",
        **READ)

    armedModelId = String(
        displayedName="Armed Model", defaultValue="",
        description="Model that this trainer armed last", **READ)

    availableScenes = VectorString(
        displayedName="Available Scenes",
        description="Names for requestScene", displayType="Scenes",
        defaultValue=["teach", "explore"], **READ)

    availableMacros = VectorString(
        displayedName="Available Macros",
        description="Names for requestMacro", displayType="Macros",
        defaultValue=["TeachAndWait"], **READ)

    captures = Node(
        CapturesNode, displayedName="Captures",
        description="What has been captured, and what comes next")
    exploration = Node(
        ExplorationNode, displayedName="Exploration",
        description="States in the last minutes that nobody has named yet")
    screens = Node(
        TrainerScreensNode, displayedName="Screens",
        description="What the scenes show")
    source = Node(
        SourceNode, displayedName="Source",
        description="How the trains are read during a capture")
    axis = Node(
        AxisNode, displayedName="Axis",
        description="What the channels are a scale of")
    training = Node(
        TrainingNode, displayedName="Training",
        description="How the model is trained, and how good it is")
    model = Node(
        ModelNode, displayedName="Model",
        description="How the model is named, published and armed")
