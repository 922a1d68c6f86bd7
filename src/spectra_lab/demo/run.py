"""One run of the demonstration, inside the event loop."""
import os
import time
from asyncio import Event, gather, sleep, wait_for
from collections import deque
from operator import attrgetter

import numpy as np
from karabo.middlelayer import (
    Hash,
    KaraboError,
    Proxy,
    State,
    call,
    getDevice,
    instantiate,
    setWait,
)

from spectra_classifier.model.strict_json import JsonObject

from ..processes import start_time
from . import summary
from .options import Options
from .plant import SERVERS, Plant
from .receiver import Desk, Receiver
from .screen import Screen
from .sources import CHANNELS, LOOPBACK, SourceSetup
from .view import HISTORY, Snapshot

SOURCE, CLASSIFIER, GUARD, SHUTTER, RECEIVER = (
    f"demo/{name}" for name in (
        "source", "classifier", "guard", "shutter", "receiver"))
SERVER_TIMEOUT = 90     # s
MODEL_TIMEOUT = 300     # s
CONNECT_TIMEOUT = 30    # s
DRAIN_TIMEOUT = 60      # s: counters may follow half a minute after a start
REFRESH = 0.2           # s between two pictures
ARM_AFTER = 10          # trains that an operator watches before arming
ARM_RETRY = 1.          # s


class Demonstration:
    """Instantiates the devices, watches them, and sums up.

    `plant`: the running `Plant`; `desk`: the started `Desk`; `screen`: what
    shows it; `source`: a source setup, see `sources`; `stop`: an
    `asyncio.Event` that ends the watching. Afterwards `numbers` is the
    summary, `last_snapshot` what was shown last.
    """

    def __init__(self, options: Options, plant: Plant, desk: Desk,
                 screen: Screen, source: SourceSetup, stop: Event) -> None:
        self.options = options
        self.plant = plant
        self.desk = desk
        self.screen = screen
        self.source = source
        self.stop = stop
        self.classes: tuple[str, ...] = tuple(source.manifest["classes"])
        self.receiver: Receiver         # once the devices run
        self.proxies: dict[str, Proxy] = {}
        self.note = ""
        self.last_snapshot: Snapshot | None = None
        self.numbers: JsonObject = {}
        self._fractions: deque[tuple[float, ...] | None] = deque(
            maxlen=HISTORY)
        self._seen = 0
        self._arm_at = 0.
        self._transitions: dict[int, int] = {}

    async def run(self) -> None:
        """The whole of it."""
        try:
            await self._set_up()
            await self._watch()
            self.numbers = await self._sum_up()
        finally:
            self.screen.freeze()
            self._disconnect()

    # before the data flow

    async def _set_up(self) -> None:
        say = self.screen.say
        servers = self.desk.systemTopology["server"]
        await self.plant.until(lambda: set(SERVERS) <= set(servers),
                               SERVER_TIMEOUT, "the device servers")
        say("starting shutter, guard, source and classifier")
        # what a device connects to is there before it
        await gather(
            self._instantiate("demoShutter", "SimulatedShutter", SHUTTER,
                              Hash()),
            self._instantiate("demoSource", "SpectrometerSimulator", SOURCE,
                              self.source.configuration()))
        await gather(
            self._instantiate("demoClassifier", "SpectraClassifier",
                              CLASSIFIER, self._classifier_configuration()),
            self._instantiate("demoGuard", "PermitGuard", GUARD, Hash(
                "classifierId", CLASSIFIER, "targetDevice", SHUTTER,
                "target.openSlot", "open", "target.closeSlot", "close",
                "target.holdSlot", "hold",
                "target.confirmProperty", "isOpen",
                "conditions.latching", False)))
        say("verifying the model and preparing the engine")
        await gather(self._permit_first_class(), self._connect_receiver())

    async def _permit_first_class(self) -> None:
        """As soon as a model is live."""
        classifier = self.proxies[CLASSIFIER]
        await self.plant.until(
            lambda: classifier.modelId.value
            or str(classifier.modelStatus.value).startswith("refused"),
            MODEL_TIMEOUT, "the model")
        if not classifier.modelId.value:
            raise RuntimeError(f"the classifier has no model: "
                               f"{classifier.modelStatus.value}")
        # the first class permits, so that the permit is seen to come and go
        await setWait(CLASSIFIER, reactions=[
            Hash("sampleClass", name, "alarm", "none", "permit", index == 0)
            for index, name in enumerate(self.classes)])

    async def _instantiate(self, server: str, class_id: str, device_id: str,
                           configuration: Hash) -> None:
        """Start a device, and follow its properties."""
        await wait_for(instantiate(server, class_id, device_id,
                                   configuration), 30)
        proxy = await getDevice(device_id)
        self.proxies[device_id] = proxy
        proxy.__enter__()

    def _classifier_configuration(self) -> Hash:
        configuration = Hash(
            "modelPath", str(self.source.model_path),
            "load.engine", self.options.engine,
            "input.connectedOutputChannels", [f"{SOURCE}:output"],
            *(part for channel in CHANNELS
              for part in (f"{channel}.hostname", LOOPBACK)))
        for key, value in self.source.classifier_settings().items():
            configuration[key] = value
        return configuration

    async def _connect_receiver(self) -> None:
        self.receiver = Receiver(
            {"deviceId": RECEIVER, "log": {"level": "ERROR"}, "results": {
                "connectedOutputChannels": [f"{CLASSIFIER}:output"]},
             "truth": {
                "connectedOutputChannels": [f"{SOURCE}:truth"]}})
        self.receiver.classes = self.classes
        self.receiver.source_classes = tuple(self.source.classes)
        await self.receiver.startInstance()
        source, classifier = self.proxies[SOURCE], self.proxies[CLASSIFIER]
        await self.plant.until(
            lambda: len(source.output.connections.value)
            and len(source.truth.connections.value)
            # guard and receiver
            and len(classifier.output.connections.value) >= 2,
            CONNECT_TIMEOUT, "the pipeline connections")
        await self.plant.until(lambda: source.state != State.INIT,
                               MODEL_TIMEOUT, "the trains of the source")

    # while they flow

    async def _watch(self) -> None:
        self.screen.say("the source starts")
        await call(SOURCE, "start")
        while not self.stop.is_set() and not self._done():
            await sleep(REFRESH)
            self.plant.require_running()
            self._take_in()
            await self._operate()
            self.last_snapshot = self._snapshot()
            self.screen.show(self.last_snapshot)

    def _done(self) -> bool:
        kept = self.receiver.kept
        if not kept:
            return False
        if self.proxies[SOURCE].state != State.ACQUIRING:
            return True         # the end of a file
        if self.options.seconds is None:
            return False
        return time.monotonic() - kept[0].received >= self.options.seconds

    def _take_in(self) -> None:
        """Fractions of the classes for the trains that have come since."""
        classes = len(self.classes)
        for result in self.receiver.kept[self._seen:]:
            label = result.label[summary.eligible(result.label)]
            counts = np.bincount(np.where(label < 0, classes, label),
                                 minlength=classes + 1)
            self._fractions.append(
                tuple(counts / len(label)) if len(label) else None)
        self._seen = len(self.receiver.kept)
        classifier = self.proxies[CLASSIFIER]
        if classifier.sampleStateIndex.value >= 0:
            train = int(classifier.decision.transitionTrainId.value)
            self._transitions[train] = int(classifier.sampleStateIndex.value)

    async def _operate(self) -> None:
        """What an operator would do: look, then enable and arm."""
        classifier = self.proxies[CLASSIFIER]
        if (classifier.armed.value or self._seen < ARM_AFTER
                or time.monotonic() < self._arm_at):
            return
        self._arm_at = time.monotonic() + ARM_RETRY
        try:
            await wait_for(call(GUARD, "enable"), 5)
            await wait_for(call(CLASSIFIER, "arm"), 5)
            self.note = f"armed by the operator after {self._seen} trains"
        except (KaraboError, TimeoutError) as error:
            self.note = str(error).splitlines()[0]

    def _snapshot(self) -> Snapshot:
        classifier, guard, shutter = (
            self.proxies[name] for name in (CLASSIFIER, GUARD, SHUTTER))
        kept, truths = self.receiver.kept, self.receiver.truths
        recent = kept[-HISTORY:]
        numbers = summary.timing(kept[-600:])
        return Snapshot(
            title=self.source.title, source=self.source.description,
            model=str(classifier.modelId.value), classes=self.classes,
            sample_state=str(classifier.sampleState.value),
            permit=bool(classifier.permit.value),
            reason=str(classifier.permitReason.value),
            armed=bool(classifier.armed.value),
            shutter="open" if shutter.isOpen.value else "closed",
            guard=str(guard.reason.value),
            elapsed=time.monotonic() - kept[0].received if kept else 0.,
            trains=len(kept), lost=int(classifier.trainsLost.value),
            pulses=int(classifier.accounting.pulsesReceived.value),
            rate=_number(numbers["rate_hz"]),
            latency=kept[-1].latency if kept else float("nan"),
            latency_p99=_number(numbers["latency_ms_p99"]),
            fractions=tuple(self._fractions),
            truth=tuple(truths[r.train_id].majority
                        if r.train_id in truths else -1 for r in recent),
            note=self.note or self.receiver.problem)

    # after they have stopped

    async def _sum_up(self) -> JsonObject:
        self.screen.freeze()
        self.screen.say("the source stops; counting")
        if self.proxies[SOURCE].state == State.ACQUIRING:
            await wait_for(call(SOURCE, "stop"), 10)
        sent, received = await self._settled_counts()
        self._take_in()
        kept, truths = self.receiver.kept, self.receiver.truths
        guard = self.proxies[GUARD]
        numbers = summary.accounting(sent, received) | summary.timing(kept)
        numbers |= summary.accuracy(kept, truths, self.source.margin,
                                    self.source.training_spectra)
        return numbers | {
            "first_classified_s": self._first_classified(),
            "transitions": self._named_transitions(),
            "trains_permitted": sum(result.permit for result in kept),
            "guard_trips": int(guard.conditions.trips.value),
            "model": str(self.proxies[CLASSIFIER].modelId.value),
            "source": self.source.description,
            "pulses_per_train": self.source.pulses,
            "receiver_problem": self.receiver.problem}

    def _first_classified(self) -> float | None:
        """From the start of this process, in s; None for never."""
        begin = start_time(os.getpid())
        first = next((each.received for each in self.receiver.kept
                      if summary.eligible(each.label).any()), None)
        return (None if begin is None or first is None else
                first - begin / os.sysconf("SC_CLK_TCK"))

    def _named_transitions(self) -> list[JsonObject]:
        found = summary.transitions(
            self.receiver.kept, self.receiver.truths, self._transitions)
        return [{**entry, "state": self.classes[entry["state"]]}
                for entry in found]

    async def _settled_counts(self) -> tuple[dict[str, int], dict[str, int]]:
        """Counters of both ends, when nothing moves any more."""
        end = time.monotonic() + DRAIN_TIMEOUT
        while True:
            sent, received = self._counts()
            fates = (received["classified"] + received["rejected"]
                     + received["skipped"])
            if (received["trains"] == sent["trains"]
                    and received["pulses"] == fates
                    and len(self.receiver.kept) == received["trains"]
                    ) or time.monotonic() > end:
                return sent, received
            await sleep(0.1)

    def _counts(self) -> tuple[dict[str, int], dict[str, int]]:
        source, classifier = self.proxies[SOURCE], self.proxies[CLASSIFIER]
        sent = {"trains": int(source.trainsSent.value),
                "pulses": int(source.accounting.pulsesSent.value)}
        received = {
            key: int(attrgetter(name)(classifier).value) for key, name in (
                ("trains", "trainsReceived"), ("lost", "trainsLost"),
                ("pulses", "accounting.pulsesReceived"),
                ("classified", "accounting.pulsesClassified"),
                ("rejected", "accounting.pulsesRejected"),
                ("skipped", "accounting.pulsesSkipped"))}
        return sent, received

    def _disconnect(self) -> None:
        for proxy in self.proxies.values():
            proxy.__exit__(None, None, None)


def _number(value: float | None) -> float:
    return float("nan") if value is None else value
