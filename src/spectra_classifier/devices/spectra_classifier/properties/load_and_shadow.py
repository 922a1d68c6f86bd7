"""What is set and read around a shadow model and degrading on purpose."""
from karabo.middlelayer import (
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt64,
)

from ...common.attributes import EXPERT, MILLISECONDS, READ, table


class LoadSettings(Configurable):
    """What is done with time to spare, and what without."""

    shadowModelPath = String(
        displayedName="Shadow Model Path", defaultValue="",
        description="Absolute path of a model that looks at the same trains "
                    "where there is time left. Nothing depends on it. Empty: "
                    "none", **EXPERT)

    degradeOnPurpose = Bool(
        displayedName="Degrade on Purpose", defaultValue=True,
        description="When the engine is too slow, look at a part of the "
                    "pulses of every pulse pattern, in turns, instead of "
                    "skipping whole trains", **EXPERT)

    degradeAfter = Double(
        displayedName="Degrade After", defaultValue=250., minInc=1.,
        maxInc=60_000.,
        description="Time that a train may wait for a busy engine before "
                    "that happens", **MILLISECONDS, **EXPERT)


class ShadowRow(Configurable):
    pattern = String(
        defaultValue="", displayedName="Pulse Pattern", **READ)
    live = String(
        defaultValue="", displayedName="Live",
        description="What the live model says", **READ)
    shadow = String(
        defaultValue="", displayedName="Shadow",
        description="What the shadow model says", **READ)
    pulses = UInt64(defaultValue=0, displayedName="Pulses", **READ)
    trainId = UInt64(
        defaultValue=0, displayedName="Last Train",
        description="The last train with such a pulse", **READ)
    pulseId = UInt64(
        defaultValue=0, displayedName="Last Pulse",
        description="The last such pulse of that train", **READ)


class LoadReadings(Configurable):
    """What another model would have said, and how much was looked at."""

    shadowModelId = String(
        displayedName="Shadow Model ID", defaultValue="",
        description="The model that runs in the shadow", **READ)
    shadowStatus = String(
        displayedName="Shadow Status", defaultValue="no shadow model",
        description="What became of the last shadow model that was asked "
                    "for", **READ)
    shadowAgreement = Double(
        displayedName="Shadow Agreement", defaultValue=0.,
        description="Share of the pulses of which both models say the same, "
                    "since both are there; 0 without any", **READ)
    shadowPulses = UInt64(
        displayedName="Shadow Pulses", defaultValue=0,
        description="Pulses that were compared", **READ)
    shadowTrains = UInt64(
        displayedName="Shadow Trains", defaultValue=0,
        description="Trains that were compared", **READ)
    shadowTrainsSkipped = UInt64(
        displayedName="Shadow Trains Skipped", defaultValue=0,
        description="Trains for which there was no time left", **READ)
    shadowDifferences = table(
        ShadowRow, displayedName="Shadow Differences",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="Where the two models differ, most frequent first")

    degraded = Bool(
        displayedName="Degraded", defaultValue=False,
        description="Only a part of the pulses is looked at; recovers by "
                    "itself", **READ)
    degradedShare = Double(
        displayedName="Degraded Share", defaultValue=1.,
        description="Share of the pulses of every pulse pattern that the "
                    "engine is given", **READ)
