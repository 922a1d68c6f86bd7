"""A task or a thread that ends: noticed, safe, said, mended or the end."""
from asyncio import get_running_loop, sleep, wait

import pytest
from karabo.middlelayer import AlarmCondition, background
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.devices.common import supervision
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_classifier.pictures.renderer import (
    PictureRenderer,
)
from spectra_classifier.devices.spectra_classifier.pipeline import Stream
from tests.broker.classifier_bench import (
    LOOPBACK,
    PERMIT_HIGH,
    bench,
    save_model,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("supervision") / "m.onnx")


@pytest.fixture
def ends(monkeypatch):
    """[(device, sentence)] of processes that would have ended."""
    found = []
    monkeypatch.setattr(supervision, "end_process",
                        lambda *said: found.append(said))
    return found


async def armed(one):
    await one.decide(1)
    await one.classifier.arm()
    assert (await one.classify(1))["permit"]


async def is_safe(one, words):
    """Disarmed, with an alarm that says why."""
    device = one.classifier
    await sleepUntil(lambda: not device.armed, timeout=10)
    await sleepUntil(lambda: not device.permit, timeout=10)
    await sleepUntil(lambda: words in device.alarmReason.value, timeout=10)
    assert device.alarmCondition != AlarmCondition.NONE


async def test_a_watch_that_ends_ends_the_process(
        model_path, ends, monkeypatch):
    broken = []

    def slow(stream):
        if broken:
            raise RuntimeError("as the test wants it")

    monkeypatch.setattr(Stream, "_set_processor", slow)
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        await armed(one)
        broken.append(True)
        await is_safe(one, "the watch of the clock has ended")
        await sleepUntil(lambda: ends, timeout=10)
        assert ends[0][0] == one.classifier.deviceId
        assert "RuntimeError: as the test wants it" in ends[0][1]


class StoppedAtItsStart(SpectraClassifier):
    """Is asked to end when its tasks run, before Karabo has started it."""
    stopping = None

    async def onInitialization(self):
        await super().onInitialization()
        self.tasks = list(self.supervisor.tasks.values())
        self.stopping = background(self.slotKillDevice())
        await sleep(0)


async def test_a_stop_in_the_middle_of_the_start_is_in_order(ends):
    device = StoppedAtItsStart({
        "deviceId": create_instanceId("classifier"),
        "output": {"hostname": LOOPBACK}, "preview": {"hostname": LOOPBACK}})
    await device.startInstance()
    await sleepUntil(lambda: device.stopping, timeout=20)
    await device.stopping
    await wait(device.tasks, timeout=20)
    await sleep(2 * supervision.LAST_WORDS)     # the end would come now
    assert device.supervisor.ended == 0
    assert not ends


async def test_a_publishing_that_ends_ends_the_process(
        model_path, ends, monkeypatch):
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        await armed(one)
        monkeypatch.setattr(one.classifier._stream.worker, "done", None)
        await one.source.send_class(1)
        await is_safe(one, "the publishing of the trains has ended")
        await sleepUntil(lambda: ends, timeout=10)


async def test_a_thread_that_ends_ends_the_process(
        model_path, ends, monkeypatch):
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        await armed(one)
        monkeypatch.setattr(one.classifier._stream.worker, "_deliver", None)
        await one.source.send_class(1)
        await is_safe(one, "the thread of the engine has ended")
        await sleepUntil(lambda: ends, timeout=10)


@pytest.mark.parametrize("name", ["snapshots", "shadow model"])
async def test_a_thread_that_nothing_needs_starts_again(
        model_path, ends, monkeypatch, name):
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        stream = one.classifier._stream
        holder = (stream.snapshots._thread if name == "snapshots"
                  else stream.shadow._shadow)
        await armed(one)
        old = holder._thread
        monkeypatch.setattr(type(holder), "alive", property(
            lambda self: self._thread is not old))
        await is_safe(one, f"the thread of the {name} has ended")
        await sleepUntil(lambda: holder._thread is not old, timeout=10)
        assert holder.alive
        assert ends == []


async def test_pictures_that_end_start_again(model_path, ends, monkeypatch):
    monkeypatch.setattr(supervision, "WELL_AFTER", 0.5)
    runs = []

    async def run(screens):
        runs.append(get_running_loop().time())
        if len(runs) == 1:
            while not fail:
                await sleep(0.05)
            raise RuntimeError("no picture")
        while True:
            await sleep(1)

    fail = []
    monkeypatch.setattr(PictureRenderer, "run", run)
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        await armed(one)
        fail.append(True)
        await is_safe(one, "the drawing of the scenes has ended")
        await sleepUntil(lambda: len(runs) == 2, timeout=10)
        flow = one.classifier._stream.flow
        await sleepUntil(lambda: flow.fault == "", timeout=10)
        await one.classifier.acknowledge()
        await armed(one)        # an operator can arm again
        assert ends == []


async def test_the_end_of_a_device_is_none(model_path, ends):
    async with bench(model_path) as one:
        device = one.classifier
    await sleep(2 * supervision.PERIOD)
    assert ends == []
    assert device.supervisor.ended == 0


async def test_a_value_that_does_not_fit_hides_nothing(
        model_path, monkeypatch):
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        device = one.classifier
        await armed(one)
        monkeypatch.setattr(
            "spectra_classifier.devices.classifier_base.property_values.state_properties",
            lambda decision: STATE(decision) | {
                "decision.transitionTrainId": -5,
                "decision.previousSampleState": "\ud800",
                "decision.transitionPulse": 2**70})
        await one.classify(0)
        await is_safe(one, "a value does not fit")
        assert not (await one.classify(1))["permit"]
        await one.decide(0)
        assert device.sampleState == "low"          # the rest is written
        await sleepUntil(lambda: device.accounting.valuesUnwritable >= 3,
                         timeout=20)
        assert device._stream.errors == 0
        monkeypatch.undo()
        await one.decide(1)
        await sleepUntil(lambda: device._stream.flow.fault == "", timeout=10)
        await armed(one)


async def test_an_output_that_does_not_fit_permits_nothing(
        model_path, monkeypatch):
    async with bench(model_path, reactions=PERMIT_HIGH) as one:
        await armed(one)
        monkeypatch.setattr(
            "spectra_classifier.devices.classifier_base.property_values.output_fields",
            lambda *args: FIELDS(*args) | {"driftReason": "\ud800"})
        train = await one.source.send_class(1)
        await is_safe(one, "a value does not fit output.driftReason")
        assert not (await one.output(train))["permit"]


from spectra_classifier.devices.classifier_base.property_values import (  # noqa: E402
    output_fields as FIELDS,
)
from spectra_classifier.devices.classifier_base.property_values import (  # noqa: E402
    state_properties as STATE,
)
