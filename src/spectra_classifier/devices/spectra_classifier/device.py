"""The main device: every pulse of every train gets a code.

Properties are in `settings` and `readings`, channels in `schema`, the way
of a train in `pipeline`, configurations and models in `configurator`, what
people do in `deciding_device`. Here they are wired to handlers and life
cycle.
"""
import time
from functools import partial
from typing import Any

from karabo.middlelayer import (
    Hash,
    Node,
    Overwrite,
    Slot,
    background,
)

from ...errors import ConfigurationError
from ..classifier_base.deciding_device import (
    STATES,
    WITH_MODEL,
    DecidingDevice,
)
from ..common.broker_watch import watch_broker
from ..common.channels import (
    ChannelMeta,
    DeviceOutputChannel,
    QueuedInputChannel,
)
from ..common.checked_device import refused_call
from ..common.scene_slots import MacroSlots, SceneSlots
from ..common.source_presets import with_preset
from ..macros.catalogue import MACROS
from .dark_capture import DarkKeeper
from .pictures.renderer import PictureRenderer
from .pipeline import Stream
from .properties.dark import DarkNode
from .properties.drift import DriftNode
from .properties.joining import JoiningNode
from .properties.load import LoadNode, ShadowNode
from .properties.overview import InForceNode, ThresholdSettings
from .properties.preview import PreviewNode
from .properties.screens import ScreensNode
from .properties.snapshots import SnapshotsNode
from .properties.source import SourceNode
from .scenes import SCENES
from .table_actions import TableActions


class SpectraClassifier(SceneSlots, MacroSlots, TableActions,
                        ThresholdSettings, DecidingDevice):
    """Classifies the spectrum of every X-ray pulse by sample state."""

    scenes = SCENES
    macros = MACROS

    availableScenes = Overwrite(defaultValue=list(SCENES))

    inForce = Node(
        InForceNode, displayedName="Values in Force",
        description="What holds where a setting leaves the choice to the "
                    "model")
    source = Node(
        SourceNode, displayedName="Source",
        description="Where the spectra are in the data of the source, and "
                    "which of them count")
    dark = Node(
        DarkNode, displayedName="Dark",
        description="The dark spectrum, where it is from, and whether it "
                    "still fits")
    drift = Node(
        DriftNode, displayedName="Drift",
        description="How the spectra may differ from those of the training, "
                    "and how they do")
    load = Node(
        LoadNode, displayedName="Engine and Load",
        description="What computes the codes, and what is done when it is "
                    "too slow")
    joining = Node(
        JoiningNode, displayedName="Matched Streams",
        description="A second module, and monitor and shutter")
    shadow = Node(
        ShadowNode, displayedName="Shadow Model",
        description="A model that sees the same trains where there is time "
                    "left")
    snapshots = Node(
        SnapshotsNode, displayedName="Snapshots",
        description="Which raw trains are kept, and when they are written")
    screens = Node(
        ScreensNode, displayedName="Screens",
        description="What the scenes show")

    preview = DeviceOutputChannel(
        PreviewNode, displayedName="Preview",
        description="One pulse, explained; at most twice a second")

    # life

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._dark = DarkKeeper(
            self, self._stream, partial(self._publisher.later, quick=True),
            self._reconfigure)
        self._dark.restore()
        # trains may come before the model does
        self._configurator.start()

    def _fit(self, configuration: Hash) -> None:
        with_preset(configuration)
        super()._fit(configuration)

    async def apply_values(self, values: Hash, message: Any) -> None:
        await super().apply_values(with_preset(values), message)

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
        self._stream.attempt("in the input handler", self._stream.receive,
                             data, meta, time.monotonic())
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
        # a busy input may drop this; silence is noticed as well
        self.logger.info(f"end of stream from {name}")

    def _complaint(self) -> str:
        return super()._complaint() or self._dark.problem

    @Slot(displayedName="Capture Dark", allowedStates=WITH_MODEL,
          description="Average dark.trains trains without light, check the "
                      "mean, and apply it as dark; this disarms. dark.status "
                      "reports the result")
    async def captureDark(self) -> None:
        try:
            self._dark.begin()
        except ConfigurationError as error:
            raise refused_call(error) from None
        background(self._dark.finish())

    @Slot(displayedName="Snapshot", allowedStates=STATES,
          description="Write the last raw trains and the next ones with their "
                      "codes to snapshots.directory; snapshots.status reports "
                      "how it went")
    async def snapshot(self) -> None:
        try:
            await self._stream.snapshots.request_snapshot()
        except ConfigurationError as error:
            raise refused_call(error) from None

