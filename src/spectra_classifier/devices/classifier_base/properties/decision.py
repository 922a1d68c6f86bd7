"""The nodes `decision` and `conditions`: sample state and permit."""
from karabo.middlelayer import (
    AccessMode,
    ArchivePolicy,
    Bool,
    Configurable,
    Double,
    String,
    UInt32,
    UInt64,
    Unit,
    VectorDouble,
    VectorHash,
)

from ....core.decision import PulseKind
from ...common.attributes import (
    EXPERT,
    MILLISECONDS,
    READ,
    table,
)
from ...common.value_checks import LATER


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


class PulsePatternRow(Configurable):
    name = String(
        defaultValue="all", displayedName="Name",
        description="How people call these pulses, for example 'pumped'")
    first = UInt32(
        defaultValue=0, displayedName="First",
        description="Id of the first pulse; of another Kind its number, from "
                    "0")
    step = UInt32(
        defaultValue=1, minInc=1, displayedName="Step",
        description="Distance of two pulses of the pattern")
    count = UInt32(
        defaultValue=0, displayedName="Count",
        description="Number of pulses, 0: to the end of the train")
    required = Bool(
        defaultValue=True, displayedName="Required",
        description="The permit needs this pattern decided and permitted")
    kind = String(
        defaultValue=PulseKind.NUMBER.value, displayedName="Kind",
        options=[kind.value for kind in PulseKind], tags={LATER},
        description="What First, Step and Count count: ids of pulses, or "
                    "those X-ray pulses of a train that the machine reports "
                    "(joining.patternPath)")


class DecisionNode(Configurable):
    """From the labels of the pulses to a sample state."""

    pulsePatterns = VectorHash(
        rows=PulsePatternRow, defaultValue=[], maxSize=64,
        displayedName="Pulse Patterns",
        description="Named subsets of the pulses, each decided by itself. "
                    "Empty: all pulses", **EXPERT)

    window = UInt32(
        displayedName="Window", defaultValue=5, minInc=1,
        maxInc=600, description="Trains that vote on the sample state",
        **EXPERT)

    fraction = Double(
        displayedName="Fraction", defaultValue=0.6, minExc=0.5,
        maxInc=1., description="Share of the pulses, and of the trains of "
                               "the window, that decides", **EXPERT)

    minValidPulses = UInt32(
        displayedName="Min. Valid Pulses", defaultValue=1, minInc=1,
        description="With fewer eligible pulses a train does not vote",
        **EXPERT)

    minValidFraction = Double(
        displayedName="Min. Valid Fraction", defaultValue=0.1, minInc=0.,
        maxInc=1., description="As decision.minValidPulses, as a "
                               "share", **EXPERT)

    minDwell = Double(
        displayedName="Min. Dwell", defaultValue=0., minInc=0., maxInc=3600.,
        unitSymbol=Unit.SECOND,
        description="Time for which a new state must hold before it is "
                    "reported", **EXPERT)

    patternStates = table(
        PatternStateRow, displayedName="Pulse Pattern States",
        description="Every pulse pattern is decided by itself")

    previousSampleState = String(
        displayedName="Previous Sample State",
        description="The state before the present one",
        defaultValue="unknown", **READ)

    transitionTrainId = UInt64(
        displayedName="Transition Train ID", defaultValue=0,
        description="First train that voted for the sample state", **READ)

    transitionEarliestTrainId = UInt64(
        displayedName="Transition Earliest Train ID", defaultValue=0,
        description="Half of the change happened from this train to "
                    "decision.transitionLatestTrainId, with 95 % confidence; "
                    "0: not known", **READ)

    transitionLatestTrainId = UInt64(
        displayedName="Transition Latest Train ID", defaultValue=0,
        description="See decision.transitionEarliestTrainId", **READ)

    transitionPulse = UInt64(
        displayedName="Transition Pulse", defaultValue=0,
        description="Id of the first pulse of that train from which on the "
                    "state holds; 0 as well where "
                    "decision.transitionPulseKnown is no",
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

    meanScore = Double(
        displayedName="Mean Score",
        description="What the taught states leave of the mean of a pulse "
                    "pattern in units of its limit, the worst of all: above "
                    "1 or not a number it is like no taught state, and the "
                    "train votes unknown. -1: none is judged",
        defaultValue=-1., **READ)


class ConditionsNode(Configurable):
    """Conditions of a permit in addition to the sample state."""

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
                               "been examined for a permit", **EXPERT)

    maxDrift = Double(
        displayedName="Max. Drift", defaultValue=1., minInc=0.001, maxInc=1e6,
        description="Drift score that may still permit", **EXPERT)

    limitHysteresis = Double(
        displayedName="Limit Hysteresis", defaultValue=0.1, minInc=0.,
        maxInc=0.9,
        description="A limit (drift, latency, train age, coverage) that was "
                    "exceeded is met again only this share inside of it",
        **EXPERT)

    lease = Double(
        displayedName="Lease", defaultValue=500., minInc=1.,
        maxInc=10_000., description="How long a permit is valid without a "
                                    "renewal (permitValidFor)",
        **MILLISECONDS, **EXPERT)

    latching = Bool(
        displayedName="Latching", defaultValue=False,
        description="A permit that was lost stays lost until acknowledged",
        **EXPERT)

    allowTrainIdZero = Bool(
        displayedName="Allow Train ID 0", defaultValue=False,
        description="Permit without a time server, although lost trains "
                    "cannot be counted then", **EXPERT)

    armOnStart = Bool(
        displayedName="Arm On Start", defaultValue=False,
        accessMode=AccessMode.INITONLY,
        description="Arm once, as soon as the model that modelPath names at "
                    "the start is live, if it is the one that was live "
                    "before", **EXPERT)
