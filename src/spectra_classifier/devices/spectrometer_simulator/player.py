"""Sends what a feed gives, when it is due."""
import time
from asyncio import Queue
from collections.abc import Callable, Sequence
from dataclasses import replace

from karabo.middlelayer import (
    Hash,
    OutputChannel,
    Timestamp,
    background,
    sleep,
)

from ...live.threads import in_thread
from ...simulation.stream.clock import TrainClock
from ...simulation.stream.faults import Message
from ...simulation.stream.feed import Feed
from ...simulation.stream.ledger import Ledger as SentLedger

#: ticks that are made ahead of their time; a fault waits as long
AHEAD = 2


#: a channel and what makes its data, None for nothing
type Beside = tuple[OutputChannel, Callable[[Message], Hash | None]]


class Player:
    """Plays a `Feed` into the channel `output` and the ones `beside` it.

    Trains are made in a thread, ahead of their time by at most `AHEAD`;
    sending happens on the event loop. Every array is fresh and never
    written again, as the channels keep references to what waits in a queue.
    `on_sent` is called after every tick with its messages (none where a
    fault holds them back) and the seconds that writing took.
    `beside`: [(channel, function from a `Message` to a `Hash` or None)],
    written under the same time stamp; `make_hash`: that of `output`.
    `behind`: seconds after its time stamp that a train is sent, as by a
    receiver that sends it when the next one begins; then the frames have
    absolute time stamps, too.
    `next`: index of the first train that was not played; `exhausted`: the
    source has been played to its end.
    """

    def __init__(self, feed: Feed, rate: float, ledger: SentLedger,
                 output: OutputChannel, make_hash: Callable[[Message], Hash],
                 beside: Sequence[Beside],
                 on_sent: Callable[[Sequence[Message], float], None],
                 behind: float = 0.) -> None:
        self.feed = feed
        self.ledger = ledger
        self.next = feed.next
        self.exhausted = False
        self._rate = rate
        self._output = output
        self._make_hash = make_hash
        self._beside = beside
        self._on_sent = on_sent
        self._behind = behind
        self._stopping = False

    def stop(self) -> None:
        """End after the train that is on its way."""
        self._stopping = True

    async def play(self) -> None:
        """Until the feed ends or `stop`; then an end of stream."""
        ready: Queue[Sequence[Message] | Exception | None] = Queue(AHEAD)
        first = self.next
        maker = background(self._make(ready))
        clock = None
        late = self.ledger.late
        try:
            while True:
                messages = await ready.get()
                if clock is None:       # making the first one may compile
                    clock = TrainClock(self._rate, time.monotonic())
                if isinstance(messages, Exception):
                    raise messages
                await sleep(clock.wait(self.next - first, time.monotonic()))
                if self._stopping:
                    break
                if messages is None:
                    self.exhausted = self.feed.exhausted
                    break
                begun = time.monotonic()
                for message in messages:
                    await self._send(message, clock, first)
                self.ledger.late = late + clock.late
                self.next += 1
                self._on_sent(messages, time.monotonic() - begun)
            await self._output.writeEndOfStream()
            self.ledger.ended()
        finally:
            maker.cancel()

    async def _make(
            self, ready: Queue[Sequence[Message] | Exception | None]) -> None:
        try:
            while True:
                messages = await in_thread(self.feed.tick)
                await ready.put(messages)
                if messages is None:
                    return
        except Exception as error:
            await ready.put(error)

    async def _send(self, message: Message, clock: TrainClock,
                    first: int) -> None:
        if message.arrays is None:
            if message.fault == "end of stream":
                await self._output.writeEndOfStream()
            self.ledger.sent(message)
            return
        index = message.train.train_id - self.feed.source.first_train
        begun = (clock.due(index - first) - message.age - self._behind
                 + time.time() - time.monotonic())
        stamp = Timestamp(begun)
        stamp.tid = message.train_id
        if self._behind:
            message = replace(message, begun=begun)
        await self._output.writeRawData(self._make_hash(message), stamp)
        self.ledger.sent(message)
        for channel, make_hash in self._beside:
            if (data := make_hash(message)) is not None:
                await channel.writeRawData(data, stamp)
