"""The main device: every pulse of every train gets a code.

Properties are in `settings` and `readings`, channels in `schema`, the way
of a train in `pipeline`, configurations and models in `configurator`, what
people do in `deciding_device`. Here they are wired to handlers and life
cycle.
"""
import time
from functools import partial

from karabo.middlelayer import (
    Hash,
    KaraboError,
    Slot,
    background,
)

from ...errors import ConfigurationError
from ..classifier_base.deciding_device import DecidingDevice
from ..classifier_base.properties.accounting import FlowReadings, SizeSettings
from ..classifier_base.properties.alarms import TrustReadings, TrustSettings
from ..classifier_base.properties.decision import (
    DecisionSettings,
    SampleReadings,
)
from ..classifier_base.properties.model import ModelReadings, ModelSettings
from ..classifier_base.role import RoleSettings
from ..common.broker_watch import watch_broker
from ..common.channels import (
    ChannelMeta,
    DeviceOutputChannel,
    QueuedInputChannel,
)
from .dark_capture import DarkKeeper
from .pictures.renderer import PictureRenderer
from .pipeline import Stream
from .properties.dark import DarkReadings, DarkSettings
from .properties.drift import DriftSettings
from .properties.engine import (
    CodeSettings,
    EngineReadings,
    EngineSettings,
    QueueSettings,
)
from .properties.input import JoinedInputs, RawDataSettings
from .properties.load_and_shadow import LoadReadings, LoadSettings
from .properties.pictures import PictureChannels
from .properties.preview import PreviewNode, ScreenSettings
from .properties.snapshots import EventReadings, EventSettings
from .table_actions import TableActions


class SpectraClassifier(TableActions, PictureChannels, ScreenSettings,
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

    preview = DeviceOutputChannel(
        PreviewNode, displayedName="Preview",
        description="One pulse, explained; at most twice a second")

    # life

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._dark = DarkKeeper(
            self, self._stream, self._publisher.write_changed,
            self._reconfigure)
        self._dark.restore()
        # trains may come before the model does
        self._configurator.start()

    def _make_stream(self) -> Stream:
        return Stream(self, self._publisher, self._committed)

    async def onInitialization(self) -> None:
        await self._open_audit()
        self._stream.start()
        self._stream.watched(self.supervisor)
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        self.supervisor.keep("the drawing of the scenes",
                             PictureRenderer(self, self._stream).run)
        self.supervisor.keep("the watch of the dark", self._dark.watch)
        if self.modelPath.value:
            self._configurator.load_at_start()
        self._show_standing()

    # trains

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="Spectra of a train. The defaults survive a stall of 2 s "
                    "if the source lets us (its output.maxQueueLength)")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        received = time.monotonic()
        try:
            self._stream.receive(data, meta, received)
        except Exception:
            # Karabo would only log it; here it is counted and shown, and
            # the next train gets its chance
            self._stream.failed("in the input handler")
        if self._stream.shared:
            await self._stream.room()

    @input.connect
    async def input(self, name: str) -> None:
        self._stream.connected(name)

    @input.close
    async def input(self, name: str) -> None:
        self.logger.info(f"{name} is disconnected")

    @input.endOfStream
    async def input(self, name: str) -> None:
        # nothing rests on it: a busy input loses it, silence tells as well
        self.logger.info(f"end of stream from {name}")

    def _complaint(self) -> str:
        return super()._complaint() or self._dark.problem

    @Slot(displayedName="Capture Dark",
          description="Average darkTrains trains without light, judge them, "
                      "and put them into force as dark; this disarms. "
                      "darkStatus tells how it went")
    async def captureDark(self) -> None:
        try:
            self._dark.begin()
        except ConfigurationError as error:
            raise KaraboError(str(error)) from None
        background(self._dark.finish())

    @Slot(displayedName="Snapshot",
          description="Write the last raw trains and the next ones with their "
                      "codes to snapshotDirectory; snapshotStatus tells how "
                      "it went")
    async def snapshot(self) -> None:
        try:
            await self._stream.snapshots.request_snapshot()
        except ConfigurationError as error:
            raise KaraboError(str(error)) from None

