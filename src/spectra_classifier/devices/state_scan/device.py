"""State of the sample against a value that is scanned, live.

It receives the output of a classifier and is nowhere in the path of the data:
what it misses or computes changes nothing for anybody.
"""
import math
import time
from asyncio import wait_for
from functools import partial
from typing import Any

import numpy as np
from karabo.middlelayer import (
    Hash,
    KaraboError,
    Overwrite,
    Slot,
    State,
    background,
    getDevice,
    getProperties,
    isAlive,
    sleep,
    waitUntilNew,
)

from ...core.trains.sources import OneSource
from ...errors import InputError
from ...exploration.scan import Scan
from ...exploration.scan_record import ScanRecord
from ...live.threads import in_thread
from ..common.broker_watch import watch_broker
from ..common.channels import ChannelMeta, QueuedInputChannel
from ..common.checked_device import CheckedDevice
from ..common.decoding import decode
from ..common.picture_channels import size_of
from ..common.property_paths import set_at
from ..common.scene_slots import SceneSlots
from .picture import picture
from .properties import ScanPictures, StateScanProperties, scan_values
from .scene import SCENES

#: s between two evaluations, and between two questions
PERIOD, AGAIN = 2., 5.
#: s that a device has to answer
ANSWER = 5.


class StateScan(SceneSlots, StateScanProperties, CheckedDevice):
    """Shows shares, mixture and residual against a scanned value.

    ON: no classifier is connected; PROCESSING: it collects.
    """
    scenes = SCENES

    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.PROCESSING])

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._source = OneSource()
        self._values_source = OneSource()
        self._record: ScanRecord | None = None
        #: model whose classes the record has; what asks for those of another
        self._model = ""
        self._asking = False
        self._found: Scan | None = None
        #: values of properties as they are shown
        self._shown: dict[str, Any] = {}
        self._problems = {"input": "", "value": "", "scan": ""}
        #: last value of the property: train id, s, value
        self._last: tuple[int, float, float] | None = None

    async def onInitialization(self) -> None:
        if self.state == State.INIT:    # the input may have been quicker
            self.state = State.ON
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        self.supervisor.keep("the scanned property", self._follow)
        self.supervisor.keep("the scan", self._evaluate)

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="Channel output of a classifier")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        try:
            self._source.require(
                str(meta.source), self.input.connectedOutputChannels.value,
                time.monotonic())
            self._take(data, str(meta.source), meta.timestamp.timestamp)
            self._problems["input"] = ""
        except (InputError, KeyError, ValueError, TypeError) as error:
            self._problems["input"] = (
                f"a train is left out: {error or type(error).__name__}")

    @input.connect
    async def input(self, name: str) -> None:
        self._source.connected(name, self.input.connectedOutputChannels.value)
        self.state = State.PROCESSING

    @input.close
    async def input(self, name: str) -> None:
        self.state = State.ON

    @input.endOfStream
    async def input(self, name: str) -> None:
        self.logger.info(f"end of stream from {name}")

    @QueuedInputChannel(
        raw=True, displayedName="Values",
        description="Channel with the value that is scanned, train by train; "
                    "not used where scan.property is set")
    async def values(self, data: Hash, meta: ChannelMeta) -> None:
        if self.scan.property.value or self._record is None:
            return
        try:
            self._values_source.require(
                str(meta.source), self.values.connectedOutputChannels.value,
                time.monotonic())
            value = float(np.ravel(data[self.scan.valuePath.value])[0])
            stamp = meta.timestamp.timestamp
            self._add_value(int(stamp.tid), stamp.toTimestamp(), value)
        except (InputError, KeyError, ValueError, TypeError,
                IndexError) as error:
            self._problems["value"] = (
                f"no number at {self.scan.valuePath.value} of the channel: "
                f"{error or type(error).__name__}")

    @values.endOfStream
    async def values(self, name: str) -> None:
        self.logger.info(f"end of stream from {name}")

    @Slot(displayedName="Restart",
          description="Forget all trains: a new scan begins",
          allowedStates=[State.ON, State.PROCESSING])
    async def restart(self) -> None:
        if self._record is not None:
            self._renew(self._record.classes)

    def _take(self, data: Hash, source: str, stamp: Any) -> None:
        fields = data["data"]
        model, pulses = fields["modelId"], int(fields["pulseCount"])
        if model != self._model:
            if not self._asking:
                self._asking = True
                background(self._ask(source.partition(":")[0], model))
            return
        assert self._record is not None     # it has the classes of the model
        self._record.add_train(
            int(stamp.tid), stamp.toTimestamp(), *(
                np.asarray(decode(fields[name]))[:pulses]
                for name in ("label", "mixture", "residual")))

    async def _ask(self, device: str, model: str) -> None:
        """Ask for the classes of a model, and start a new record."""
        try:
            found = await wait_for(getProperties(
                device, ["model.classNames", "modelId"]), ANSWER)
            if found["modelId"] == model:
                self._renew(tuple(found["model.classNames"]))
                self._model = model
        except (KaraboError, TimeoutError, KeyError) as error:
            first = (str(error).splitlines() or [""])[0]
            self._problems["input"] = (
                f"{device} does not name its classes: {first}")
            await sleep(AGAIN)
        finally:
            self._asking = False

    def _renew(self, classes: tuple[str, ...]) -> None:
        self._record = ScanRecord(classes, bool(self.scan.property.value))
        self._found = None
        if self._last is not None and self.scan.property.value:
            self._record.add_value(*self._last)

    def _add_value(self, train_id: int, seconds: float,
                   value: float) -> None:
        self._problems["value"] = ""
        self._last = train_id, seconds, value
        if self._record is not None:
            self._record.add_value(train_id, seconds, value)

    # the scanned property

    async def _follow(self) -> None:
        """Task: add every new value of the property, for ever."""
        while True:
            path = self.scan.property.value
            device, _, key = path.partition(".")
            if not (device and key):
                await sleep(PERIOD)
                continue
            self._last = None
            if self._record is not None:
                self._renew(self._record.classes)
            try:
                proxy = await wait_for(getDevice(device), ANSWER)
                with proxy:
                    await self._follow_proxy(proxy, path, key)
            except Exception as error:      # whatever a foreign device does
                lines = str(error).splitlines() or [type(error).__name__]
                self._problems["value"] = f"{path}: {lines[0]:.200}"
            await sleep(PERIOD)

    async def _follow_proxy(self, proxy: Any, path: str, key: str) -> None:
        while isAlive(proxy) and self.scan.property.value == path:
            found = proxy
            for name in key.split("."):
                found = getattr(found, name)
            value, stamp = float(found.value), found.timestamp
            new = (int(stamp.tid), stamp.toTimestamp(), value)
            if new != self._last and math.isfinite(value):
                self._add_value(*new)
            try:
                await wait_for(waitUntilNew(found), PERIOD)
            except TimeoutError:
                continue        # it rests, or the device is gone
        if not isAlive(proxy):
            self._problems["value"] = f"{path}: the device is gone"

    # what was found

    async def _evaluate(self) -> None:
        """Task: evaluate and show, for ever."""
        seen: tuple[Any, ...] = ()
        drawn: tuple[Any, ...] = ()
        while True:
            await sleep(PERIOD)
            record = self._record
            settings = (self.scan.property.value, self.scan.unit.value,
                        float(self.scan.resolution.value))
            now = (id(record), len(record or ()), settings)
            if now != seen:
                seen = now
                await self._find(record, *settings)
            self._show(record)
            output = self.screens.scan
            wanted = (id(self._found), self._problem,
                      len(output.connections))
            if len(output.connections) and wanted != drawn:
                drawn = wanted
                output.schema.data.scan = await in_thread(
                    picture, self._found, self._problem,
                    *size_of(ScanPictures, "scan"))
                await output.writeData()

    async def _find(self, record: ScanRecord | None, path: str, unit: str,
                    resolution: float) -> None:
        self._found, self._problems["scan"] = None, "no train has come yet"
        if record is None:
            return
        try:
            self._found = await in_thread(
                record.result, path or self.scan.valuePath.value, unit,
                resolution or None)
            self._problems["scan"] = ""
        except InputError as error:
            self._problems["scan"] = str(error)

    @property
    def _problem(self) -> str:
        return next(filter(None, self._problems.values()), "")

    def _show(self, record: ScanRecord | None) -> None:
        values = scan_values(self._found) | {
            "scan.trains": len(record or ()),
            "scan.matched": 0 if self._found is None else int(
                self._found.columns["trains"].sum()),
            "scan.byTrain": record is not None and record.by_train,
            "scan.value": self._last[2] if self._last else math.nan,
            "scan.problem": self._problem}
        for path, value in values.items():
            if self._shown.get(path, ...) != value:
                self._shown[path] = value
                set_at(self, path, value)
