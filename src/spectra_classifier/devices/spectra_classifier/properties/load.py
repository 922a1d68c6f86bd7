"""The nodes `load` and `shadow`."""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
)

from ....model.engines import ENGINES
from ...classifier_base.properties.accounting import LoadReadings
from ...classifier_base.role import STANDALONE, WORKER
from ...common.attributes import (
    EXPERT,
    MILLISECONDS,
    READ,
    table,
)


class LoadNode(LoadReadings):
    """What computes the codes, and what is done when it is too slow."""

    role = String(
        displayedName="Role", defaultValue=STANDALONE,
        options=[STANDALONE, WORKER], accessMode=AccessMode.INITONLY,
        description="worker: takes a part of the trains of a source, for a "
                    "SpectraCollector; its input is shared, and its own "
                    "permit is always false", **EXPERT)

    engine = String(
        displayedName="Engine", defaultValue="fused", options=list(ENGINES),
        description="What computes the codes; all give the same labels",
        **EXPERT)

    threads = UInt32(
        displayedName="Threads", defaultValue=2, minInc=1, maxInc=64,
        description="Threads over which the fused engine shares a train: "
                    "codes are out sooner, for as much processor time",
        **EXPERT)

    queueLength = UInt32(
        displayedName="Queue Length", defaultValue=20, minInc=1,
        maxInc=1000, accessMode=AccessMode.INITONLY,
        description="Trains that may wait for the engine; when it is full "
                    "the oldest one is skipped and counted", **EXPERT)

    degradeOnPurpose = Bool(
        displayedName="Degrade on Purpose", defaultValue=True,
        description="When the engine is too slow, classify a part of the "
                    "pulses of every pulse pattern, another part in each "
                    "train, instead of skipping whole trains", **EXPERT)

    degradeAfter = Double(
        displayedName="Degrade After", defaultValue=250., minInc=1.,
        maxInc=60_000.,
        description="Time for which a train may wait for a busy engine before"
                    " pulses are left out", **MILLISECONDS, **EXPERT)

    degraded = Bool(
        displayedName="Degraded", defaultValue=False,
        description="Only a part of the pulses is classified; recovers by "
                    "itself", **READ)

    degradedShare = Double(
        displayedName="Degraded Share", defaultValue=1.,
        description="Share of the pulses of every pulse pattern that is "
                    "classified", **READ)

    engineErrors = UInt64(
        displayedName="Engine Errors",
        description="Trains on which the engine failed; see the log",
        defaultValue=0, **READ)


class ShadowRow(Configurable):
    pattern = String(
        defaultValue="", displayedName="Pulse Pattern", **READ)
    live = String(
        defaultValue="", displayedName="Live",
        description="Class by the live model", **READ)
    shadow = String(
        defaultValue="", displayedName="Shadow",
        description="Class by the shadow model", **READ)
    pulses = UInt64(defaultValue=0, displayedName="Pulses", **READ)
    trainId = UInt64(
        defaultValue=0, displayedName="Last Train",
        description="The last train with such a pulse", **READ)
    pulseId = UInt64(
        defaultValue=0, displayedName="Last Pulse",
        description="The last such pulse of that train", **READ)


class ShadowNode(Configurable):
    """A model that sees the same trains where there is time left."""

    modelPath = String(
        displayedName="Model Path", defaultValue="",
        description="Absolute path of a second model that classifies the same"
                    " trains in spare time. Nothing depends on it. Empty: "
                    "none", **EXPERT)

    status = String(
        displayedName="Status", defaultValue="no shadow model",
        description="Result of the last request for a shadow model", **READ)

    modelId = String(
        displayedName="Model ID", defaultValue="",
        description="The live shadow model", **READ)

    agreement = Double(
        displayedName="Agreement", defaultValue=0.,
        description="Share of the pulses on which both models have agreed "
                    "since both are live; 0 without any", **READ)

    pulses = UInt64(
        displayedName="Pulses", defaultValue=0,
        description="Pulses that were compared", **READ)

    trains = UInt64(
        displayedName="Trains", defaultValue=0,
        description="Trains that were compared", **READ)

    trainsSkipped = UInt64(
        displayedName="Trains Skipped", defaultValue=0,
        description="Trains for which there was no time", **READ)

    differences = table(
        ShadowRow, displayedName="Differences",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Where the two models differ, most frequent first")
