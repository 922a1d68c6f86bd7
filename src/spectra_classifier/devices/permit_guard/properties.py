"""Properties of `PermitGuard`: what is set at the start, and what is read."""
from collections.abc import MutableMapping

from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    Double,
    MetricPrefix,
    NetworkInput,
    Node,
    Overwrite,
    String,
    UInt32,
    UInt64,
    Unit,
)

from ...core.guard.drive import DEVICE_ID, Drive
from ...core.guard.permit_message import plain, shown
from ...core.guard.watchdog import KINDS, TOGGLE, Watchdog

READ = {"accessMode": AccessMode.READONLY}
INIT = {"accessMode": AccessMode.INITONLY}
MILLISECONDS = {"unitSymbol": Unit.SECOND,
                "metricPrefixSymbol": MetricPrefix.MILLI}
CHANNELS = "connectedOutputChannels"


class WordInput(NetworkInput):
    """Each message at once, or never: none that has waited in a queue."""
    dataDistribution = Overwrite(options=["copy"])
    onSlowness = Overwrite(options=["drop"])


class TargetSettings(Configurable):
    """How the target is opened, closed, held and asked."""

    openSlot = String(
        displayedName="Open Slot", defaultValue="",
        description="Slot that opens the target. Empty: target.property is "
                    "set, or watchdog.property alone is renewed", **INIT)

    closeSlot = String(
        displayedName="Close Slot", defaultValue="",
        description="Slot that closes the target", **INIT)

    holdSlot = String(
        displayedName="Hold Slot", defaultValue="",
        description="Slot that keeps the target open for another hold time "
                    "of its own. With it the target closes by itself when "
                    "this guard is gone: use it where the target can", **INIT)

    property = String(
        displayedName="Property", defaultValue="",
        description="Property to be set where there are no slots", **INIT)

    openValue = String(
        displayedName="Open Value", defaultValue="true",
        description="Value that opens, as JSON: true, 1, \"OPEN\"; of the "
                    "type of target.property", **INIT)

    closedValue = String(
        displayedName="Closed Value", defaultValue="false",
        description="Value that closes, as JSON", **INIT)

    confirmProperty = String(
        displayedName="Confirm Property", defaultValue="",
        description="Property in which the target reports whether it is open."
                    " Empty: target.property; without both it counts as "
                    "closed once it has answered a close without an error",
        **INIT)

    confirmOpenValue = String(
        displayedName="Confirm Open Value", defaultValue="true",
        description="Value of target.confirmProperty when open, as JSON; any "
                    "other value of its type means closed", **INIT)

    talkPeriod = Double(
        displayedName="Talk Period", defaultValue=0.2, minInc=0.05,
        maxInc=5., unitSymbol=Unit.SECOND,
        description="Time between two calls of target.holdSlot and two checks"
                    " of the target: less than half of its hold time", **INIT)

    patience = Double(
        displayedName="Patience", defaultValue=2., minInc=0.2, maxInc=60.,
        unitSymbol=Unit.SECOND,
        description="Time in which the target has to follow a command and to "
                    "answer",
        **INIT)


class WatchdogSettings(Configurable):
    """What is renewed for a target with a watchdog of its own."""

    property = String(
        displayedName="Property", defaultValue="",
        description="Property of the target that is renewed while the permit "
                    "holds, for a watchdog that closes the target when this "
                    "ends. Empty: none", **INIT)

    kind = String(
        displayedName="Kind", defaultValue=TOGGLE, options=list(KINDS),
        description="toggle: a bool, alternately true and false; counter: an "
                    "integer, counted up to its maximum and then from its "
                    "minimum, 0 or more; fixed: openValue, written repeatedly",
        **INIT)

    period = Double(
        displayedName="Period", defaultValue=0.2, minInc=0.1, maxInc=5.,
        unitSymbol=Unit.SECOND,
        description="Time between two renewals: at most half of "
                    "watchdog.time and of conditions.lease", **INIT)

    time = Double(
        displayedName="Time", defaultValue=1., minInc=0.2, maxInc=65.,
        unitSymbol=Unit.SECOND,
        description="Time after which the watchdog of the target runs out, as "
                    "it is set there. A longer gap between two renewals "
                    "latches", **INIT)

    openValue = String(
        displayedName="Open Value", defaultValue="true",
        description="Value of a fixed one, as JSON: true, 1, \"OPEN\"",
        **INIT)

    closedValue = String(
        displayedName="Closed Value", defaultValue="",
        description="Value that is written when the permit is lost, as JSON; "
                    "a counter leaves it out. Empty: nothing, the watchdog "
                    "runs out", **INIT)

    value = String(
        displayedName="Value", defaultValue="",
        description="Last value that was written or read, as JSON", **READ)

    age = Double(
        displayedName="Age", defaultValue=-1., unitSymbol=Unit.SECOND,
        description="Time since the target confirmed a renewal; -1: nothing "
                    "is renewed now", **READ)

    renewals = UInt64(
        displayedName="Renewals", defaultValue=0,
        description="Renewals that the target has confirmed", **READ)


class LeaseConditions(Configurable):
    """How long a permit is believed, and what follows when it is lost."""

    lease = Double(
        displayedName="Lease", defaultValue=1000., minExc=0.,
        maxInc=10_000., **MILLISECONDS,
        description="Longest time for which a renewal counts, whatever the "
                    "classifier asks for", **INIT)

    latching = Bool(
        displayedName="Latching", defaultValue=True,
        description="A permit that was lost stays lost until acknowledged",
        **INIT)

    trips = UInt32(
        displayedName="Trips", defaultValue=0,
        description="How often a granted permit was lost", **READ)


class PermitSource(Configurable):
    """What is heard of the classifier, and what was not believed."""

    channel = String(
        displayedName="Channel", defaultValue="",
        description="Channel of the last renewal", **READ)

    permitSequence = UInt64(
        displayedName="Permit Sequence", defaultValue=0,
        description="Number of the last message of the classifier", **READ)

    permitTrainId = UInt64(
        displayedName="Permit Train ID", defaultValue=0,
        description="Train of the last message of the classifier", **READ)

    lastRenewalAge = Double(
        displayedName="Last Renewal Age", defaultValue=-1.,
        unitSymbol=Unit.SECOND, description="-1: none yet", **READ)

    reconnectAfter = Double(
        displayedName="Reconnect After", defaultValue=10., minInc=1.,
        maxInc=600., unitSymbol=Unit.SECOND,
        description="Without a message of the classifier for this time, "
                    "reconnect; closed meanwhile. The wait doubles each "
                    "time, up to 16 times this", **INIT)

    reconnects = UInt32(
        displayedName="Reconnects", defaultValue=0,
        description="How often it has reconnected because no message "
                    "came", **READ)

    refusedMessages = UInt64(
        displayedName="Refused Messages", defaultValue=0,
        description="Messages that were not accepted: from another source "
                    "than the classifier, or with values that are not a "
                    "permit",
        **READ)

    lastRefusal = String(
        displayedName="Last Refusal", defaultValue="",
        description="Why the last one of them was not accepted", **READ)


class LoopSettings(Configurable):
    """Whether the guard keeps up."""

    loopTimeout = Double(
        displayedName="Loop Timeout", defaultValue=5., minInc=0.5, maxInc=60.,
        unitSymbol=Unit.SECOND,
        description="The process ends when its event loop does not run for "
                    "this time, so that its supervisor restarts it", **INIT)


class GuardProperties(Configurable):
    """Whom to believe, what to drive, and whether it is open."""

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier. Only messages of its "
                    "channel 'output' are accepted: they come with every "
                    "train and need no broker",
        **INIT)

    targetDevice = String(
        displayedName="Target Device", defaultValue="",
        description="Device id of the shutter or interlock to be driven",
        **INIT)

    enableOnStart = Bool(
        displayedName="Enable On Start", defaultValue=False,
        description="Act on the permit from the start, without 'enable'",
        **INIT)

    enabled = Bool(
        displayedName="Enabled", defaultValue=False,
        description="Whether the guard acts on the permit; otherwise the "
                    "target is closed", **READ)

    granted = Bool(
        displayedName="Granted", defaultValue=False,
        description="Whether the lease is held and acted on. For screens "
                    "only: let this guard drive what has to be safe, do not "
                    "read this property there", **READ)

    targetOpen = Bool(
        displayedName="Target Open", defaultValue=False,
        description="What the target reports", **READ)

    reason = String(
        displayedName="Reason", defaultValue="not started",
        description="Why the target is open or closed, in one sentence",
        **READ)

    source = Node(
        PermitSource, displayedName="Source",
        description="What is heard of the classifier, and what was not "
                    "believed")
    conditions = Node(
        LeaseConditions, displayedName="Permit Conditions",
        description="How long a permit is believed, and what follows when it "
                    "is lost")
    target = Node(
        TargetSettings, displayedName="Target",
        description="How the target is opened, closed, held and asked")
    watchdog = Node(
        WatchdogSettings, displayedName="Watchdog",
        description="What is renewed for a target with a watchdog of its "
                    "own")
    load = Node(
        LoopSettings, displayedName="Load",
        description="Whether the guard keeps up")


def take_channels(configuration: MutableMapping) -> tuple[str, ...]:
    """Take the configured connections of the input out of a configuration.

    Karabo would make them; the guard itself connects to the one output that
    it believes.

    Parameters
    ----------
    configuration
        Of a guard, checked; changed.

    Returns
    -------
    tuple of str
        The connections.
    """
    node = configuration.get("input")
    if node is None or CHANNELS not in node:
        return ()
    channels = tuple(channel.strip() for channel in node[CHANNELS])
    configuration["input"] = {key: node[key] for key in node
                              if key != CHANNELS}
    return channels


def drive_of(settings: GuardProperties) -> Drive:
    """How the target is driven with these settings."""
    watchdog = settings.watchdog
    return Drive(settings.targetDevice.value, watchdog=Watchdog(
        watchdog.property.value, watchdog.kind.value,
        watchdog.openValue.value, watchdog.closedValue.value), **{
        name: getattr(settings.target, key).value for name, key in {
            "open_slot": "openSlot", "close_slot": "closeSlot",
            "hold_slot": "holdSlot", "key": "property",
            "open_text": "openValue", "closed_text": "closedValue",
            "confirm_key": "confirmProperty",
            "confirm_text": "confirmOpenValue"}.items()})


def source_error(settings: GuardProperties, channels: tuple[str, ...]) -> str:
    """Why it is not clear whose permit is to be held; "" if it is.

    `channels`: the configured connections of the input.
    """
    classifier = settings.classifierId.value
    if not classifier:
        return "classifierId is empty: say whose permit is to be held" + (
            f"; input.{CHANNELS} alone names nobody to be believed"
            if channels else "")
    if not DEVICE_ID.fullmatch(classifier):
        return (f"classifierId {shown(classifier)} is not a device id: "
                "letters, digits, / _ - only")
    if classifier == settings.deviceId:
        return "classifierId is this guard itself: name the classifier"
    own = f"{classifier}:output"
    for channel in channels:
        if channel != own:
            return (f"input.{CHANNELS} names {plain(channel)}, but "
                    f"classifierId means {own}: leave {CHANNELS} empty")
    return ""


def time_error(settings: GuardProperties) -> str:
    """Why the times of these settings do not go together, or ""."""
    target, watchdog = settings.target, settings.watchdog
    if target.patience.value <= target.talkPeriod.value:
        return (f"target.patience {target.patience.value:g} s is not longer "
                f"than target.talkPeriod {target.talkPeriod.value:g} s: the "
                "target would always seem silent")
    if not watchdog.property.value:
        return ""
    period, lapse = watchdog.period.value, watchdog.time.value
    for name, seconds in (
            ("watchdog.time", lapse),
            ("conditions.lease", settings.conditions.lease.value / 1000)):
        if not 2 * period <= seconds:
            return (f"watchdog.period {period:g} s is more than half of "
                    f"{name}, {seconds:g} s: renew more often")
    if target.confirmProperty.value and target.patience.value <= lapse:
        return (f"target.patience {target.patience.value:g} s is not longer "
                f"than watchdog.time {lapse:g} s: the target would seem not "
                "to close")
    return ""
