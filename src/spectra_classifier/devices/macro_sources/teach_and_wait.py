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


class TeachAndWait(Macro):
    """Captures every state in turn, trains, arms, waits for a transition.

    The sample is brought from state to state by one property of one device
    (a motor, a heater, a laser), with a value for every state. After arming,
    `scanValue` starts the change and the motor moves; it is stopped when the
    classifier sees `awaitedState`. This macro protects nothing: name the
    PermitGuard of the shutter, and it is enabled before the scan.
    """

    trainerId = String(
        displayedName="Trainer", defaultValue="",
        description="Device id of the SpectraTrainer; its classifierId, "
                    "captureDirectory and permittingClasses are set there")

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
        description="Value of sampleProperty that starts the transition")

    awaitedState = String(
        displayedName="Awaited State", defaultValue="",
        description="Class to be waited for. Empty: end after arming")

    motorId = String(
        displayedName="Motor", defaultValue="",
        description="Device id of a motor with the slots move and stop. It "
                    "moves while the transition is awaited. Empty: none")

    guardId = String(
        displayedName="Guard", defaultValue="",
        description="Device id of the PermitGuard of the shutter. Empty: no "
                    "shutter is involved")

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
        await wait_for(setWait(self.sampleDevice.value,
                               self.sampleProperty.value, value), CALL)
        await sleep(self.settleTime.value)
        await wait_for(setWait(self.trainerId.value, className=name,
                               trainsToCapture=self.trains.value), CALL)
        await self._step("capture")

    async def _step(self, slot):
        """Call a slot of the trainer and wait for the end of its work."""
        trainer = self.trainerId.value
        await wait_for(call(trainer, slot), CALL)
        end = time.monotonic() + self.timeout.value
        while time.monotonic() < end:
            found = await wait_for(
                getProperties(trainer, ["state", "status"]), CALL)
            if found["state"] == State.ON.value:
                if not found["status"].endswith(": done"):
                    raise KaraboError(found["status"])
                return
            await sleep(POLL)
        raise TimeoutError

    async def _await_transition(self):
        wanted = self.awaitedState.value
        if not wanted:
            return
        if self.guardId:
            await wait_for(call(self.guardId.value, "enable"), CALL)
        try:
            if self.motorId:
                await wait_for(call(self.motorId.value, "move"), CALL)
            await wait_for(setWait(
                self.sampleDevice.value, self.sampleProperty.value,
                self.scanValue.value), CALL)
            self.result = f"waiting for {wanted!r}"
            await wait_for(self._seen(wanted), self.timeout.value)
        finally:
            await self._stop_motor()

    async def _seen(self, wanted):
        while True:
            found = await wait_for(getProperties(
                self.classifierId.value,
                ["sampleState", "transitionTrainId"]), CALL)
            if found["sampleState"] == wanted:
                self.result = (f"{wanted!r} since train "
                               f"{found['transitionTrainId']}")
                return
            await sleep(POLL)

    async def _stop_motor(self):
        if self.motorId:
            await wait_for(call(self.motorId.value, "stop"), CALL)


if __name__ == "__main__":
    TeachAndWait.main()
