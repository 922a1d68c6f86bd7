"""The node `model`: what the live model is, and whether it may be armed."""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    VectorString,
)

from ...common.attributes import (
    EXPERT,
    MAX_CLASSES,
    READ,
    table,
)


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
        displayType="TableBoolButton|confirmation=1",
        description="Button: gives the bin a vote, or takes it "
                    "(selectedBins); asks first",
        **READ)


class FactRow(Configurable):
    topic = String(defaultValue="", displayedName="Topic", **READ)
    fact = String(defaultValue="", displayedName="Fact", **READ)


class ModelNode(Configurable):
    """The live model."""

    maxClasses = UInt32(
        displayedName="Max. Classes", defaultValue=0, maxInc=127,
        accessMode=AccessMode.INITONLY,
        description="Classes that a model may have, and columns of scores "
                    "and mixture in the output. 0 at the start: one more "
                    f"than the model has, {MAX_CLASSES} without a model",
        **EXPERT)

    overrideObjection = String(
        displayedName="Override Objection", defaultValue="",
        description="Why this model may be armed in spite of its objection, "
                    "in a few words; recorded in the audit. Empty: the "
                    "objection is in force. Cleared by every other model and "
                    "at the start",
        **EXPERT)

    objection = String(
        displayedName="Objection", defaultValue="",
        description="Objections of the live model's manifest against arming "
                    "it; empty: nothing", **READ)

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
        description="Ranges of the axis that the model uses")

    facts = table(
        FactRow, displayedName="Facts",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Contents of the live model's manifest, in words")

    calibration = String(
        displayedName="Calibration", defaultValue="",
        description="Whether the confidence is calibrated", **READ)

    hash = String(
        displayedName="Hash", defaultValue="",
        description="SHA-256 of the weights", **READ)

    previousId = String(
        displayedName="Previous ID", defaultValue="",
        description="Model that previousModel restores", **READ)

    appliedConfigHash = String(
        displayedName="Applied Configuration Hash", defaultValue="",
        description="Hash of the configuration that the last train was "
                    "classified under", **READ)
