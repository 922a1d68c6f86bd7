"""What is read from a `SpectraClassifier`."""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    Int32,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorDouble,
    VectorHash,
)

from ...common.attributes import EXPERT, MILLISECONDS, READ, table


class HistoryRow(Configurable):
    time = String(defaultValue="", displayedName="Time", **READ)
    trainId = UInt64(defaultValue=0, displayedName="Train", **READ)
    sampleState = String(defaultValue="", displayedName="State", **READ)
    reason = String(defaultValue="", displayedName="Reason", **READ)
    configHash = String(
        defaultValue="", displayedName="Configuration", **READ)


class PatternStateRow(Configurable):
    name = String(defaultValue="", displayedName="Pulse Pattern", **READ)
    required = Bool(defaultValue=True, displayedName="Required", **READ)
    sampleState = String(defaultValue="", displayedName="State", **READ)
    fraction = Double(
        defaultValue=0., displayedName="Fraction",
        description="Share of the eligible pulses that show the state",
        **READ)
    eligible = UInt32(
        defaultValue=0, displayedName="Eligible",
        description="Pulses of the last train that could vote", **READ)
    dwell = Double(
        defaultValue=0., displayedName="Dwell", unitSymbol=Unit.SECOND,
        **READ)


class SampleReadings(Configurable):
    """What the sample is doing, and what that permits."""

    sampleState = String(
        displayedName="Sample State", defaultValue="unknown",
        description="The decided class", **READ)
    sampleStateIndex = Int32(
        displayedName="Sample State Index", defaultValue=-1,
        description="Class index, -1 for unknown", **READ)
    previousSampleState = String(
        displayedName="Previous Sample State",
        description="The state before the present one",
        defaultValue="unknown", **READ)
    patternStates = table(
        PatternStateRow, displayedName="Pulse Pattern States",
        description="Every pulse pattern is decided by itself")
    transitionTrainId = UInt64(
        displayedName="Transition Train ID", defaultValue=0,
        description="First train that voted for the sample state", **READ)
    transitionPulse = UInt64(
        displayedName="Transition Pulse", defaultValue=0,
        description="Id of the first pulse of that train from which on the "
                    "state holds; 0 as well where transitionPulseKnown is no",
        **READ)
    transitionPulseKnown = Bool(
        displayedName="Transition Pulse Known", defaultValue=False,
        description="Whether there is such a pulse", **READ)
    dwell = Double(
        displayedName="Dwell", defaultValue=0., unitSymbol=Unit.SECOND,
        description="Time in the sample state", **READ)
    stateHistory = table(
        HistoryRow, displayedName="State History",
        archivePolicy=ArchivePolicy.NO_ARCHIVING,
        description="The last changes of the sample state, newest first")
    classFractions = VectorDouble(
        displayedName="Class Fractions", defaultValue=[], maxSize=127,
        description="Share of the eligible pulses of the last train, in the "
                    "order of classNames", **READ)
    unknownFraction = Double(
        displayedName="Unknown Fraction",
        description="Share of the eligible pulses without a class",
        defaultValue=0., **READ)
    confidence = Double(
        displayedName="Confidence", defaultValue=0.,
        description="Mean over the pulses that show the sample state", **READ)

    armed = Bool(
        displayedName="Armed",
        description="An operator lets the live model permit",
        defaultValue=False, **READ)
    permit = Bool(
        displayedName="Permit", defaultValue=False,
        description="A lease: act on it only while permitSequence advances "
                    "within permitValidFor on your own clock. Advice to an "
                    "interlock system, never protection", **READ)
    permitReason = String(
        displayedName="Permit Reason",
        description="Why there is no permit, in one sentence",
        defaultValue="the device is starting", **READ)
    permitTrainId = UInt64(
        displayedName="Permit Train ID",
        description="The newest train that the permit rests on",
        defaultValue=0, **READ)
    permitSequence = UInt64(
        displayedName="Permit Sequence", defaultValue=0,
        description="Counts finished work", **READ)
    permitValidFor = Double(
        displayedName="Permit Valid For",
        description="How long the permit stands without a new one",
        defaultValue=0., **MILLISECONDS,
        **READ)
    latchReason = String(
        displayedName="Latch", defaultValue="",
        description="What is latched and waits to be acknowledged", **READ)
    alarmReason = String(
        displayedName="Alarm Reason", defaultValue="",
        description="The worst alarm that stands", **READ)


class PulsePatternRow(Configurable):
    name = String(
        defaultValue="all", displayedName="Name",
        description="How people call these pulses, for example 'pumped'")
    first = UInt32(
        defaultValue=0, displayedName="First",
        description="Id of the first pulse")
    step = UInt32(
        defaultValue=1, minInc=1, displayedName="Step",
        description="Distance of two pulses of the pattern")
    count = UInt32(
        defaultValue=0, displayedName="Count",
        description="Number of pulses, 0: to the end of the train")
    required = Bool(
        defaultValue=True, displayedName="Required",
        description="The permit needs this pattern decided and permitted")


class ReactionRow(Configurable):
    sampleClass = String(
        defaultValue="", displayedName="Class",
        description="A class of the model, or 'unknown'")
    alarm = String(
        defaultValue="none", displayedName="Alarm",
        options=["none", "warn", "alarm", "interlock"],
        description="interlock: latched until acknowledged")
    permit = Bool(
        defaultValue=False, displayedName="Permit",
        description="Whether this sample state permits")


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
