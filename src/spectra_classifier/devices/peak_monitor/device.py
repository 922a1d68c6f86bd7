"""Position, width and form of chosen peaks beside the taught ones, live.

It receives the source of a classifier beside it, and is nowhere in the path
of its data: what it misses or computes changes no code and no permit.
"""
import time
from asyncio import Queue
from collections import deque
from functools import partial
from typing import Any

import numpy as np
from karabo.middlelayer import (
    AlarmCondition,
    Hash,
    KaraboError,
    Overwrite,
    Slot,
    State,
    sleep,
)

from ... import model
from ...core.capture import DIM
from ...core.decision import PulsePattern
from ...core.model_definition import ModelDefinition
from ...core.trains.sources import OneSource
from ...errors import InputError, SpectraError
from ...exploration.peak_watch import Region
from ...live.configuration.configuration import plain_rows
from ...live.threads import in_thread
from ..common.broker_watch import watch_broker
from ..common.channels import (
    ChannelMeta,
    QueuedInputChannel,
    QueuedOutputChannel,
)
from ..common.checked_device import CheckedDevice
from ..common.classifier_queries import (
    first_line,
    read_properties,
    read_source,
)
from ..common.picture_channels import size_of
from ..common.property_paths import set_at
from ..common.scene_slots import SceneSlots
from .measuring import Measured, Measuring, words
from .picture import History, picture
from .properties import (
    NUMBERS,
    PeakMonitorProperties,
    PeakOutput,
    PeakPictures,
    peak_row,
    regions_of,
)
from .scene import SCENES

#: s between two questions to the classifier, and between two looks at what
#: has been found
ASK, PERIOD = 10., 1.
#: s without a train after which nothing is known
STALE = 3.
#: trains that a picture has at most
TIMES = 1200
PLAIN = AlarmCondition.NONE, AlarmCondition.WARN


class PeakMonitor(SceneSlots, PeakMonitorProperties, CheckedDevice):
    """Fits the peaks of some regions in every train it has time for.

    ON: no source is connected; PROCESSING: it measures.
    """
    scenes = SCENES

    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.PROCESSING])

    output = QueuedOutputChannel(
        PeakOutput, displayedName="Output",
        description="The peaks of every train that was measured")

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._source = OneSource()
        #: at most one train waits to be measured
        self._waiting: Queue[tuple[int, Any, Hash]] = Queue(1)
        self._measuring: Measuring | None = None
        #: model that was loaded, and from where
        self._loaded: tuple[tuple[str, str], ModelDefinition] | None = None
        self._found: list[Measured] = []
        self._measured_at = -np.inf
        self._counts = {"trainsMeasured": 0, "trainsPassedOver": 0,
                        "trainsRefused": 0}
        self._problem = "no train has come yet"
        self._last, self._took = 0, 0.
        self._history: History = deque()
        #: values of properties as they are shown
        self._shown: dict[str, Any] = {}

    async def onInitialization(self) -> None:
        if self.state == State.INIT:    # the input may have been quicker
            self.state = State.ON
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        self.supervisor.keep("the peaks", self._measure)
        self.supervisor.keep("the properties", self._show)
        self.supervisor.keep("the picture", self._draw)

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="The source of the classifier")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        now = time.monotonic()
        if not self._source.admits(
                str(meta.source), self.input.connectedOutputChannels.value,
                now):
            self._refuse(self._source.fault(now))
        elif self._waiting.full():
            self._counts["trainsPassedOver"] += 1
        else:
            self._waiting.put_nowait((int(meta.timestamp.timestamp.tid),
                                      meta.timestamp.timestamp, data))

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

    @Slot(displayedName="Clear",
          description="Forget what the picture shows",
          allowedStates=[State.ON, State.PROCESSING])
    async def clear(self) -> None:
        self._history.clear()

    def _refuse(self, problem: str) -> None:
        self._counts["trainsRefused"] += 1
        self._found, self._problem = [], problem

    # how trains are measured

    async def _ask(self, regions: tuple[Region, ...]) -> None:
        """Measure from now on as the classifier reads."""
        device_id = self.classifierId.value
        if not device_id:
            raise InputError("classifierId is empty: name the classifier of "
                             "this source")
        found = await read_properties(
            device_id, "modelPath", "modelId", "decision.pulsePatterns")
        own = self.modelPath.value or found["modelPath"]
        if not found["modelId"]:
            raise InputError(f"{device_id} has no model")
        if self._loaded is None or self._loaded[0] != (own, found["modelId"]):
            loaded = await in_thread(model.load, own)
            if loaded.definition.model_id != found["modelId"]:
                raise InputError(
                    f"{own} is the model {loaded.definition.model_id}, "
                    f"{device_id} has {found['modelId']}: set modelPath")
            self._loaded = (own, found["modelId"]), loaded.definition
        wanted = Measuring(
            await read_source(device_id, np.inf), self._loaded[1],
            tuple(PulsePattern(**row) for row in plain_rows(
                "decision.pulsePatterns", found["decision.pulsePatterns"]))
            or (PulsePattern(),),
            regions, DIM)
        if self._measuring is None or not wanted.same(self._measuring):
            self._measuring = wanted
            self._history.clear()

    async def _measure(self) -> None:
        """Task: measure one train after the other, for ever."""
        asked: float = -np.inf
        settings: tuple[Any, ...] | None = None
        while True:
            train_id, stamp, data = await self._waiting.get()
            begin = time.monotonic()
            try:
                now = (regions_of(self.peaks.regions.value),
                       self.classifierId.value, self.modelPath.value)
                if begin - asked >= ASK or settings != now:
                    settings = None     # ask again after an error
                    await self._ask(now[0])
                    asked, settings = begin, now
                assert self._measuring is not None      # it has been asked
                begin = time.monotonic()
                found = await in_thread(self._measuring.measure, train_id,
                                        data)
            except (SpectraError, KaraboError, OSError) as error:
                self._refuse(first_line(error))
                continue
            except Exception as error:      # whatever a source sends
                self._refuse(f"{type(error).__name__}: {error}")
                self.logger.exception("a train is not measured")
                continue
            finally:
                del data        # its buffer is free again
            self._took = 1e3 * (time.monotonic() - begin)
            await self._take(train_id, stamp, found)

    async def _take(self, train_id: int, stamp: Any,
                    found: list[Measured]) -> None:
        self._found, self._problem, self._last = found, "", train_id
        self._measured_at = time.monotonic()
        self._counts["trainsMeasured"] += 1
        self._remember(found)
        if not len(self.output.connections):
            return
        data = self.output.schema.data
        data.trainId = train_id
        data.region = [each.region.name for each in found]
        data.pattern = [each.pattern for each in found]
        data.within = [each.verdict.within for each in found]
        for name, attribute in NUMBERS.items():
            setattr(data, name, [getattr(each.peak, attribute)
                                 for each in found])
        await self.output.writeData(timestamp=stamp)

    def _remember(self, found: list[Measured]) -> None:
        now, shown = self._measured_at, 60. * float(self.minutes.value)
        if not self._history or now - self._history[-1][0] >= shown / TIMES:
            self._history.append((now, found))
        while self._history[0][0] < now - shown:
            self._history.popleft()

    # what was found

    async def _show(self) -> None:
        """Task: renew the properties, for ever."""
        while True:
            await sleep(PERIOD)
            found, problem = self._found, self._problem
            if time.monotonic() - self._measured_at > STALE:
                found = []
                problem = problem or f"no train for {STALE:g} s"
            measuring = self._measuring
            beyond = words(found, len(measuring.patterns) if measuring else 1)
            within = bool(found) and all(each.verdict.within
                                         for each in found)
            values = {
                "peaks.within": within, "peaks.beyond": beyond,
                "peaks.problem": problem,
                "peaks.current": [peak_row(each) for each in found],
                "peaks.trainId": self._last,
                "peaks.time": round(self._took, 1),
                "peaks.unit": measuring.definition.axis.unit
                if measuring else "",
                "peaks.modelId": measuring.definition.model_id
                if measuring else ""} | {
                f"peaks.{name}": count
                for name, count in self._counts.items()}
            for path, value in values.items():
                if self._shown.get(path, ...) != value:
                    self._shown[path] = value
                    set_at(self, path, value)
            # an alarm of a part that has ended is left as it is
            wanted = (AlarmCondition.WARN if beyond else AlarmCondition.NONE)
            if (self.alarmCondition.value in PLAIN
                    and self.alarmCondition.value != wanted):
                self.alarmCondition = wanted

    async def _draw(self) -> None:
        """Task: draw while the scene is open, for ever."""
        output = self.screens.peaks
        while True:
            await sleep(PERIOD)
            if not len(output.connections):
                continue
            unit = str(self.peaks.unit.value)
            output.schema.data.peaks = await in_thread(
                picture, tuple(self._history), time.monotonic(), unit,
                str(self.peaks.problem.value),
                *size_of(PeakPictures, "peaks"))
            await output.writeData()
