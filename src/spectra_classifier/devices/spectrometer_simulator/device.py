"""A spectrometer that is not there: trains of spectra, and the truth."""
import json
import time
from asyncio import Task, wait_for
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from karabo.middlelayer import (
    Bool,
    Double,
    Hash,
    KaraboError,
    Overwrite,
    Slot,
    State,
    UInt32,
    Unit,
    background,
)
from numpy.typing import NDArray

from ...core.preprocessing.detector_modules import OFF
from ...errors import SpectraError
from ...live.threads import in_thread
from ...simulation.gotthard import GotthardSource
from ...simulation.presets import CHANNELS
from ...simulation.stream.faults import Message
from ...simulation.stream.feed import Feed
from ...simulation.stream.ledger import Ledger
from ...simulation.stream.modules_and_monitor import check_split
from ..common.broker_watch import watch_broker
from ..common.checked_device import CheckedDevice
from ..common.scene_slots import SceneSlots
from .channels import (
    data_channel,
    data_hash,
    monitor_hash,
    queued_output,
    truth_hash,
)
from .player import Beside, Player
from .properties import PULSES, SimulatorProperties
from .scene import SCENES
from .source_factory import (
    IDEAL,
    RECEIVER,
    SourceSettings,
    TrainSource,
    make_source,
)

#: seconds between two reports of the ledger
REPORT_PERIOD = 1.
#: seconds that a stop waits for the train on its way
STOP_TIMEOUT = 5
#: seconds from one train to the next: the receiver sends one when the next
#: begins
TRAIN_PERIOD = 0.1


class SpectrometerSimulator(SceneSlots, SimulatorProperties, CheckedDevice):
    """Plays a simulated spectrometer or a file, with faults on command.

    INIT while a source is prepared, ON, ACQUIRING, ERROR when a source
    cannot be made (`status` says why; correct the setting and start).
    """
    scenes = SCENES

    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.ACQUIRING, State.ERROR])

    @UInt32(
        displayedName="Pulses", defaultValue=2700, unitSymbol=Unit.COUNT,
        description="Spectra per train; may be changed while trains flow "
                    "(except in a replay)", **PULSES)
    async def pulses(self, value: Any) -> None:
        self.pulses = value
        if self._player is not None:
            self._player.feed.pulses = int(value)

    @Double(
        displayedName="Held State", defaultValue=-1., minInc=-1., maxInc=2.,
        description="Sample state that is held from the next train on: 0 the "
                    "first, 1 the second, in between a mixture. -1: the "
                    "scenario decides (gotthard2)")
    async def heldState(self, value: Any) -> None:
        self.heldState = value
        self._hold()

    @Bool(
        displayedName="Light", defaultValue=True,
        description="Whether there is light from the next train on; without "
                    "it the detector runs in the dark (gotthard2)")
    async def light(self, value: Any) -> None:
        self.light = value
        self._hold()

    @Bool(
        displayedName="Sample", defaultValue=True,
        description="Whether there is a sample in the beam, from the next "
                    "train on; without it the spectra are dark and the "
                    "monitor still shows beam (gotthard2)")
    async def sample(self, value: Any) -> None:
        self.sample = value
        self._hold()

    def _hold(self) -> None:
        if self._player is not None and self.profile in (
                RECEIVER, IDEAL):
            self._player.feed.light = bool(self.light.value)
            self._player.feed.sample = bool(self.sample.value)
            held = min(float(self.heldState.value),
                       len(self.source.classNames) - 1)
            self._player.feed.coordinate = None if held < 0 else held

    def __init__(self, configuration: Hash) -> None:
        self._source: TrainSource | None = None
        self._settings: SourceSettings | None = None
        self._player: Player | None = None
        self._task: Task[None] | None = None
        self._next = 0              # index of the next train of the source
        self._exhausted = False
        # schemas of the outputs, as the class declares them
        self._declared = {
            "output": (np.dtype(np.uint16), CHANNELS, 0),
            "follower": (np.dtype(np.uint16), CHANNELS // 2, 0)}
        self._ledger = Ledger()
        self._reported = 0.
        super().__init__(configuration)

    async def onInitialization(self) -> None:
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        try:
            await self._prepare()
        except SpectraError as error:
            self._fail(error)
        else:
            self.state = State.ON

    async def onDestruction(self) -> None:
        if self._task is not None:
            self._task.cancel()

    @Slot(displayedName="Start", description="Send trains",
          allowedStates=[State.ON, State.ERROR])
    async def start(self) -> None:
        self.state = State.INIT     # before the first await
        try:
            await self._prepare()
        except SpectraError as error:
            self._fail(error)
            raise KaraboError(str(error)) from error
        assert self._source is not None     # set by `_prepare`
        feed = Feed(self._source, int(self.pulses.value),
                    [int(count) for count in self.source.pulsePattern.value],
                    int(self.source.trains.value), self._next)
        self._player = Player(
            feed, self.rate.value, self._ledger, self.output,
            partial(data_hash, how=self.source.moduleSplit.value),
            self._beside(), self._publish,
            TRAIN_PERIOD if self.profile == RECEIVER else 0.)
        self._hold()
        self.status = ""
        self.state = State.ACQUIRING
        self._task = background(self._play())

    def _beside(self) -> list[Beside]:
        """The other channels, with what is written to each."""
        how = self.source.moduleSplit.value
        beside: list[Beside] = [(self.truth, truth_hash), (
            self.monitor, lambda message: monitor_hash(
                message, self.light.value))]
        if how != OFF:
            beside.append((self.follower, partial(
                data_hash, how=how, second=True)))
        return beside

    @Slot(displayedName="Stop", description="Send no further train",
          allowedStates=[State.ACQUIRING])
    async def stop(self) -> None:
        player, task = self._player, self._task
        assert player is not None and task is not None      # ACQUIRING
        player.stop()
        try:
            await wait_for(task, STOP_TIMEOUT)
        except TimeoutError:
            self.status = ("Stopped while a receiver with the policy wait "
                           "kept the train from leaving")
            self.state = State.ON

    @Slot(displayedName="Inject Fault",
          description="Apply faults.kind to the next faults.trains trains",
          allowedStates=[State.ACQUIRING])
    async def injectFault(self) -> None:
        assert self._player is not None         # ACQUIRING
        feed = self._player.feed
        feed.inject(self.faults.kind.value, int(self.faults.trains.value))
        self.faults.pending = feed.pending

    @Slot(displayedName="Renew Report",
          description="Update the report now")
    async def renewReport(self) -> None:
        self._report()

    async def _prepare(self) -> None:
        """Make another source where the settings require it."""
        source = await self._make_source()
        how, channels = self.source.moduleSplit.value, source.channels
        frames = getattr(source, "frames", 0)
        check_split(how, channels)
        dtype = np.dtype(source.dtype)
        if how == OFF:
            await self._match_schema("output", dtype, channels, frames)
        else:
            for name in "output", "follower":
                await self._match_schema(name, dtype, channels // 2, frames)

    async def _make_source(self) -> TrainSource:
        settings = self.source_settings()
        if (self._source is not None and settings == self._settings
                and not self._exhausted):
            return self._source
        first = settings.first_train
        if self._source is not None:    # never the same train id twice
            first = max(first, self._source.first_train + self._next)
        self._source = await in_thread(make_source, settings, first)
        self._settings, self._next = settings, 0
        self._exhausted = False
        source = self._source
        self.source.classNames = list(source.classes)
        self.source.dark = _dark(source)
        return source

    async def _match_schema(self, name: str, dtype: Any,
                            channels: int, frames: int) -> None:
        # only where it differs: receivers have to reconnect
        wanted = dtype, channels, frames
        if self._declared[name] != wanted:
            await self._replace_output(name, data_channel(*wanted))
            self._declared[name] = wanted

    async def _replace_output(self, name: str, schema: Any) -> None:
        """As Karabo's `setOutputSchema`, which knows its own class only."""
        _, attributes = getattr(type(self), name).toSchemaAndAttrs(None, None)
        channel = getattr(self, name)
        configuration = dict(channel.configurationAsHash().items())
        await channel.close()
        setattr(type(self), name, queued_output(
            schema, strict=False, **attributes))
        await self.publishInjectedParameters(name, configuration)

    async def _play(self) -> None:
        player = self._player
        assert player is not None       # set by `start`
        try:
            await player.play()
        except Exception as error:
            self._fail(error)
            self.logger.exception("the source has stopped")
        else:
            self.state = State.ON
        finally:
            self._next, self._exhausted = player.next, player.exhausted
            self._player = None
            self._report()

    def _fail(self, error: Exception) -> None:
        self.status = f"{error}"
        self.state = State.ERROR

    def _publish(self, messages: Sequence[Message], seconds: float) -> None:
        ledger = self._ledger
        self.trainsSent = ledger.trains
        self.accounting.pulsesSent = ledger.pulses
        self.load.trainsLate = ledger.late
        self.load.writeTime = 1e3 * seconds
        if self._player is not None:
            self.faults.pending = self._player.feed.pending
        if messages:
            self._publish_truth(messages[-1])
        if time.monotonic() - self._reported >= REPORT_PERIOD:
            self._report()

    def _publish_truth(self, message: Message) -> None:
        train = message.train
        self.currentTrainId = message.train_id
        self.transitionTrainId = train.transition
        known = np.flatnonzero(train.label >= 0)
        if len(known) and self._source is not None:
            pulse = known[len(known) // 2]
            self.currentFraction = float(train.fraction[pulse])
            self.trueState = self._source.classes[train.label[pulse]]

    def _report(self) -> None:
        self._reported = time.monotonic()
        self.accounting.report = json.dumps(self._ledger.report())


def _dark(source: TrainSource) -> NDArray[np.float32] | list[float]:
    """The dark as the classifier takes it; of two rows, as received."""
    if not isinstance(source, GotthardSource):
        return []
    return source.darks.ravel() if source.receiver else source.dark
