"""What the simulated companions of a detector share: its trains."""
from karabo.middlelayer import Hash, Overwrite, State

from ...errors import InputError
from ...live.records import Timestamp
from ..common.channels import ChannelMeta, QueuedInputChannel
from ..common.checked_device import CheckedDevice


class TrainFollower(CheckedDevice):
    """Does something for every train that comes in, under its time stamp.

    At the facility all sources get the train id from the timing system; here
    they get it from one of them.
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.PROCESSING])

    async def onInitialization(self) -> None:
        if self.state == State.INIT:    # the input may have been quicker
            self.state = State.ON

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="The channel whose trains are followed, one message of "
                    "ours for each of them, with the same train id")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        try:
            await self.follow(data, meta.timestamp.timestamp)
        except InputError as error:
            self.status = str(error)

    @input.connect
    async def input(self, name: str) -> None:
        self.state = State.PROCESSING

    @input.close
    async def input(self, name: str) -> None:
        self.state = State.ON

    @input.endOfStream
    async def input(self, name: str) -> None:
        self.logger.info(f"end of stream from {name}")

    async def follow(self, data: Hash, timestamp: Timestamp) -> None:
        """One train; raises `InputError` for data of no use."""
        raise NotImplementedError
