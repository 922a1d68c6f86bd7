"""Devices that play a part in tests of guard and macros."""
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Configurable,
    Device,
    Double,
    Int32,
    KaraboError,
    Node,
    Overwrite,
    Slot,
    State,
    String,
    UInt64,
    background,
    sleep,
    slot,
)

from spectra_classifier.devices.common.channels import DeviceOutputChannel

READ = {"accessMode": AccessMode.READONLY}


class PermitNode(Configurable):
    permit = Bool(**READ)
    permitReason = String(**READ)
    permitTrainId = UInt64(**READ)
    permitSequence = UInt64(**READ)
    permitValidFor = Double(**READ)


class ChannelNode(Configurable):
    data = Node(PermitNode)


class DecisionNode(Configurable):
    transitionTrainId = UInt64(defaultValue=0, **READ)


class StandIn(Device):
    """Says what a classifier says: state and permit, ten times a second."""
    state = Overwrite(
        defaultValue=State.INIT, options=[State.INIT, State.PROCESSING])
    output = DeviceOutputChannel(ChannelNode)

    sampleState = String(defaultValue="unknown", **READ)
    sampleStateIndex = Int32(defaultValue=-1, **READ)
    decision = Node(DecisionNode)
    permit = Bool(defaultValue=False, **READ)
    permitReason = String(defaultValue="", **READ)
    permitTrainId = UInt64(defaultValue=0, **READ)
    permitSequence = UInt64(defaultValue=0, **READ)
    permitValidFor = Double(defaultValue=500., **READ)

    period = Double(defaultValue=0.05)

    def __init__(self, configuration):
        super().__init__(configuration)
        self.number, self.word, self.talking = 100, True, True
        self.says = {}      # what it says wrong

    async def onInitialization(self):
        self.state = State.PROCESSING
        background(self.play())

    async def play(self):
        while True:
            await sleep(self.period.value)
            if self.talking:
                self.number += 1
                await self.say(self.number)

    async def say(self, number):
        group = {"permit": self.word, "permitSequence": number,
                 "permitTrainId": 5000 + number, "permitValidFor": 500.,
                 "permitReason": "as the test wants it"} | self.says
        for key, value in group.items():
            setattr(self, key, value)
            setattr(self.output.schema.data, key, value)
        await self.output.writeData()

    def show(self, index, name):
        self.sampleStateIndex, self.sampleState = index, name
        self.decision.transitionTrainId = 5000 + self.number


class Valve(Device):
    """A target that is driven by a property, and may not obey."""
    stuck = False

    @String(defaultValue="IN")
    async def position(self, value):
        if not self.stuck:
            self.position = value


class LeftOpen(Device):
    """A target that is open when it starts, and does not report it.

    It does not answer, nor close, while it is `deaf`, and answers with an
    error, and does not close, while it is `stuck`.
    """
    deaf = stuck = False
    opened = Bool(defaultValue=True)
    word = String(defaultValue="OPEN", options=["OPEN", "CLOSED"])
    number = Int32(defaultValue=7, minInc=0, maxInc=100)

    @Slot()
    async def open(self):
        self.opened = True

    @Slot()
    async def close(self):
        if self.stuck:
            raise KaraboError("the blade does not move")
        self.opened = self.deaf and self.opened

    async def slotGetConfigurationSlice(self, info):
        while self.deaf:
            await sleep(0.05)
        return super().slotGetConfigurationSlice(info)

    slotGetConfigurationSlice = slot(slotGetConfigurationSlice)


class Counter(Device):
    """Something with a slot and a property, for macros to act on."""
    stops = Int32(defaultValue=0)
    target = Double(defaultValue=0.)

    @Slot()
    async def stop(self):
        self.stops = self.stops.value + 1
