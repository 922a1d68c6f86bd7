"""Wait until the sample is in a state, with a timeout."""
from asyncio import wait_for

from karabo.middlelayer import (
    AccessMode,
    Bool,
    Double,
    KaraboError,
    Macro,
    MacroSlot,
    String,
    UInt32,
    Unit,
    connectDevice,
    waitUntilNew,
)


class WaitForSampleState(Macro):
    """Waits until the sample is in `sampleState` for `trains` trains.

    Counted are trains that the classifier has finished since the call, one
    after the other, all with this sample state. The state has to last: a
    change in between restarts the count, and a classifier that is silent
    is not counted on. Read `reached` and `result` afterwards.
    """

    classifierId = String(
        displayedName="Classifier", defaultValue="",
        description="Device id of the classifier")

    sampleState = String(
        displayedName="Sample State", defaultValue="",
        description="Name of the class, or 'unknown'")

    trains = UInt32(
        displayedName="Trains", defaultValue=10, minInc=1,
        description="How many finished trains the state has to last")

    timeout = Double(
        displayedName="Timeout", defaultValue=60., minExc=0.,
        unitSymbol=Unit.SECOND, description="Time after which to give up")

    reached = Bool(
        displayedName="Reached", defaultValue=False,
        description="Whether the last call found the state",
        accessMode=AccessMode.READONLY)

    result = String(
        displayedName="Result", defaultValue="",
        description="How the last call ended, in one sentence",
        accessMode=AccessMode.READONLY)

    trainsHeld = UInt32(
        displayedName="Trains Held", defaultValue=0,
        description="Trains that the state has lasted so far",
        accessMode=AccessMode.READONLY)

    @MacroSlot(displayedName="Wait",
               description="Wait for the state, or for the timeout")
    async def wait(self):
        self.reached, self.trainsHeld = False, 0
        wanted = self.sampleState.value
        self.result = f"waiting for {wanted!r}"
        try:
            await wait_for(self._lasts(wanted), self.timeout.value)
        except TimeoutError:
            self.result = (f"no {wanted!r} for {self.trains.value} trains "
                           f"within {self.timeout.value:g} s")
        except KaraboError as error:
            self.result = f"failed: {error}"
        else:
            self.reached = True
            self.result = f"{wanted!r} for {self.trainsHeld.value} trains"
        print(self.result)

    async def onCancelled(self, slot):
        self.result = "cancelled"

    async def onException(self, slot, exception, traceback):
        self.result = f"failed: {type(exception).__name__}: {exception}"

    async def _lasts(self, wanted):
        with await connectDevice(self.classifierId.value,
                                 timeout=self.timeout.value) as classifier:
            begun = last = None
            while self.trainsHeld < self.trains:
                await waitUntilNew(classifier.permitSequence)
                sequence = classifier.permitSequence.value
                here = (classifier.sampleState.value,
                        classifier.decision.transitionTrainId.value)
                # the transition tells a state that was left and came back
                if (last is None or here != last[0] or sequence < last[1]
                        or here[0] != wanted):
                    begun = sequence
                last = here, sequence
                self.trainsHeld = int(sequence - begun)
