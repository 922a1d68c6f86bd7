"""Teach the classifier new sample states, arm it, act on the transition.

From a shell, with KARABO_BROKER and KARABO_BROKER_TOPIC set:

    python teach_and_wait.py teachOnce trainerId=... classifierId=... \
        sampleDevice=... sampleProperty=... classes=a,b sampleValues=0,1
"""
import json
import time
from asyncio import wait_for

from karabo.middlelayer import (
    AccessMode,
    Double,
    KaraboError,
    Macro,
    MacroSlot,
    Slot,
    State,
    String,
    UInt32,
    Unit,
    VectorDouble,
    VectorString,
    call,
    getProperties,
    setWait,
    sleep,
)

POLL = 0.1      # s
CALL = 60       # s
TRANSITION = "decision.transitionTrainId"


class TeachAndWait(Macro):
    """Captures every state in turn, trains, arms, waits for a transition.

    The sample is brought from state to state by one property of one device
    (a motor, a heater, a laser), with a value for every state. After arming,
    the sample is brought back to the first state that is not awaited, and
    the classifier has to see it there. Then `scanValue` starts the change and
    the motor moves; it is stopped when the classifier sees `awaitedState`.
    This macro protects nothing: name the PermitGuard of the shutter, and it
    is enabled, and has to open the shutter, before the scan.
    """

    trainerId = String(
        displayedName="Trainer", defaultValue="",
        description="Device id of the SpectraTrainer; its classifierId, "
                    "captureDirectory and model.permittingClasses are set "
                    "there")

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier")

    classes = VectorString(
        displayedName="Classes", defaultValue=[],
        description="Names of the states, in the order of sampleValues")

    sampleDevice = String(
        displayedName="Sample Device", defaultValue="",
        description="Device id of what changes the sample")

    sampleProperty = String(
        displayedName="Sample Property", defaultValue="target",
        description="Its property that is set")

    sampleValues = VectorDouble(
        displayedName="Sample Values", defaultValue=[],
        description="Value of the property for each of the classes")

    settleTime = Double(
        displayedName="Settle Time", defaultValue=0.5, minInc=0.,
        unitSymbol=Unit.SECOND,
        description="What the sample takes to follow the property")

    cycles = UInt32(
        displayedName="Cycles", defaultValue=2, minInc=1,
        description="How often every state is captured, in turn")

    trains = UInt32(
        displayedName="Trains", defaultValue=10, minInc=3,
        description="Trains of each capture")

    scanValue = Double(
        displayedName="Scan Value", defaultValue=0.,
        description="Value of sampleProperty that starts the transition "
                    "from the first state that is not awaited")

    awaitedState = String(
        displayedName="Awaited State", defaultValue="",
        description="Class to be waited for. Empty: end after arming")

    motorId = String(
        displayedName="Motor", defaultValue="",
        description="Device id of a motor with the slots move and stop. It "
                    "moves while the transition is awaited. Empty: none")

    guardId = String(
        displayedName="Guard", defaultValue="",
        description="Device id of the PermitGuard of the shutter, which has "
                    "to open it before the scan. Empty: no shutter is "
                    "involved")

    timeout = Double(
        displayedName="Timeout", defaultValue=600., minExc=0.,
        unitSymbol=Unit.SECOND,
        description="Time after which to give up, for each step")

    result = String(
        displayedName="Result", defaultValue="",
        description="How far it has come or how it ended, in one sentence",
        accessMode=AccessMode.READONLY)

    teachTime = Double(
        displayedName="Teach Time", defaultValue=0., unitSymbol=Unit.SECOND,
        description="From the first capture to the armed model",
        accessMode=AccessMode.READONLY)

    @MacroSlot(displayedName="Teach",
               description="The whole loop, in the background")
    async def teach(self):
        await self._whole_loop()

    @Slot(displayedName="Teach Once",
          description="The whole loop, for the command line")
    async def teachOnce(self):
        await self._whole_loop()

    async def onCancelled(self, slot):
        self.result = "cancelled"
        await self._stop_motor()

    async def onException(self, slot, exception, traceback):
        self.result = f"failed: {type(exception).__name__}: {exception}"
        await self._stop_motor()

    async def _whole_loop(self):
        try:
            await self._teach()
            await self._await_transition()
        except TimeoutError:
            self.result = f"failed: {self.result.value}: timeout"
        except KaraboError as error:
            self.result = f"failed: {str(error).splitlines()[0]}"
        finally:
            print(json.dumps({"result": self.result.value,
                              "teachTime": self.teachTime.value}))

    async def _teach(self):
        names = list(self.classes.value)
        values = [float(value) for value in self.sampleValues.value]
        if len(names) != len(values) or len(names) < 2:
            raise KaraboError(f"{len(names)} classes and {len(values)} "
                              "sampleValues: name at least two classes and "
                              "one value for each")
        begun = time.monotonic()
        for cycle in range(self.cycles.value):
            for name, value in zip(names, values, strict=True):
                self.result = f"cycle {cycle + 1}: capturing {name!r}"
                await self._capture(name, value)
        for step in "train", "evaluate", "arm":
            self.result = step
            await self._step(step)
        self.teachTime = time.monotonic() - begun
        found = await getProperties(self.trainerId.value, ["verdictText"])
        self.result = f"armed: {found['verdictText']}"

    async def _capture(self, name, value):
        await self._set_sample(value)
        await sleep(self.settleTime.value)
        await wait_for(setWait(self.trainerId.value, className=name,
                               trainsToCapture=self.trains.value), CALL)
        await self._step("capture")

    async def _step(self, slot):
        """Call a slot of the trainer and wait for the end of its work."""
        trainer = self.trainerId.value
        await wait_for(call(trainer, slot), CALL)
        found = await self._until(trainer, "state", State.ON.value, "status")
        if not found["status"].endswith(": done"):
            raise KaraboError(found["status"])

    async def _await_transition(self):
        wanted = self.awaitedState.value
        if not wanted:
            return
        await self._make_ready(wanted)
        try:
            if self.motorId:
                await wait_for(call(self.motorId.value, "move"), CALL)
            await self._set_sample(self.scanValue.value)
            train = await self._seen(wanted)
            self.result = f"{wanted!r} since train {train}"
        finally:
            await self._stop_motor()

    async def _make_ready(self, wanted):
        """The first other state, seen as such, and the shutter open."""
        name, value = next(
            (name, value) for name, value in zip(
                self.classes.value, self.sampleValues.value, strict=True)
            if name != wanted)
        await self._set_sample(float(value))
        await self._seen(name)
        if self.guardId:
            guard = self.guardId.value
            await wait_for(call(guard, "enable"), CALL)
            self.result = f"waiting for {guard} to open the shutter"
            await self._until(guard, "targetOpen", True)

    async def _set_sample(self, value):
        await wait_for(setWait(self.sampleDevice.value,
                               self.sampleProperty.value, value), CALL)

    async def _seen(self, state):
        """The train since which the classifier sees a state."""
        self.result = f"waiting for {state!r}"
        return (await self._until(
            self.classifierId.value, "sampleState", state,
            TRANSITION))[TRANSITION]

    async def _until(self, device, name, value, *more):
        """Wait for a property; returns it, and `more` of the same moment."""
        end = time.monotonic() + self.timeout.value
        while time.monotonic() < end:
            found = await wait_for(getProperties(device, [name, *more]), CALL)
            if found[name] == value:
                return found
            await sleep(POLL)
        raise TimeoutError

    async def _stop_motor(self):
        if self.motorId:
            await wait_for(call(self.motorId.value, "stop"), CALL)


if __name__ == "__main__":
    TeachAndWait.main()
