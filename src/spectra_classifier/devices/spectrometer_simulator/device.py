"""A spectrometer that is not there: trains of spectra, and the truth."""
import json
import time
from asyncio import wait_for
from functools import partial

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
    slot,
)

from ...core.preprocessing.detector_modules import OFF
from ...errors import SpectraError
from ...live.threads import in_thread
from ...simulation.beamline import check_split
from ...simulation.feed import Feed
from ...simulation.ledger import Ledger
from ...simulation.presets import CHANNELS
from ..common.broker_watch import watch_broker
from ..common.checked_device import CheckedDevice, asked_name
from .channels import (
    data_channel,
    data_hash,
    monitor_hash,
    queued_output,
    truth_hash,
)
from .player import Player
from .properties import PULSES, SourceProperties, SourceReadings
from .scene import SCENES
from .source_factory import make_source

#: seconds between two reports of the ledger
REPORT_PERIOD = 1.
#: seconds that a stop waits for the train on its way
STOP_TIMEOUT = 5


class SpectrometerSimulator(SourceReadings, SourceProperties, CheckedDevice):
    """Plays a simulated spectrometer or a file, with faults on command.

    INIT while a source is prepared, ON, ACQUIRING, ERROR when a source
    cannot be made (`status` says why; correct the setting and start).
    """
    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.ACQUIRING, State.ERROR])

    @UInt32(
        displayedName="Pulses", defaultValue=2700, unitSymbol=Unit.COUNT,
        description="Spectra a train, may be changed while trains flow "
                    "(except in a replay)", **PULSES)
    async def pulses(self, value):
        self.pulses = value
        if self._player is not None:
            self._player.feed.pulses = int(value)

    @Double(
        displayedName="Held State", defaultValue=-1., minInc=-1., maxInc=2.,
        description="Sample state that is held from the next train on: 0 the "
                    "first, 1 the second, in between a mixture. -1: the "
                    "scenario decides (gotthard2)")
    async def heldState(self, value):
        self.heldState = value
        self._hold()

    @Bool(
        displayedName="Light", defaultValue=True,
        description="Whether there is light from the next train on; without, "
                    "the detector runs in the dark (gotthard2)")
    async def light(self, value):
        self.light = value
        self._hold()

    @Bool(
        displayedName="Sample", defaultValue=True,
        description="Whether the beam meets a sample, from the next train on;"
                    " without, the spectra are dark and the monitor is not "
                    "(gotthard2)")
    async def sample(self, value):
        self.sample = value
        self._hold()

    def _hold(self):
        if self._player is not None and self.profile == "gotthard2":
            self._player.feed.light = bool(self.light.value)
            self._player.feed.sample = bool(self.sample.value)
            held = min(float(self.heldState.value), len(self.classNames) - 1)
            self._player.feed.coordinate = None if held < 0 else held

    def __init__(self, configuration):
        self._source = self._settings = self._player = self._task = None
        self._next = 0              # index of the next train of the source
        self._exhausted = False
        # schemas of the outputs, as the class declares them
        self._declared = {"output": (np.dtype(np.uint16), CHANNELS),
                          "follower": (np.dtype(np.uint16), CHANNELS // 2)}
        self._ledger = Ledger()
        self._reported = 0.
        super().__init__(configuration)

    async def onInitialization(self):
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        try:
            await self._prepare()
        except SpectraError as error:
            self._fail(error)
        else:
            self.state = State.ON

    async def onDestruction(self):
        self.supervisor.stop()
        if self._task is not None:
            self._task.cancel()

    @Slot(displayedName="Start", description="Send trains",
          allowedStates=[State.ON, State.ERROR])
    async def start(self):
        self.state = State.INIT     # before the first await
        try:
            await self._prepare()
        except SpectraError as error:
            self._fail(error)
            raise KaraboError(str(error)) from error
        feed = Feed(self._source, int(self.pulses.value),
                    [int(count) for count in self.pulsePattern.value],
                    int(self.trains.value), self._next)
        self._player = Player(
            feed, self.rate.value, self._ledger, self.output,
            partial(data_hash, how=self.moduleSplit.value), self._beside(),
            self._publish)
        self._hold()
        self.status = ""
        self.state = State.ACQUIRING
        self._task = background(self._play())

    def _beside(self):
        """Channels beside the output, with what is written to each."""
        how = self.moduleSplit.value
        beside = [(self.truth, truth_hash), (
            self.monitor, lambda message: monitor_hash(
                message, self.light.value))]
        if how != OFF:
            beside.append((self.follower, partial(
                data_hash, how=how, second=True)))
        return beside

    @Slot(displayedName="Stop", description="Send no further train",
          allowedStates=[State.ACQUIRING])
    async def stop(self):
        self._player.stop()
        task = self._task
        try:
            await wait_for(task, STOP_TIMEOUT)
        except TimeoutError:
            self.status = ("Stopped while a receiver with the policy wait "
                           "kept the train from leaving")
            self.state = State.ON

    @Slot(displayedName="Inject Fault",
          description="Do Fault to the next Fault Trains",
          allowedStates=[State.ACQUIRING])
    async def injectFault(self):
        feed = self._player.feed
        feed.inject(self.fault.value, int(self.faultTrains.value))
        self.faultsPending = feed.pending

    @Slot(displayedName="Renew Report",
          description="Write the ledger to the report now")
    async def renewReport(self):
        self._report()

    @slot
    def requestScene(self, params):
        name = asked_name(params) or next(iter(SCENES))
        known = name in SCENES
        return Hash("type", "deviceScene", "origin", self.deviceId,
                    "payload", Hash(
                        "name", name, "success", known,
                        "data", SCENES[name](self.deviceId) if known else ""))

    async def _prepare(self):
        """Make the source anew where the settings ask for it."""
        await self._make_source()
        how, channels = self.moduleSplit.value, self._source.channels
        check_split(how, channels)
        dtype = np.dtype(self._source.dtype)
        if how == OFF:
            await self._match_schema("output", dtype, channels)
        else:
            for name in "output", "follower":
                await self._match_schema(name, dtype, channels // 2)

    async def _make_source(self):
        settings = self.source_settings()
        if settings == self._settings and not self._exhausted:
            return
        first = settings.first_train
        if self._source is not None:    # never the same train id twice
            first = max(first, self._source.first_train + self._next)
        self._source = await in_thread(make_source, settings, first)
        self._settings, self._next = settings, 0
        self._exhausted = False
        source = self._source
        self.classNames = list(source.classes)
        self.dark = [] if source.dark is None else source.dark

    async def _match_schema(self, name, dtype, channels):
        # only where it differs: whoever is connected has to connect anew
        if self._declared[name] != (dtype, channels):
            await self._replace_output(name, data_channel(dtype, channels))
            self._declared[name] = dtype, channels

    async def _replace_output(self, name, schema):
        """As Karabo's `setOutputSchema`, which knows its own class only."""
        _, attributes = getattr(type(self), name).toSchemaAndAttrs(None, None)
        channel = getattr(self, name)
        configuration = dict(channel.configurationAsHash().items())
        await channel.close()
        setattr(type(self), name, queued_output(
            schema, strict=False, **attributes))
        await self.publishInjectedParameters(name, configuration)

    async def _play(self):
        player = self._player
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

    def _fail(self, error):
        self.status = f"{error}"
        self.state = State.ERROR

    def _publish(self, messages, seconds):
        ledger = self._ledger
        self.trainsSent, self.pulsesSent = ledger.trains, ledger.pulses
        self.trainsLate = ledger.late
        self.writeTime = 1e3 * seconds
        self.faultsPending = self._player.feed.pending
        if messages:
            self._publish_truth(messages[-1])
        if time.monotonic() - self._reported >= REPORT_PERIOD:
            self._report()

    def _publish_truth(self, message):
        train = message.train
        self.currentTrainId = message.train_id
        self.transitionTrainId = train.transition
        known = np.flatnonzero(train.label >= 0)
        if len(known):
            pulse = known[len(known) // 2]
            self.currentFraction = float(train.fraction[pulse])
            self.trueState = self._source.classes[train.label[pulse]]

    def _report(self):
        self._reported = time.monotonic()
        self.report = json.dumps(self._ledger.report())
