"""What is read from a `SpectraClassifier`."""
from karabo.middlelayer import (
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    VectorString,
)

from ...common.attributes import READ, table


class BinRow(Configurable):
    number = UInt32(defaultValue=0, displayedName="Bin", **READ)
    start = Double(
        defaultValue=0., displayedName="From",
        description="Axis value of the first channel", **READ)
    stop = Double(
        defaultValue=0., displayedName="To",
        description="Axis value of the last channel", **READ)
    separability = Double(
        defaultValue=0., displayedName="Separability",
        description="Cross-validated skill above chance; NaN: not known",
        **READ)
    weight = Double(defaultValue=0., displayedName="Weight", **READ)
    selected = Bool(
        defaultValue=False, displayedName="Selected",
        description="Whether the bin has a vote (see selectedBins)", **READ)
    switch = Bool(
        defaultValue=True, displayedName="Switch",
        displayType="TableBoolButton",
        description="Button: gives the bin a vote, or takes it (selectedBins)",
        **READ)


class FactRow(Configurable):
    topic = String(defaultValue="", displayedName="Topic", **READ)
    fact = String(defaultValue="", displayedName="Fact", **READ)


class ModelReadings(Configurable):
    """What is in force."""

    modelId = String(
        displayedName="Model ID",
        description="Name of the live model and the start of its hash",
        defaultValue="", **READ)
    modelHash = String(
        displayedName="Model Hash", defaultValue="",
        description="SHA-256 of the weights", **READ)
    modelStatus = String(
        displayedName="Model Status",
        description="What became of the last model that was asked for",
        defaultValue="no model", **READ)
    previousModelId = String(
        displayedName="Previous Model ID", defaultValue="",
        description="What previousModel goes back to", **READ)
    calibration = String(
        displayedName="Calibration", defaultValue="",
        description="Whether the confidence is calibrated", **READ)
    appliedConfigHash = String(
        displayedName="Applied Configuration Hash", defaultValue="",
        description="Of the configuration that the last train met", **READ)
    reactionsConfirmed = Bool(
        displayedName="Reactions Confirmed", defaultValue=False,
        description="The reactions were set for the classes of this model",
        **READ)
    classNames = VectorString(
        displayedName="Class Names",
        description="Sample states of the model, in order of their index",
        defaultValue=[], **READ)
    bins = table(
        BinRow, displayedName="Bins",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Ranges of the axis that the model looks at")
    modelFacts = table(
        FactRow, displayedName="Model Facts",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="What the manifest of the live model says, in words")


class ModelSettings(Configurable):
    """Which model."""

    modelPath = String(
        displayedName="Model Path", defaultValue="",
        description="Absolute path of an ONNX model on the host of the "
                    "device. It is loaded and verified beside the live one; "
                    "what is refused changes nothing. Empty: no model")
