"""Do one thing when the sample changes, with a guard for the shutter."""
import json
import time
from asyncio import wait_for

from karabo.middlelayer import (
    AccessMode,
    Bool,
    Double,
    Hash,
    KaraboError,
    Macro,
    MacroSlot,
    State,
    String,
    Unit,
    call,
    connectDevice,
    getInstanceInfo,
    instantiate,
    setWait,
    waitUntil,
)


class ActOnStateChange(Macro):
    """Acts once when the sample changes to `sampleState`, or gives up.

    The action is a slot, or a property to be set, of another device: stop a
    motor, start a scan. This macro protects nothing: it may be stopped, and
    it does not act on silence. For the shutter it therefore sets up a
    PermitGuard in a server of its own, or checks the one that is there, and
    does not start without it.
    """

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier")

    sampleState = String(
        displayedName="Sample State", defaultValue="",
        description="Name of the class whose arrival is acted on")

    actionDevice = String(
        displayedName="Action Device", defaultValue="",
        description="Device id of what is acted on")

    actionSlot = String(
        displayedName="Action Slot", defaultValue="stop",
        description="Slot to be called. Empty: actionProperty is set")

    actionProperty = String(
        displayedName="Action Property", defaultValue="",
        description="Property to be set where there is no slot")

    actionValue = String(
        displayedName="Action Value", defaultValue="",
        description="Value to be set, as JSON or plain text")

    timeout = Double(
        displayedName="Timeout", defaultValue=600., minExc=0.,
        unitSymbol=Unit.SECOND, description="Time after which to give up")

    guardId = String(
        displayedName="Guard", defaultValue="",
        description="Device id of the PermitGuard of the shutter. Empty: no "
                    "shutter is involved")

    guardServer = String(
        displayedName="Guard Server", defaultValue="",
        description="Device server that a missing guard is started on; it "
                    "should hold nothing else")

    shutterId = String(
        displayedName="Shutter", defaultValue="",
        description="Device id of the shutter, with slots open, close and "
                    "hold and the property isOpen")

    acted = Bool(
        displayedName="Acted", defaultValue=False,
        description="Whether the last call acted",
        accessMode=AccessMode.READONLY)

    result = String(
        displayedName="Result", defaultValue="",
        description="How the last call ended, in one sentence",
        accessMode=AccessMode.READONLY)

    reactionTime = Double(
        displayedName="Reaction Time", defaultValue=0.,
        unitSymbol=Unit.SECOND,
        description="From the notice of the change to the end of the action",
        accessMode=AccessMode.READONLY)

    @MacroSlot(displayedName="Watch",
               description="Act on the next change, then end")
    async def watch(self):
        self.acted = False
        wanted = self.sampleState.value
        try:
            await self._require_guard()
            train = await wait_for(self._change(wanted), self.timeout.value)
            noticed = time.monotonic()
            await wait_for(self._act(), 10)
        except TimeoutError:
            self.result = (f"failed: {self.result.value}, but nothing within "
                           "the timeout")
        except KaraboError as error:
            self.result = f"failed: {error}"
        else:
            self.reactionTime = time.monotonic() - noticed
            self.acted = True
            self.result = f"acted on the change to {wanted!r} at train {train}"
        print(self.result)

    async def onCancelled(self, slot):
        self.result = "cancelled"

    async def onException(self, slot, exception, traceback):
        self.result = f"failed: {type(exception).__name__}: {exception}"

    async def _change(self, wanted):
        """The train at which the sample has changed to `wanted`."""
        self.result = f"connecting to {self.classifierId.value}"
        with await connectDevice(self.classifierId.value,
                                 timeout=self.timeout.value) as classifier:
            decided = classifier.decision
            before = decided.transitionTrainId.value
            self.result = f"waiting for a change to {wanted!r}"
            await waitUntil(
                lambda: classifier.sampleState == wanted
                and decided.transitionTrainId != before)
            return decided.transitionTrainId.value

    async def _act(self):
        device = self.actionDevice.value
        if self.actionSlot:
            self.result = f"calling {self.actionSlot.value} of {device}"
            await call(device, self.actionSlot.value)
            return
        self.result = f"setting {self.actionProperty.value} of {device}"
        try:
            value = json.loads(self.actionValue.value)
        except ValueError:
            value = self.actionValue.value
        await setWait(device, self.actionProperty.value, value)

    async def _require_guard(self):
        """A guard that holds this classifier's permit for this shutter."""
        guard_id = self.guardId.value
        if not guard_id:
            return
        self.result = f"setting up the guard {guard_id}"
        try:        # a macro knows no topology: ask the guard itself
            await wait_for(getInstanceInfo(guard_id), 2)
        except TimeoutError:
            await wait_for(instantiate(
                self.guardServer.value, "PermitGuard", guard_id,
                configuration=Hash(
                    "classifierId", self.classifierId.value,
                    "targetDevice", self.shutterId.value,
                    "target.openSlot", "open",
                    "target.closeSlot", "close",
                    "target.holdSlot", "hold",
                    "target.confirmProperty", "isOpen")), 30)
        with await connectDevice(guard_id) as guard:
            for name, mine in (("classifierId", self.classifierId),
                               ("targetDevice", self.shutterId)):
                found = getattr(guard, name).value
                if found != mine.value:
                    raise KaraboError(
                        f"the guard {guard_id} has {name} {found!r} and not "
                        f"{mine.value!r}: it guards something else")
            await wait_for(waitUntil(
                lambda: guard.state not in (State.INIT, State.UNKNOWN)), 10)
            if guard.state == State.ERROR:
                raise KaraboError(f"the guard {guard_id} cannot work: "
                                  f"{guard.reason.value}")
            await guard.enable()
