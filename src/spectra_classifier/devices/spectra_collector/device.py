"""Several workers on one source, put together into one answer.

Order and accounts are in `core.collector`, the way of the codes in
`pipeline`, configuration, arming and permit in `deciding_device`.
"""
import time
from functools import partial

from karabo.middlelayer import Hash, Node, Overwrite

from ..classifier_base.deciding_device import DecidingDevice
from ..classifier_base.proposed_values import default_values
from ..common.broker_watch import watch_broker
from ..common.channels import ChannelMeta, QueuedInputChannel
from ..common.scene_slots import MacroSlots, SceneSlots
from ..macros.catalogue import MACROS
from ..spectra_classifier.device import SpectraClassifier
from .pipeline import CollectorStream
from .properties import WorkersNode
from .scene import SCENES


class SpectraCollector(SceneSlots, MacroSlots, DecidingDevice):
    """Puts the codes of several workers in order and decides on them."""

    scenes = SCENES
    macros = MACROS

    #: what makes the codes is set on the workers
    substitutes = default_values(SpectraClassifier)

    workers = Node(
        WorkersNode, displayedName="Workers",
        description="Which workers to wait for and how long, and their "
                    "present state")

    availableScenes = Overwrite(defaultValue=list(SCENES))

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        # trains may come before the model does
        self._configurator.start()

    def _make_stream(self) -> CollectorStream:
        return CollectorStream(self, self._publisher, self._committed)

    async def onInitialization(self) -> None:
        await self._open_audit()
        self._stream.watched(self.supervisor)
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        if self.modelPath.value:
            self._configurator.load_at_start()
        self._show_standing()

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="The channel output of every worker")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        self._stream.attempt("in the input handler", self._stream.receive,
                             data, meta, time.monotonic())

    @input.connect
    async def input(self, name: str) -> None:
        self._stream.joined(name)

    @input.close
    async def input(self, name: str) -> None:
        self._stream.left(name)

    @input.endOfStream
    async def input(self, name: str) -> None:
        # a busy input may drop this; silence is noticed as well
        self.logger.info(f"end of stream from {name}")
