"""The main device: every pulse of every train gets a code.

Properties are in `properties`, channels in `schema`. This file wires: the
input handler puts trains into the worker's queue, the worker classifies
them in a thread, and one task publishes what comes back, in order. What is
decided without Karabo is decided in `flow`, `model_keeper`, `processing`
and in the core.
"""
import time
from asyncio import CancelledError, Lock, Queue, get_running_loop
from functools import partial

from karabo.middlelayer import (
    AccessLevel,
    Device,
    Hash,
    KaraboError,
    OutputChannel,
    Overwrite,
    Slot,
    State,
    background,
    sleep,
    slot,
)

from .. import __version__
from ..errors import ConfigurationError, SpectraError
from .broker_watch import watch_broker
from .configuration import (
    ENGINE_KEYS,
    KEYS,
    LiveModel,
    build,
    check_model_path,
    differences,
)
from .flow import TrainFlow
from .model_keeper import ModelKeeper
from .models import load_model, make_warm_engine
from .payload import Reader, read_incoming
from .processing import Processor
from .properties import (
    DecisionSettings,
    FlowReadings,
    ModelReadings,
    ModelSettings,
    RawDataSettings,
    SampleReadings,
    SizeSettings,
)
from .publish import model_properties
from .publisher import Publisher
from .scenes import SCENES
from .schema import (
    MAX_CLASSES,
    MAX_PULSES,
    PreviewNode,
    QueuedInputChannel,
    output_channel,
)
from .staging import (
    default_values,
    karabo_value,
    proposed_values,
    values_of,
)
from .worker import Committed, Worker

#: s between two looks at the clock; a part of the shortest staleAfter
WATCH_PERIOD = 0.1
#: s between two updates of what changes slowly
SLOW_PERIOD = 0.5
#: marks a reset in the order of what the worker delivers
RESET = object()


class SpectraClassifier(SizeSettings, DecisionSettings, RawDataSettings,
                        ModelSettings, FlowReadings, ModelReadings,
                        SampleReadings, Device):
    """Says for every X-ray pulse what the sample is doing."""

    __version__ = __version__

    state = Overwrite(
        defaultValue=State.INIT,
        options=[State.INIT, State.ON, State.PROCESSING, State.PASSIVE,
                 State.ERROR, State.INTERLOCKED])

    output = output_channel()

    preview = OutputChannel(
        PreviewNode, displayedName="Preview",
        description="One pulse, explained; at most twice a second")

    def __init__(self, configuration):
        self._fit_output(configuration)
        super().__init__(configuration)
        self._flow = TrainFlow()
        self._keeper = ModelKeeper(self.maxClasses.value)
        self._processor = Processor()
        self._worker = Worker(self._processor, self._deliver,
                              self.queueLength.value)
        self._publisher = Publisher(self)
        self._loop = None
        self._deliveries = None
        self._changing = Lock()
        self._loads = 0             # how many were asked for
        self._loading = ()          # properties set since the last adoption
        self._refused = ""
        self._handler_errors = 0
        self._arm_wanted = self.armOnStart.value
        self._start_configuration()

    def _start_configuration(self):
        """Trains may come before the model does: be ready for them."""
        try:
            configuration, _ = self._keeper.adoption(None, values_of(self))
        except ConfigurationError as error:
            # a device that died would not say why: it goes on without
            # these values until they are mended
            self._refused = f"refused: the configuration at start: {error}"
            configuration = build(default_values(type(self)))
        self._submit(configuration)
        self._flow.commit(configuration)

    def _fit_output(self, configuration):
        """Give this instance an output of its own sizes before it is made.

        Its schema is fixed from the first moment and never changed live.
        """
        sizes = (int(configuration.get("maxPulses", MAX_PULSES)),
                 int(configuration.get("maxClasses", MAX_CLASSES)))
        if sizes != (MAX_PULSES, MAX_CLASSES):
            own_class = type(self)      # Karabo makes one per instance
            own_class.output = output_channel(*sizes, key="output")
            own_class.__init_subclass__()

    # life

    async def onInitialization(self):
        self._loop = get_running_loop()
        self._deliveries = Queue()
        self._worker.start()
        for task in self._publish_in_order, self._watch, partial(
                watch_broker, self):
            background(task())
        if self.modelPath.value:
            self._load_from(values_of(self), ("modelPath",))
        self._show_standing()

    async def onDestruction(self):
        if self._loop is None:
            return
        self._flow.disarm("the device is shutting down")
        self._publisher.permit(self._flow.tick())
        await self._in_thread(self._worker.stop)

    def _in_thread(self, function, *args):
        return get_running_loop().run_in_executor(None, function, *args)

    # trains

    @QueuedInputChannel(
        raw=True, displayedName="Input",
        description="Spectra of a train. Defaults survive a stall of 2 s if "
                    "the source lets us (its output.maxQueueLength)")
    async def input(self, data, meta):
        received = time.monotonic()
        try:
            timestamp = meta.timestamp.timestamp
            incoming = read_incoming(
                data, self._reader, self._keeper.live.channels,
                self.maxPulses.value, train_id=int(timestamp.tid),
                timestamp=timestamp, received=received,
                source_time=timestamp.toTimestamp())
            incoming = self._flow.arrive(incoming)
            overflown = self._worker.queue.put_train(incoming)
            if overflown is not None:
                self._flow.overflow(overflown)
        except Exception:
            # Karabo would only log it: what no payload should cause is
            # counted and shown, and the next train gets its chance
            self._handler_errors += 1
            self.logger.exception("error in the input handler")

    @input.connect
    async def input(self, name):
        self._reader.forget()
        self._flow.connected()

    @input.endOfStream
    async def input(self, name):
        # nothing rests on it: a busy input loses it (silence tells as well)
        self.logger.info(f"end of stream from {name}")

    def _deliver(self, delivery):
        """Called in the worker thread."""
        self._loop.call_soon_threadsafe(self._deliveries.put_nowait, delivery)

    async def _publish_in_order(self):
        while True:
            delivery = await self._deliveries.get()
            try:
                await self._publish(delivery)
            except CancelledError:
                raise
            except Exception:
                # the one task that everything hangs on must go on; without
                # a published train the permit becomes stale
                self._handler_errors += 1
                self.logger.exception("error while publishing a train")
            finally:
                if delivery is not RESET:
                    self._worker.done()

    async def _publish(self, delivery):
        if delivery is RESET:
            self._flow.reset(self._worker.queue.in_flight())
            self._worker.queue.high_water = 0
            self._publisher.outputs_blocked = 0
        elif isinstance(delivery, Committed):
            self._commit(delivery.configuration)
        else:
            self._worker.queue.settle()
            finished = self._flow.finish(
                delivery, self._worker.queue.in_flight())
            await self._publisher.train(finished, self._flow)
            self._publisher.alarm(finished.decision, self._refused)
            self._show_state()

    async def _watch(self):
        """Silence, and what changes slowly."""
        next_slow = 0.
        while True:
            decision = self._flow.tick()
            self._publisher.permit(decision)
            self._publisher.alarm(decision, self._refused)
            self._show_state()
            now = time.monotonic()
            if now >= next_slow:
                next_slow = now + SLOW_PERIOD
                self._processor.preview_pulse = self.previewPulse.value
                self._publisher.slow(self._flow, decision,
                                     self._worker.queue, now)
                self._publisher.show({"handlerErrors": self._handler_errors})
            await sleep(min(WATCH_PERIOD, self.staleAfter.value / 4))

    # configuration

    async def slotReconfigure(self, reconfiguration, message):
        """Staged, validated whole, and in force at the next train edge."""
        together = [key for key in reconfiguration if key in KEYS]
        if not together:
            await super().slotReconfigure(reconfiguration, message)
            return
        async with self._changing:
            try:
                configuration = await self._stage(reconfiguration, together)
            except ConfigurationError as error:
                self.status = f"Nothing was changed: {error}"
                raise KaraboError(str(error)) from None
            await super().slotReconfigure(reconfiguration, message)
            if configuration is None:
                self._load_from(values_of(self), together)
            else:
                self._submit(configuration)

    slotReconfigure = slot(slotReconfigure, passMessage=True)

    async def _stage(self, reconfiguration, together):
        """The configuration to come; None if a model has to be made first.

        Raises `ConfigurationError`; nothing is changed.
        """
        values = proposed_values(self, reconfiguration)
        if "modelPath" in together and values["modelPath"]:
            await self._in_thread(check_model_path, values["modelPath"])
        elif "modelPath" in together:
            return self._keeper.adoption(None, values, together)[0]
        live = self._keeper.live
        if self._loading or "modelPath" in together or (
                live.model is None and values["modelPath"]):
            build(values)       # the rest is checked with the new model
            return None
        configuration = self._keeper.proposal(values, together)
        with_engine = live.model is not None and any(
            values[key] != live.values[key] for key in ENGINE_KEYS)
        return None if with_engine else configuration

    def _submit(self, configuration):
        """Hand a valid configuration to the worker, behind what waits."""
        old = self._keeper.live
        if self._keeper.live is not None and not configuration.values[
                "modelPath"]:
            self._refused = ""
        self._keeper.accept(configuration)
        self._flow.submit(configuration)
        self._reader = Reader(configuration.layout)
        self._worker.commit(configuration)
        if old is not None:
            self._log_changes(old, configuration)

    def _log_changes(self, old, new):
        for key, before, after in differences(old.values, new.values):
            self.logger.info(f"{key}: {before!r} -> {after!r}, configuration "
                             f"{old.hash} -> {new.hash}")
        if old.model_id != new.model_id:
            self.logger.info(f"model {old.model_id!r} -> {new.model_id!r}, "
                             f"configuration {old.hash} -> {new.hash}")
        self.status = (f"Configuration {new.hash} is in force from the next "
                       "train on")

    def _commit(self, configuration):
        """A configuration has become live, between two trains."""
        self._flow.commit(configuration)
        self._publisher.show(model_properties(configuration) | {
            "appliedConfigHash": configuration.hash})
        if configuration.model is not None and self._arm_wanted:
            self._arm_wanted = False
            why = self._flow.arm()
            self.logger.info(f"arm on start: {why or 'armed'}")
        self._show_standing()

    # models

    def _load_from(self, values, together):
        """Make the model that `values` name, beside the live one.

        What was asked for while another one loads is joined with it.
        """
        live = self._keeper.live.model
        kind, threads = values["engine"], values["threads"]
        self._loading = (*self._loading, *together)
        if "modelPath" in self._loading or live is None:
            work = partial(load_model, values["modelPath"], kind, threads)
        else:
            work = partial(_with_engine, live, kind, threads)
        self._loads += 1
        self._publisher.show({
            "modelStatus": f"loading {values['modelPath']}"})
        background(self._load(self._loads, work))

    async def _load(self, number, work):
        try:
            model = await self._in_thread(work)
            if number == self._loads:
                self._adopt(model, self._end_of_load())
        except SpectraError as error:
            if number == self._loads:   # else another one was asked for
                self._end_of_load()
                self._refuse(str(error))

    def _end_of_load(self):
        together, self._loading = self._loading, ()
        return together

    def _adopt(self, model, together):
        values = values_of(self)
        configuration, corrections = self._keeper.adoption(
            model, values, together)
        self._refused = ""
        self._set_back(corrections)
        self._submit(configuration)

    def _refuse(self, reason):
        """Everything stays as it is, and says so."""
        self._refused = f"refused: {reason}"
        self.logger.warning(self._refused)
        live = self._keeper.live
        if live is not None and live.model is not None:
            self._set_back(live.values)
        self.status = f"Nothing was changed: {reason}"
        self._show_standing()

    def _set_back(self, values):
        """Let properties show what is in force."""
        shown = values_of(self)
        for key, value in values.items():
            if shown[key] != value:
                setattr(self, key, karabo_value(key, value))

    def _show_standing(self):
        live, previous = self._keeper.live, self._keeper.previous
        standing = "no model"
        if live is not None and live.model is not None:
            standing = f"{live.model_id} is verified and live"
            if not live.confirmed:
                standing += ("; set the reactions for its classes before "
                             "arming")
        if self._refused:
            standing = f"{self._refused} ({standing})"
        self._publisher.show({
            "modelStatus": standing, "previousModelId":
            previous.definition.model_id if previous else ""})
        self._show_state()

    def _show_state(self):
        live = self._keeper.live
        self._publisher.state(
            live.model if live else None, bool(self.modelPath.value),
            bool(self._loading), self._flow.state.interlocked,
            self._flow.silent_for < self.staleAfter.value)

    # what people do

    @Slot(displayedName="Arm",
          description="Let the live model permit, from the next train that "
                      "meets every condition")
    async def arm(self):
        why = self._flow.arm()
        if why:
            self.status = f"Not armed: {why}"
            raise KaraboError(f"not armed: {why}")
        self.logger.info(f"armed: {self._flow.configuration.model_id}, "
                         f"configuration {self._flow.configuration.hash}")
        self._after_action("Armed")

    @Slot(displayedName="Disarm", description="No permit until armed again")
    async def disarm(self):
        self._flow.disarm("disarmed by an operator")
        self.logger.info("disarmed")
        self._after_action("Disarmed")

    @Slot(displayedName="Acknowledge",
          description="Release what is latched, once its cause is gone")
    async def acknowledge(self):
        why = self._flow.acknowledge()
        if why:
            self.status = f"Not acknowledged: {why}"
            raise KaraboError(f"not acknowledged: {why}")
        self.logger.info("acknowledged")
        self._after_action("Acknowledged")

    @Slot(displayedName="Reset",
          description="Count and decide anew; never clears a latch")
    async def reset(self):
        self._deliveries.put_nowait(RESET)
        self.status = "Counting anew"

    @Slot(displayedName="Previous Model",
          requiredAccessLevel=AccessLevel.EXPERT,
          description="Go back to the model before the live one")
    async def previousModel(self):
        model = self._keeper.previous
        if model is None:
            raise KaraboError("there is no previous model since the start")
        self._loads += 1        # what still loads comes too late
        self._end_of_load()
        self.modelPath = model.path
        try:
            self._adopt(model, ())
        except ConfigurationError as error:
            self._refuse(str(error))
            raise KaraboError(str(error)) from None

    def _after_action(self, status):
        self.status = status
        self._publisher.permit(self._flow.tick())
        self._show_state()

    @slot
    def requestScene(self, params):
        """The scene with the name in `params`."""
        name = params.get("name", default="overview")
        name = name or "overview"
        payload = Hash("success", name in SCENES, "name", name)
        if name in SCENES:
            payload["data"] = SCENES[name](self.deviceId)
        return Hash("type", "deviceScene", "origin", self.deviceId,
                    "payload", payload)


def _with_engine(live, kind, threads):
    return LiveModel(live.path, live.loaded,
                     make_warm_engine(live.loaded, kind, threads))
