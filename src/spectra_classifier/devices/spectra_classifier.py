"""The main device: every pulse of every train gets a code.

Properties are in `settings` and `readings`, channels in `schema`, the way
of a train in `stream`, configurations and models in `configurator`, what
people do in `deciding_device`. Here they are wired to handlers and life
cycle.
"""
import time
from functools import partial

from karabo.middlelayer import (
    KaraboError,
    OutputChannel,
    Slot,
    background,
)

from ..errors import ConfigurationError
from .broker_watch import watch_broker
from .dark import DarkKeeper
from .deciding_device import DecidingDevice
from .event_properties import EventReadings, EventSettings
from .joined_inputs import JoinedInputs
from .load_properties import LoadReadings, LoadSettings
from .preview_schema import PreviewNode
from .readings import (
    EngineReadings,
    FlowReadings,
    ModelReadings,
    SampleReadings,
)
from .role import RoleSettings, is_worker
from .schema import QueuedInputChannel
from .screen_channels import PictureChannels
from .screen_properties import DarkReadings, DarkSettings, ScreenSettings
from .screen_slots import ScreenSlots
from .screens import Screens
from .settings import (
    CodeSettings,
    DecisionSettings,
    EngineSettings,
    ModelSettings,
    QueueSettings,
    RawDataSettings,
    SizeSettings,
)
from .stream import Stream
from .trust_properties import DriftSettings, TrustReadings, TrustSettings


class SpectraClassifier(ScreenSlots, PictureChannels, ScreenSettings,
                        DarkSettings, DarkReadings, TrustSettings,
                        DriftSettings,
                        LoadSettings, EventSettings, RoleSettings,
                        SizeSettings, JoinedInputs,
                        DecisionSettings, CodeSettings, RawDataSettings,
                        EngineSettings,
                        ModelSettings, TrustReadings, LoadReadings,
                        EventReadings, EngineReadings, FlowReadings,
                        ModelReadings, QueueSettings,
                        SampleReadings, DecidingDevice):
    """Says for every X-ray pulse what the sample is doing."""

    preview = OutputChannel(
        PreviewNode, displayedName="Preview",
        description="One pulse, explained; at most twice a second")

    # life

    def __init__(self, configuration):
        super().__init__(configuration)
        self._dark = DarkKeeper(self, self._stream, self._publisher.show,
                                self._reconfigure)
        self._dark.restore()
        # trains may come before the model does
        self._configurator.start()

    def _make_stream(self):
        return Stream(self, self._publisher, self._committed,
                      self._complaint)

    async def onInitialization(self):
        await self._open_audit()
        self._stream.start()
        self._stream.watched(self.supervisor)
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        self.supervisor.keep("the drawing of the scenes",
                             Screens(self, self._stream).run)
        self.supervisor.keep("the watch of the dark", self._dark.watch)
        if self.modelPath.value:
            self._configurator.load_at_start()
        self._show_standing()

    # trains

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="Spectra of a train. The defaults survive a stall of 2 s "
                    "if the source lets us (its output.maxQueueLength)")
    async def input(self, data, meta):
        received = time.monotonic()
        try:
            self._stream.receive(data, meta, received)
        except Exception:
            # Karabo would only log it; here it is counted and shown, and
            # the next train gets its chance
            self._stream.failed("in the input handler")
        if is_worker(self):
            await self._stream.room()

    @input.connect
    async def input(self, name):
        self._stream.connected(name)

    @input.close
    async def input(self, name):
        self.logger.info(f"{name} is disconnected")

    @input.endOfStream
    async def input(self, name):
        # nothing rests on it: a busy input loses it, silence tells as well
        self.logger.info(f"end of stream from {name}")

    def _complaint(self):
        """What is to be shown as a warning beside the decision's alarms."""
        return self._configurator.complaint or self._dark.problem

    @Slot(displayedName="Capture Dark",
          description="Average darkTrains trains without light, judge them, "
                      "and put them into force as dark; this disarms. "
                      "darkStatus tells how it went")
    async def captureDark(self):
        try:
            self._dark.begin()
        except ConfigurationError as error:
            raise KaraboError(str(error)) from None
        background(self._dark.finish())

    @Slot(displayedName="Snapshot",
          description="Write the last raw trains and the next ones with their "
                      "codes to snapshotDirectory; snapshotStatus tells how "
                      "it went")
    async def snapshot(self):
        try:
            await self._stream.events.ask()
        except ConfigurationError as error:
            raise KaraboError(str(error)) from None

