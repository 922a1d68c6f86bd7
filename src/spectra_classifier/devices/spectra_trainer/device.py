"""Teaches the classifier from the beam: capture, train, evaluate, arm.

Properties are in `properties`, captures and files in `capture_recorder` and
`session`, the way into service in `classifier_client`. Training runs in a
process of its own.
"""
import time
from asyncio import Event, Queue
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from karabo.middlelayer import (
    Hash,
    Overwrite,
    Slot,
    State,
    background,
)

from ...core.trains.sources import OneSource
from ...errors import InputError
from ...live.threads import in_thread
from ..common.broker_watch import watch_broker
from ..common.channels import ChannelMeta, QueuedInputChannel
from ..common.checked_device import CheckedDevice
from ..common.classifier_queries import first_line, read_source
from ..common.pulse_reader import AxisSettings, Source
from ..common.scene_slots import MacroSlots, SceneSlots
from ..macros.catalogue import MACROS
from .actions import EXPECTED, TrainerActions
from .capture_recorder import Recorder
from .classifier_client import (
    arm,
    reaction_rows,
    refusal_to_arm,
    serve,
    set_reactions,
)
from .exploring import TrainerExploration
from .properties import TrainerProperties
from .property_values import Report, evaluation_values, training_values
from .scene import SCENES
from .session import Session

#: one action at a time
IDLE = [State.ON]
#: trains that may wait for the disk
WAITING = 40


class SpectraTrainer(SceneSlots, MacroSlots, TrainerActions,
                     TrainerExploration, TrainerProperties, CheckedDevice):
    """Captures sample states, trains a model, puts it into service.

    ON: ready; ACQUIRING: a capture is being taken; PROCESSING: a training,
    evaluation or export runs; CHANGING: a model goes into service.
    """
    scenes = SCENES
    macros = {"TeachAndWait": MACROS["TeachAndWait"]}

    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.ACQUIRING, State.PROCESSING,
                 State.CHANGING])

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        self._session = None
        self._source_of_trains = OneSource()
        self._queue = None
        self._job = self._preparation = None
        self._prepared = Event()
        # what the classifier had before this trainer replaced it
        self._former: dict[str, Any] | None = None

    async def onInitialization(self) -> None:
        self.supervisor.need("the watch of the broker",
                             partial(watch_broker, self))
        self.supervisor.keep("the last minutes", self.keep_trains)
        self.supervisor.keep("the pictures of the map", self.draw_map)
        if self.captureDirectory.value:
            try:
                await self._open()
            except EXPECTED as error:
                self.status = first_line(error)
        self._show_captures()
        self.state = State.ON

    async def onDestruction(self) -> None:
        for job in filter(None, (self._job, self._preparation)):
            job.cancel()

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="The source of the classifier; captures are taken of it, "
                    "and some trains of the last minutes are kept")
    async def input(self, data: Hash, meta: ChannelMeta) -> None:
        now = time.monotonic()
        admitted = self._source_of_trains.admits(
            str(meta.source), self.input.connectedOutputChannels.value, now)
        train_id = int(meta.timestamp.timestamp.tid)
        if admitted:
            self.offer(train_id, data)
        queue = self._queue
        if queue is None or queue.full():
            return
        # a capture of two sources is one of neither
        queue.put_nowait((train_id, data) if admitted
                         else self._source_of_trains.fault(now))

    @input.connect
    async def input(self, name: str) -> None:
        self._source_of_trains.connected(
            name, self.input.connectedOutputChannels.value)
        self.logger.info(f"{name} is connected")

    @input.close
    async def input(self, name: str) -> None:
        self.logger.info(f"{name} is disconnected")

    @input.endOfStream
    async def input(self, name: str) -> None:
        self.logger.info(f"end of stream from {name}")

    # capture

    @Slot(displayedName="Capture",
          description="Take trainsToCapture trains as className",
          allowedStates=IDLE)
    async def capture(self) -> None:
        with self._doing("capture", State.ACQUIRING, stay=True):
            session = await self._open()
            capture = session.next_capture(
                self.className.value, int(self.trainsToCapture.value))
            if not self.input.connectedOutputChannels.value:
                raise InputError("the input is connected to no source: set "
                                 "input.connectedOutputChannels")
            recorder = Recorder(
                session.directory, capture, session.captures,
                await self._source(), self._axis(),
                self.source.intensityCut.value, {"device": self.deviceId})
            self._show_recording(capture)
            self._queue = Queue(WAITING)
        background(self._record(recorder))

    async def read_source(self) -> Source:
        """How the trains are read: as the classifier does now."""
        saturation = self.source.saturationLevel.value
        return await read_source(
            self.classifierId.value,
            saturation if saturation >= 0 else np.inf,
            self.source.preset.value)

    async def _source(self) -> Source:
        source = await self.read_source()
        self.source.darkReference = (
            "none" if source.dark is None else
            f"{source.origin}, {source.dark.size} values")
        return source

    def _axis(self) -> AxisSettings:
        return AxisSettings(self.axis.quantity.value, self.axis.unit.value,
                            float(self.axis.first.value),
                            float(self.axis.step.value))

    @Slot(displayedName="Discard Last",
          description="Discard the last kept capture; it stays on disk",
          allowedStates=IDLE)
    async def discardLast(self) -> None:
        with self._doing("discardLast", State.CHANGING):
            last = (await self._open()).discard_last()
            self.activity = (f"capture {last.number} of "
                             f"{last.sample_class!r} takes no part")
        self._show_captures()

    @Slot(displayedName="Reload",
          description="Read the capture directory again",
          allowedStates=IDLE)
    async def reload(self) -> None:
        with self._doing("reload", State.CHANGING):
            self._session = None
            await self._open()

    @Slot(displayedName="Cancel",
          description="Cancel the current capture, training or evaluation",
          allowedStates=[State.ACQUIRING, State.PROCESSING])
    async def cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
        elif self._queue is not None:
            while self._queue.full():       # its trains are not wanted
                self._queue.get_nowait()
            self._queue.put_nowait(None)

    # explore

    @Slot(displayedName="Explore",
          description="Look for states in the last minutes, without labels",
          allowedStates=IDLE)
    async def explore(self) -> None:
        with self._doing("explore", State.PROCESSING, stay=True):
            session = await self._open()
            recent, dark = await self.last_minutes()
            self._job = await in_thread(session.clusters.job, recent,
                                        self._axis(), dark)
        background(self._work("explore", self.explored))

    @Slot(displayedName="Name Cluster",
          description="Make captures of the cluster exploration.cluster, as "
                      "className. The class is chosen by the data, as the "
                      "verdict on a model of it states",
          allowedStates=IDLE)
    async def nameCluster(self) -> None:
        with self._doing("nameCluster", State.CHANGING):
            session = await self._open()
            try:
                await in_thread(
                    session.name_cluster, int(self.exploration.cluster.value),
                    self.className.value, {
                        "device": self.deviceId,
                        "background": self.classifierId.value})
            finally:
                self._show_captures()

    # train and evaluate

    @Slot(displayedName="Train",
          description="Train a model on the kept captures and assess it",
          allowedStates=IDLE)
    async def train(self) -> None:
        with self._doing("train", State.PROCESSING, stay=True):
            session = await self._open()
            self._job = session.training(self._axis(), dict(
                name=self.model.name.value,
                time_budget=self.training.timeBudget.value,
                averaging=int(self.training.averageOver.value)))
            self.model.overrideReason = ""
        background(self._work("train", self._trained))

    async def _trained(self, report: Report) -> None:
        if self._session is not None:
            self._session.trained = report
        self._set(training_values(report))
        await self._until_prepared()

    @Slot(displayedName="Evaluate",
          description="Evaluate the trained model on pulses outside the "
                      "training set, of new captures if there are any",
          allowedStates=IDLE)
    async def evaluate(self) -> None:
        with self._doing("evaluate", State.PROCESSING, stay=True):
            self._job = (await self._open()).evaluation()
        before = self.training.time.value

        async def evaluated(report: Report) -> None:
            self._set(evaluation_values(report, before))

        background(self._work("evaluate", evaluated))

    @Slot(displayedName="Export Captures",
          description="Write all kept captures into one NeXus file",
          allowedStates=IDLE)
    async def exportCaptures(self) -> None:
        with self._doing("exportCaptures", State.PROCESSING, stay=True):
            session = await self._open()
            self._job = session.export(self._axis(), session.directory / (
                f"captures_{time.strftime('%Y%m%dT%H%M%S')}.h5"))
        background(self._work("exportCaptures", self._exported))

    async def _exported(self, report: Report) -> None:
        self.captures.exportedPath = report["path"]

    # into service

    @Slot(displayedName="Publish",
          description="Copy the trained model to the model directory",
          allowedStates=IDLE)
    async def publish(self) -> None:
        with self._doing("publish", State.CHANGING):
            await self._publish(await self._open())

    async def _publish(self, session: Session) -> Path:
        path = await in_thread(session.publish, self.model.directory.value)
        self.model.publishedPath = str(path)
        return path

    @Slot(displayedName="Arm",
          description="Publish the trained model, make it live in the "
                      "classifier through its verified swap, and arm",
          allowedStates=IDLE)
    async def arm(self) -> None:
        with self._doing("arm", State.CHANGING):
            session = await self._open()
            report = session.require_trained()
            name = self._require_classifier()
            permitting = list(self.model.permittingClasses.value)
            override = self.model.overrideReason.value
            refusal = refusal_to_arm(report, permitting, override)
            if refusal:
                raise InputError(refusal)
            path = await self._publish(session)
            before = await serve(name, path, report["id"],
                                 self.model.swapTimeout.value)
            if before["modelId"] != report["id"]:
                self._former = before
                self.model.formerPath = before["modelPath"]
            if permitting:
                await set_reactions(name, reaction_rows(
                    report["classes"], permitting))
            await arm(name, "" if report["null_tests"]["arm"] else override)
            self.armedModelId = report["id"]

    @Slot(displayedName="Previous",
          description="Restore the model and the reactions that the "
                      "classifier had before; this disarms",
          allowedStates=IDLE)
    async def previous(self) -> None:
        with self._doing("previous", State.CHANGING):
            former = self._former
            if former is None:
                raise InputError("this trainer has not replaced a model "
                                 "since it started")
            name = self._require_classifier()
            await serve(name, former["modelPath"], former["modelId"],
                        self.model.swapTimeout.value)
            await set_reactions(name, former["reactions"])
            self._former = None
            self.model.formerPath = self.armedModelId = ""
