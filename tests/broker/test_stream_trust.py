"""On a real broker: whom and what a permit may rest on."""
import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import (
    AlarmCondition,
    Hash,
    KaraboError,
    State,
    call,
    setWait,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.core.preprocessing.raw_frames import NO_PULSE_IDS
from spectra_classifier.devices.recording_adapter.device import (
    RecordingAdapter,
)
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_trainer.device import SpectraTrainer
from tests.broker import classifier_bench
from tests.broker.classifier_bench import (
    LOOPBACK,
    PERMIT_HIGH,
    Bench,
    Collector,
    TrainSource,
    bench,
    save_model,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import spectra_of

WAIT = 60       # s, for what takes one on a quiet machine
LAX = {"source.maxPulses": 20, "reactions": PERMIT_HIGH,
       "conditions.maxTrainAge": 60_000.,
       "conditions.maxLatency": 60_000., "conditions.staleAfter": 30.}
INTERLOCK_LOW = [
    Hash("sampleClass", "high", "alarm", "none", "permit", True),
    Hash("sampleClass", "low", "alarm", "interlock", "permit", False)]


@pytest.fixture(scope="module")
def model_path(tmp_path_factory):
    return save_model(tmp_path_factory.mktemp("model") / "m.onnx")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def two(karabo_environment, karabo_client, tmp_path_factory):
    """Two sources, and everything that takes trains with both on its input.
    """
    folder = tmp_path_factory.mktemp("two")
    ids = {name: create_instanceId(name) for name in (
        "left", "right", "classifier", "adapter", "trainer", "sink")}

    def both():     # Karabo keeps what it is given
        return Hash("connectedOutputChannels", [
            f"{ids[name]}:output" for name in ("left", "right")],
            "maxQueueLength", 200)

    parts = {name: TrainSource({"deviceId": ids[name], "output": {
        "hostname": LOOPBACK, "maxQueueLength": 200}})
        for name in ("left", "right")}
    parts["classifier"] = SpectraClassifier(Hash(
        "deviceId", ids["classifier"], "load.engine", "numpy",
        "modelPath", save_model(folder / "m.onnx"), "input", both(),
        "output", Hash("hostname", LOOPBACK, "maxQueueLength", 200),
        "preview", Hash("hostname", LOOPBACK),
        *[part for item in LAX.items() for part in item]))
    parts["adapter"] = RecordingAdapter(Hash(
        "deviceId", ids["adapter"], "input", both(),
        "output", Hash("hostname", LOOPBACK)))
    parts["trainer"] = SpectraTrainer(Hash(
        "deviceId", ids["trainer"], "captureDirectory", str(folder),
        "className", "high", "trainsToCapture", 3, "input", both()))
    parts["sink"] = Collector(Hash("deviceId", ids["sink"], "input", Hash(
        "connectedOutputChannels", [f"{ids['classifier']}:output"],
        "onSlowness", "queueDrop", "maxQueueLength", 400)))
    async with DeviceContext(**parts):
        for name in "left", "right":
            await sleepUntil(lambda one=parts[name]: len(
                one.output.connections.value) == 3, timeout=WAIT)
        one = Bench(parts["right"], parts["classifier"], parts["sink"])
        await sleepUntil(lambda: len(
            one.classifier.output.connections.value) == 1, timeout=WAIT)
        await one.live(timeout=WAIT)
        one.other, one.adapter, one.trainer = (
            parts[name] for name in ("left", "adapter", "trainer"))
        yield one


async def test_the_permit_stands_on_one_source_alone(two):
    await two.decide(1)
    await two.classifier.arm()
    assert (await two.classify(1))["permit"]
    outputs = len(two.collector.trains)
    await two.other.send_class(0, train_id=two.source.next_train)
    await sleepUntil(lambda: not two.classifier.permit, timeout=WAIT)
    name = two.other.deviceId
    assert f"{name}:output sends as well as" in (
        two.classifier.permitReason.value)
    assert two.classifier.alarmCondition == AlarmCondition.ALARM
    out = await two.classify(1)
    assert not out["permit"]
    assert out["label"][0] == 1
    assert len(two.collector.trains) == outputs + 1     # ours alone
    assert two.unaccounted() == ""

    def counted():
        return [(row["trains"], row["pulses"])
                for row in two.classifier.accounting.reasons.value
                if row["fate"] == "rejected"
                and row["reason"] == f"another source: {name}:output"]

    await sleepUntil(lambda: counted() == [(1, 4)], timeout=WAIT)


async def test_a_recording_and_a_capture_are_of_one_source(two):
    await two.other.send_class(0)
    await sleepUntil(lambda: f"{two.other.deviceId}:output sends as well" in
                     two.adapter.lastProblem.value, timeout=WAIT)
    await call(two.trainer.deviceId, "capture")
    await two.source.send_class(1)
    await sleepUntil(lambda: two.trainer.captures.trainsCaptured == 1,
                     timeout=WAIT)
    await two.other.send_class(0)
    await sleepUntil(lambda: two.trainer.state == State.ON, timeout=WAIT)
    assert f"{two.other.deviceId}:output sends as well" in (
        two.trainer.status.value)


async def test_what_is_shown_follows_a_fault_during_the_writing(
        model_path, monkeypatch):
    """The decision is made again then; alarm and state belong to that one."""
    async with bench(model_path, **LAX) as one:
        await one.decide(1)
        device = one.classifier
        await device.arm()
        assert (await one.classify(1))["permit"]
        write, show = device._publisher.output, device.show
        decisions = []

        async def write_with_a_fault(finished):
            taken = await write(finished)
            device._stream.flow.fail("disk", "the disk does not write")
            monkeypatch.setattr(device, "show", lambda decision: (
                decisions.append(decision), show(decision)))
            return taken

        monkeypatch.setattr(device._publisher, "output", write_with_a_fault)
        assert (await one.classify(1))["permit"]    # decided before
        await sleepUntil(lambda: decisions, timeout=WAIT)
        assert not any(decision.permit for decision in decisions)
        assert not device.permit
        assert device.alarmCondition == AlarmCondition.ALARM
        assert device.alarmReason == "the disk does not write"


@pytest.mark.parametrize("path", ["", "/there/is/none.onnx"])
async def test_arm_on_start_arms_what_the_start_names_alone(model_path, path):
    async with bench("", **{"conditions.armOnStart": True}, **LAX) as one:
        if path:        # as if the start had named it
            one.classifier.modelPath = path
            one.classifier._configurator.load_at_start()
            await sleepUntil(lambda: one.classifier._configurator.refused,
                             timeout=WAIT)
        await one.set(modelPath=model_path)
        await one.live(timeout=WAIT)
        out = await one.decide(1)
        assert not out["permit"]
        assert not one.classifier.armed
        await one.classifier.arm()
        assert (await one.classify(1))["permit"]


async def test_an_interlock_survives_reset_change_and_restart(
        model_path, tmp_path, monkeypatch):
    name, real = create_instanceId("kept"), classifier_bench.create_instanceId
    monkeypatch.setattr(classifier_bench, "create_instanceId",
                        lambda kind: name if kind == "classifier"
                        else real(kind))
    settings = LAX | {"reactions": INTERLOCK_LOW,
                      "conditions.armOnStart": True,
                      "auditing.directory": str(tmp_path)}
    async with bench(model_path, **settings) as one:
        await one.decide(0)
        await one.classifier.reset()
        with pytest.raises(KaraboError, match="cause"):
            await one.classifier.acknowledge()
        before = one.classifier.model.appliedConfigHash.value
        await one.set(**{"decision.pulsePatterns": [Hash(
            "name", "renamed", "first", 0, "step", 1, "count", 0,
            "required", True)]})
        await sleepUntil(
            lambda: one.classifier.model.appliedConfigHash.value != before,
            timeout=WAIT)
        with pytest.raises(KaraboError, match="cause"):
            await one.classifier.acknowledge()
    async with bench(model_path, **settings) as one:
        await sleepUntil(lambda: one.classifier.state == State.INTERLOCKED,
                         timeout=WAIT)
        assert not one.classifier.armed
        await one.decide(0)
        with pytest.raises(KaraboError, match="is still present"):
            await one.classifier.acknowledge()
        await one.decide(1)
        await one.classifier.acknowledge()
        assert one.classifier.latchReason == ""
    async with bench(model_path, **settings) as one:
        await one.decide(1)
        assert one.classifier.latchReason == ""
        assert one.classifier.armed


async def test_trains_before_the_model_latch_no_alarm(model_path):
    async with bench("", **LAX) as one:
        out = await one.classify(1)
        assert "no verified model" in out["permitReason"]
        await sleepUntil(lambda: one.classifier.alarmCondition
                         == AlarmCondition.WARN, timeout=WAIT)
        await setWait(one.classifier.deviceId, modelPath=model_path)
        await one.live(timeout=WAIT)
        await one.classify(1)
        await sleepUntil(lambda: one.classifier.alarmCondition
                         == AlarmCondition.NONE, timeout=WAIT)


async def test_pulse_ids_of_any_size_reach_the_properties(model_path):
    ids = np.arange(2**64 - 8, 2**64, 2, dtype=np.uint64)
    async with bench(model_path, **LAX,
                     **{"source.pulseIdPath": "data.bunchId"}) as one:
        for _ in range(6):
            out = await one.output(await one.source.send({
                "adc": spectra_of(1), "bunchId": ids}))
        np.testing.assert_array_equal(out["pulseId"][:4], ids)
        await one.classifier.arm()
        out = await one.output(await one.source.send({
            "adc": spectra_of(1), "bunchId": ids}))
        assert out["permit"]
        await sleepUntil(lambda: one.classifier.permit, timeout=WAIT)
        assert one.classifier.decision.transitionPulse == 2**64 - 8
        assert one.classifier.decision.transitionPulseKnown
        # one id for the whole train is that of the train
        for _ in range(3):
            out = await one.output(await one.source.send({
                "adc": spectra_of(1),
                "bunchId": np.full(4, 2_800_000_000, np.uint64)}))
        np.testing.assert_array_equal(out["pulseId"][:4], np.arange(4))
        assert out["permit"]
        assert one.classifier.status == NO_PULSE_IDS
        assert one.classifier._stream.errors == 0
