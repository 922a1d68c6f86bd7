"""One lesson, inside the event loop."""
import time
from asyncio import Event, sleep, wait_for
from pathlib import Path

from karabo.middlelayer import (
    Hash,
    Proxy,
    State,
    call,
    getDevice,
    getProperties,
    instantiate,
    setWait,
)

from spectra_classifier.model.strict_json import JsonObject

from ..demo import summary
from ..demo.plant import Plant
from ..demo.receiver import Desk, Receiver
from ..demo.run import (
    CONNECT_TIMEOUT,
    DRAIN_TIMEOUT,
    MODEL_TIMEOUT,
    SERVER_TIMEOUT,
)
from ..demo.sources import CHANNELS, LOOPBACK
from .options import Options
from .sample import MIXING, Sample
from .screen import LessonScreen

SERVERS = {
    "teachSource": ("SpectrometerSimulator",),
    "teachClassifier": ("SpectraClassifier",),
    "teachTrainer": ("SpectraTrainer",),
}
SOURCE, CLASSIFIER, TRAINER, RECEIVER = (
    f"teach/{name}" for name in (
        "source", "classifier", "trainer", "receiver"))
POLL = 0.1      # s
FEW = 20        # trains that flow before the lesson begins


class Lesson:
    """Captures in turn, training, arming; then a transition is watched.

    `model`: path of the model that is live before. Afterwards `numbers` is
    the summary, `receiver` has every train, `watched_from` the train from
    which the taught model is judged, `published` its file.
    """

    def __init__(self, options: Options, plant: Plant, desk: Desk,
                 screen: LessonScreen, sample: Sample, model: Path,
                 stop: Event) -> None:
        self.options = options
        self.plant = plant
        self.desk = desk
        self.screen = screen
        self.sample = sample
        self.model = model
        self.stop = stop
        self.receiver: Receiver         # once the devices run
        self.proxies: dict[str, Proxy] = {}
        self.watched_from = 0
        self.published: Path            # once it is armed
        self.numbers: JsonObject = {}
        self._transitions: dict[int, int] = {}

    async def run(self) -> None:
        """The whole of it."""
        try:
            await self._set_up()
            begun = time.monotonic()
            await self._capture_all()
            captured = time.monotonic()
            for step in "train", "evaluate", "arm":
                await self._step(step)
            self.numbers = {
                "seconds_total": round(time.monotonic() - begun, 2),
                "seconds_capturing": round(captured - begun, 2)}
            await self._watch()
            self.numbers |= await self._sum_up()
        finally:
            self.screen.freeze()
            for proxy in self.proxies.values():
                proxy.__exit__(None, None, None)

    async def _set_up(self) -> None:
        servers = self.desk.systemTopology["server"]
        await self.plant.until(lambda: set(SERVERS) <= set(servers),
                               SERVER_TIMEOUT, "the device servers")
        self.screen.say("starting source, classifier and trainer")
        captures = self.plant.directory / "captures"
        captures.mkdir()
        trainer = Hash(
            "classifierId", CLASSIFIER, "captureDirectory", str(captures),
            "trainsToCapture", self.options.trains,
            "model.permittingClasses", [self.sample.classes[0]],
            "input.connectedOutputChannels", [f"{SOURCE}:output"])
        classifier = Hash(
            "modelPath", str(self.model), "load.engine", self.options.engine,
            "input.connectedOutputChannels", [f"{SOURCE}:output"],
            *(part for channel in CHANNELS
              for part in (f"{channel}.hostname", LOOPBACK)))
        for target, values in (
                (trainer, self.sample.axis_settings()),
                (classifier, self.sample.classifier_settings())):
            for key, value in values.items():
                target[key] = value
        for server, class_id, device_id, configuration in (
                ("teachSource", "SpectrometerSimulator", SOURCE,
                 self.sample.configuration()),
                ("teachClassifier", "SpectraClassifier", CLASSIFIER,
                 classifier),
                ("teachTrainer", "SpectraTrainer", TRAINER, trainer)):
            await wait_for(instantiate(server, class_id, device_id,
                                       configuration), 30)
            proxy = await wait_for(getDevice(device_id), 30)
            self.proxies[device_id] = proxy
            proxy.__enter__()
        self.screen.say("verifying the released model")
        await self.plant.until(
            lambda: self.proxies[CLASSIFIER].modelId.value, MODEL_TIMEOUT,
            "the released model")
        await self._start_data()

    async def _start_data(self) -> None:
        self.receiver = Receiver(
            {"deviceId": RECEIVER, "log": {"level": "ERROR"}, "results": {
                "connectedOutputChannels": [f"{CLASSIFIER}:output"]},
             "truth": {
                "connectedOutputChannels": [f"{SOURCE}:truth"]}})
        self.receiver.classes = self.receiver.source_classes = tuple(
            self.sample.classes)
        await self.receiver.startInstance()
        source, classifier = self.proxies[SOURCE], self.proxies[CLASSIFIER]
        await self.plant.until(
            lambda: len(source.output.connections.value) >= 2
            and len(source.truth.connections.value)
            and len(classifier.output.connections.value),
            CONNECT_TIMEOUT, "the pipeline connections")
        await self.plant.until(lambda: source.state != State.INIT,
                               MODEL_TIMEOUT, "the trains of the source")
        await call(SOURCE, "start")
        await self.plant.until(lambda: len(self.receiver.kept) >= FEW,
                               CONNECT_TIMEOUT, "the first trains")

    async def _capture_all(self) -> None:
        for cycle in range(self.options.cycles):
            for state, name in enumerate(self.sample.classes):
                self.screen.say(f"cycle {cycle + 1}: capturing {name!r}")
                await self._bring_to(state)
                await wait_for(setWait(TRAINER, className=name), 5)
                await self._step("capture")

    async def _bring_to(self, state: int) -> None:
        """Hold the sample in a state; ends when its trains are sent."""
        await wait_for(setWait(SOURCE, heldState=float(state)), 5)
        source = self.proxies[SOURCE]
        await self.plant.until(
            lambda: source.trueState == self.sample.classes[state]
            and source.currentFraction == state, 10, "the sample")

    async def _step(self, slot: str) -> None:
        """Call a slot of the trainer and wait for the end of its work."""
        await wait_for(call(TRAINER, slot), 120)
        trainer = self.proxies[TRAINER]
        while True:
            found = await wait_for(
                getProperties(TRAINER, ["state", "status"]), 10)
            if found["state"] == State.ON.value:
                break
            self.screen.show(slot, trainer, self.proxies[CLASSIFIER])
            self.plant.require_running()
            await sleep(POLL)
        self.screen.say(found["status"])
        if not found["status"].endswith(": done"):
            raise RuntimeError(found["status"])

    async def _watch(self) -> None:
        """Let the sample go its way and see what the taught model says."""
        found = await getProperties(TRAINER, [
            "verdictText", "model.publishedPath", "training.evaluation"])
        self.published = Path(found["model.publishedPath"])
        self.screen.say(found["verdictText"])
        self.screen.say(f"evaluation: {found['training.evaluation']}")
        self.screen.say("armed; the sample goes its way")
        await self._bring_to(0)
        await wait_for(setWait(SOURCE, heldState=-1.), 5)
        source, classifier = self.proxies[SOURCE], self.proxies[CLASSIFIER]
        # trains made ahead of their time still hold the state
        self.watched_from = int(source.currentTrainId.value) + 5
        end = time.monotonic() + self.options.watch
        while time.monotonic() < end and not self.stop.is_set():
            self.plant.require_running()
            self._note_transition()
            self.screen.show("watching", self.proxies[TRAINER], classifier)
            await sleep(POLL)

    def _note_transition(self) -> None:
        classifier = self.proxies[CLASSIFIER]
        if classifier.sampleStateIndex.value >= 0:
            train = int(classifier.decision.transitionTrainId.value)
            self._transitions[train] = int(classifier.sampleStateIndex.value)

    async def _sum_up(self) -> JsonObject:
        await wait_for(call(SOURCE, "stop"), 10)
        classifier = self.proxies[CLASSIFIER]
        sent = int(self.proxies[SOURCE].trainsSent.value)
        end = time.monotonic() + DRAIN_TIMEOUT
        while (classifier.trainsReceived.value < sent
               and time.monotonic() < end):
            await sleep(POLL)
            self._note_transition()
        trainer = await getProperties(TRAINER, [
            "training.time", "training.heldOutAccuracy",
            "training.evaluatedAccuracy", "training.averagedPulses",
            "verdict", "verdictText", "armedModelId"])
        live = await getProperties(CLASSIFIER, ["modelId"])
        since = [result for result in self.receiver.kept
                 if result.train_id >= self.watched_from]
        truths = {number: truth for number, truth
                  in self.receiver.truths.items()
                  if number >= self.watched_from}
        await self._step("previous")
        back = await getProperties(CLASSIFIER, ["modelPath"])
        judged = summary.accuracy(since, truths, self.sample.margin)
        return {
            "seconds_training": float(trainer["training.time"]),
            "accuracy_held_out": float(trainer["training.heldOutAccuracy"]),
            "accuracy_evaluated": float(trainer["training.evaluatedAccuracy"]),
            "accuracy_live": judged["accuracy"],
            "pulses_judged": judged["pulses_judged"],
            "trains_lost": max(int(classifier.trainsLost.value), sent
                               - int(classifier.trainsReceived.value)),
            "trains": sent, "classes": list(self.sample.classes),
            "verdict": trainer["verdict"],
            "verdict_text": trainer["verdictText"],
            "averaged_pulses": int(trainer["training.averagedPulses"]),
            "model": live["modelId"],
            "armed_model_was_live": live["modelId"]
            == trainer["armedModelId"],
            "went_back": back["modelPath"] == str(self.model),
            # a sample that is let go amid a change jumps
            "transitions": [
                each for each in summary.transitions(since, truths,
                                                     self._transitions)
                if each["labelled_train"] >= self.watched_from + MIXING],
            **summary.timing(self.receiver.kept),
            "receiver_problem": self.receiver.problem}
