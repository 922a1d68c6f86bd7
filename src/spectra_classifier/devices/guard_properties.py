"""Properties of `PermitGuard`: what is set at the start, and what is read."""
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    Double,
    MetricPrefix,
    String,
    UInt32,
    UInt64,
    Unit,
)

READ = {"accessMode": AccessMode.READONLY}
INIT = {"accessMode": AccessMode.INITONLY}
MILLISECONDS = {"unitSymbol": Unit.SECOND,
                "metricPrefixSymbol": MetricPrefix.MILLI}


class GuardSettings(Configurable):
    """Whom to believe, for how long, and what to drive."""

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier. Its channel 'output' is "
                    "what counts: it is per train and needs no broker",
        **INIT)

    leaseTime = Double(
        displayedName="Lease Time", defaultValue=1000., minExc=0.,
        maxInc=10_000., **MILLISECONDS,
        description="Longest time for which a renewal is believed, whatever "
                    "the classifier asks for", **INIT)

    latching = Bool(
        displayedName="Latching", defaultValue=True,
        description="A permit that was lost stays lost until acknowledged",
        **INIT)

    enableOnStart = Bool(
        displayedName="Enable On Start", defaultValue=False,
        description="Act on the permit at once, not only after 'enable'",
        **INIT)

    targetDevice = String(
        displayedName="Target Device", defaultValue="",
        description="Device id of the shutter or interlock to be driven",
        **INIT)

    openSlot = String(
        displayedName="Open Slot", defaultValue="",
        description="Slot that opens the target. Empty: targetProperty is "
                    "set instead", **INIT)

    closeSlot = String(
        displayedName="Close Slot", defaultValue="",
        description="Slot that closes the target", **INIT)

    holdSlot = String(
        displayedName="Hold Slot", defaultValue="",
        description="Slot that keeps the target open for another hold time "
                    "of its own. With it the target closes by itself when "
                    "this guard is gone: use it where the target can", **INIT)

    targetProperty = String(
        displayedName="Target Property", defaultValue="",
        description="Property to be set where there are no slots", **INIT)

    openValue = String(
        displayedName="Open Value", defaultValue="true",
        description="Value that opens, as JSON: true, 1, \"OPEN\"", **INIT)

    closedValue = String(
        displayedName="Closed Value", defaultValue="false",
        description="Value that closes, as JSON", **INIT)

    confirmProperty = String(
        displayedName="Confirm Property", defaultValue="",
        description="Property in which the target says what it does. Empty: "
                    "targetProperty; without both the target is believed",
        **INIT)

    confirmOpenValue = String(
        displayedName="Confirm Open Value", defaultValue="true",
        description="Value of confirmProperty when open, as JSON", **INIT)

    talkPeriod = Double(
        displayedName="Talk Period", defaultValue=0.2, minInc=0.05,
        maxInc=5., unitSymbol=Unit.SECOND,
        description="Time between two holds and questions to the target: "
                    "less than half of its hold time", **INIT)

    patience = Double(
        displayedName="Patience", defaultValue=2., minInc=0.2, maxInc=60.,
        unitSymbol=Unit.SECOND,
        description="Time that the target has to follow and to answer",
        **INIT)

    reconnectAfter = Double(
        displayedName="Reconnect After", defaultValue=10., minInc=1.,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="Without a word of the classifier for this time, connect "
                    "anew; closed meanwhile. The wait doubles each time, up "
                    "to 16 times this", **INIT)

    loopTimeout = Double(
        displayedName="Loop Timeout", defaultValue=5., minInc=0.5,
        maxInc=600.,
        unitSymbol=Unit.SECOND,
        description="The process ends when its event loop stands still for "
                    "so long, so that its supervisor starts it anew", **INIT)


class GuardReadings(Configurable):
    """The lease, the target, and why."""

    granted = Bool(
        displayedName="Granted", defaultValue=False,
        description="Whether the lease is held and acted on. For screens: "
                    "what has to be safe is driven by this guard, and does "
                    "not watch this property", **READ)

    reason = String(
        displayedName="Reason", defaultValue="not started",
        description="Why the target is open or closed, in one sentence",
        **READ)

    enabled = Bool(
        displayedName="Enabled", defaultValue=False,
        description="Whether the permit is acted on; else closed", **READ)

    targetOpen = Bool(
        displayedName="Target Open", defaultValue=False,
        description="What the target says of itself", **READ)

    sourceId = String(
        displayedName="Source", defaultValue="",
        description="Channel that the last renewal came from", **READ)

    lastRenewalAge = Double(
        displayedName="Last Renewal Age", defaultValue=-1.,
        unitSymbol=Unit.SECOND, description="-1: none yet", **READ)

    permitTrainId = UInt64(
        displayedName="Permit Train ID", defaultValue=0,
        description="Train of the last word of the classifier", **READ)

    permitSequence = UInt64(
        displayedName="Permit Sequence", defaultValue=0,
        description="Number of the last word of the classifier", **READ)

    reconnects = UInt32(
        displayedName="Reconnects", defaultValue=0,
        description="How often it has connected anew because nothing was "
                    "heard", **READ)

    trips = UInt32(
        displayedName="Trips", defaultValue=0,
        description="How often a granted permit was lost", **READ)


def configuration_error(settings):
    """Why a guard with these settings cannot work; "" if it can."""
    if not settings.classifierId:
        return "classifierId is empty: say whose permit is to be held"
    if not settings.targetDevice:
        return "targetDevice is empty: say what is to be driven"
    if bool(settings.openSlot) != bool(settings.closeSlot):
        return "openSlot and closeSlot go together: give both or none"
    if bool(settings.openSlot) == bool(settings.targetProperty):
        return ("give either openSlot and closeSlot, or targetProperty: "
                "there must be one way to drive the target")
    return ""
