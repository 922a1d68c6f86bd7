"""The shadow model of one device: its path in, its readings out."""
import threading
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from karabo.middlelayer import background

from ...core import cooperative
from ...errors import SpectraError
from ...live.configuration.compiler import Compiler
from ...live.configuration.live_model import LiveModel, load_at_once
from ...live.shadow_model import Shadow
from ...live.threads import in_thread
from ..classifier_base.publisher import Publisher
from ..common.supervision import Supervisor

if TYPE_CHECKING:      # they import this module
    from .device import SpectraClassifier

NONE = "no shadow model"


class ShadowKeeper:
    """Loads and runs the shadow model of a device.

    Used from the event loop of the device; `wait`: see `core.cooperative`.
    """

    def __init__(self, device: "SpectraClassifier", publisher: Publisher,
                 idle: threading.Event, wait: Callable[[], None]) -> None:
        self._device = device
        self._publisher = publisher
        self._shadow = Shadow(idle)
        self._wait = wait
        self._compiler = Compiler()
        self._path = ""
        self._status, self._model_id = NONE, ""
        self.start = self._shadow.start
        self.reset = self._shadow.reset
        self.offer = self._shadow.offer

    def watched(self, supervisor: Supervisor) -> None:
        """Have the thread supervised."""
        supervisor.thread("the thread of the shadow model",
                          lambda: self._shadow.alive, self._shadow.start)

    async def stop(self) -> None:
        self._compiler.stop()
        await in_thread(self._shadow.stop)

    def refresh(self) -> None:
        """Load the model that is set; the old one is dropped at once."""
        path = self._device.shadow.modelPath.value
        if path == self._path:
            return
        self._path = path
        self._set(None, f"loading {path}" if path else NONE)
        if path:
            background(self._load(path))

    async def _load(self, path: str) -> None:
        loaded: LiveModel | None = None
        try:
            model = await in_thread(
                cooperative.run, self._wait, partial(self._ready, path))
        except Exception as error:
            status = f"refused: {error}"
            if not isinstance(error, SpectraError):
                # an unexpected error must not leave the status at loading
                self._device.logger.exception("error while loading a shadow")
        else:
            loaded = model
            status = (f"{model.definition.model_id} is verified and runs in "
                      "the shadow")
        if path == self._path:      # nothing else was asked for meanwhile
            self._set(loaded, status)

    def _ready(self, path: str) -> LiveModel:
        model = load_at_once(path, "fused", 1)
        return (self._compiler.finish(model, "fused", 1) if model.interim
                else model)

    def _set(self, model: LiveModel | None, status: str) -> None:
        self._shadow.use(model)
        self._status = status
        self._model_id = model.definition.model_id if model else ""
        self._device.logger.info(f"shadow model: {status}")
        self.write_status()

    def write_status(self) -> None:
        """Write what changes slowly."""
        report = self._shadow.report
        self._publisher.later({
            "shadow.status": report.problem or self._status,
            "shadow.modelId": self._model_id,
            "shadow.agreement": report.rate,
            "shadow.trains": report.trains, "shadow.pulses": report.pulses,
            "shadow.trainsSkipped": self._shadow.skipped,
            "shadow.differences": list(report.rows)})
