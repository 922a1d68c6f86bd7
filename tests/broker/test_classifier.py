"""The device on a real broker: codes, sample state, permit, life."""
import logging
import time
from asyncio import gather
from contextlib import asynccontextmanager
from io import StringIO

import numpy as np
import pytest
from karabo.middlelayer import (
    AlarmCondition,
    Hash,
    KaraboError,
    State,
    call,
    encodeBinary,
    read_scene,
)
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier.devices.classifier_base.paced_values import BURST
from spectra_classifier.devices.classifier_base.publisher import HISTORY_PERIOD
from tests.broker.classifier_bench import (
    FIRST_TRAIN,
    PERMIT_HIGH,
    bench,
    save_model,
)

INTERLOCK_LOW = [
    Hash("sampleClass", "high", "alarm", "none", "permit", True),
    Hash("sampleClass", "low", "alarm", "interlock", "permit", False)]


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "first.onnx")


def armable(model_path, **configuration):
    """A bench whose class "high" permits."""
    return bench(model_path,
                 **{"reactions": PERMIT_HIGH, "source.maxPulses": 20}
                 | configuration)


async def permitted(one):
    """Arm on class "high" and wait for the permit."""
    await one.decide(1)
    await one.classifier.arm()
    out = await one.classify(1)
    assert out["permit"], out["permitReason"]
    return out


async def test_a_train_gets_its_codes(model_path):
    async with bench(model_path,
                     **{"source.maxPulses": 10, "model.maxClasses": 3}) as one:
        assert one.classifier.state == State.ON
        out = await one.classify(1, pulses=4)
        np.testing.assert_array_equal(out["label"], [1] * 4 + [-5] * 6)
        assert out["pulseCount"] == 4
        assert out["trainId"] == FIRST_TRAIN
        assert out["modelId"] == one.classifier.modelId
        assert out["configHash"] == one.classifier.model.appliedConfigHash
        assert out["configCode"] == int(out["configHash"], 16)
        assert out["modelCode"] == int(
            one.classifier.model.hash.value[:16], 16)
        assert out["fateCode"] == 0
        assert out["scores"].shape == (10, 3)
        np.testing.assert_allclose(out["scores"][:4].sum(axis=1), 1, 1e-5)
        assert not out["scores"][4:].any()
        assert (out["confidence"][:4] > 0.5).all()
        assert 0 < out["latency"] < 1000
        assert not out["permit"]
        assert "armed" in out["permitReason"]
        assert int(one.collector.timestamps[0].tid) == FIRST_TRAIN
        assert one.classifier.state == State.PROCESSING
        await sleepUntil(
            lambda: one.classifier.accounting.pulsesClassified == 4)
        assert one.unaccounted() == ""


def _history(one):
    return one.classifier.decision.stateHistory.value


async def test_the_sample_state_and_its_history(model_path):
    async with armable(model_path) as one:
        await one.decide(0)
        assert one.classifier.sampleState == "low"
        assert one.classifier.alarmCondition == AlarmCondition.WARN
        first = one.source.next_train
        await one.decide(1)
        assert one.classifier.sampleState == "high"
        assert one.classifier.sampleStateIndex == 1
        assert one.classifier.decision.previousSampleState == "low"
        assert one.classifier.decision.transitionTrainId == first
        await sleepUntil(lambda: list(
            one.classifier.decision.classFractions.value) == [0, 1],
            timeout=20)
        await sleepUntil(lambda: list(_history(one)["sampleState"][:2]) == [
            "high", "low"], timeout=20)
        rows = _history(one)
        assert rows["configHash"][0] == one.classifier.model.appliedConfigHash


async def test_a_state_that_changes_all_the_time_sends_its_history_seldom(
        model_path):
    async with armable(model_path) as one:
        begin, stamps = time.monotonic(), set()
        for number in range(12):
            await one.decide(number % 2)
            stamps.add(one.classifier.decision.stateHistory.timestamp
                       .toTimestamp())
        elapsed = time.monotonic() - begin
        # nothing is lost
        await sleepUntil(lambda: list(_history(one)["sampleState"]).count(
            "high") == 6, timeout=20)
        assert len(stamps) <= elapsed / HISTORY_PERIOD + 2


async def test_no_permit_without_an_operator_and_none_in_silence(model_path):
    async with armable(model_path, **{"conditions.staleAfter": 0.3}) as one:
        out = await one.decide(1)
        assert not out["permit"]
        before = (await permitted(one))["permitSequence"]
        out = await one.classify(1)
        assert out["permit"]
        assert out["permitSequence"] == before + 1
        assert out["permitTrainId"] == out["trainId"]
        assert out["permitValidFor"] == 500
        await sleepUntil(lambda: not one.classifier.permit, timeout=20)
        assert "no new train" in one.classifier.permitReason.value
        assert one.classifier.alarmCondition == AlarmCondition.ALARM
        await sleepUntil(lambda: one.classifier.state == State.ON, timeout=20)


async def test_a_disarm_while_the_output_is_written_stands(
        model_path, monkeypatch):
    async with armable(model_path) as one:
        await permitted(one)
        publisher = one.classifier._publisher
        taken, written = publisher._taken, []

        async def disarm_meanwhile(writing):
            await taken(writing)
            await one.classifier.disarm()
            written.clear()     # the watch may have said so before

        def note(values, timestamp=None):
            written.append(values.get("permit"))
            write(values, timestamp)

        write = publisher.write
        monkeypatch.setattr(publisher, "_taken", disarm_meanwhile)
        monkeypatch.setattr(publisher, "write", note)
        out = await one.classify(1)
        assert out["permit"]        # decided before the disarm
        await sleepUntil(lambda: one.classifier.trainId == out["trainId"],
                         timeout=20)
        assert True not in written
        assert not one.classifier.permit


async def test_another_class_or_a_bad_train_ends_the_permit(model_path):
    async with armable(model_path) as one:
        await permitted(one)
        out = await one.decide(0)
        assert not out["permit"]
        assert "low" in out["permitReason"]
        assert (await one.decide(1))["permit"]
        train = await one.source.send({"adc": np.ones(3, np.uint16)})
        assert not (await one.output(train))["permit"]
        assert (await one.classify(1))["permit"]


async def test_disarming_is_at_once(model_path):
    async with armable(model_path) as one:
        await permitted(one)
        await one.classifier.disarm()
        assert not one.classifier.permit
        assert not one.classifier.armed
        assert not (await one.classify(1))["permit"]


@asynccontextmanager
async def updates_of(device):
    """The property updates that it sends meanwhile."""
    found, send = [], device.signalChanged
    device.signalChanged = lambda changed, device_id: (
        found.append(changed), send(changed, device_id))
    yield found
    del device.signalChanged


async def test_what_a_train_says_goes_out_in_one_update(model_path):
    group = {"permitTrainId", "permitSequence", "trainId"}
    async with armable(model_path) as one:
        await one.classify(1)
        async with updates_of(one.classifier) as updates:
            train = int((await one.classify(1))["trainId"])
            await sleepUntil(lambda: one.classifier.trainId == train,
                             timeout=20)
            await sleepUntil(lambda: updates, timeout=20)
        of_train = [update for update in updates if group & set(
            update.paths())]
        assert len(of_train) == 1
        assert group <= set(of_train[0].paths())
        assert {of_train[0][path, "tid"] for path in of_train[0].paths()} == {
            train}


async def test_a_permit_that_changes_goes_out_at_once_and_whole(model_path):
    group = {"permit", "permitReason", "permitTrainId", "permitSequence",
             "permitValidFor"}
    async with armable(model_path) as one:
        await permitted(one)
        async with updates_of(one.classifier) as updates:
            await one.classifier.disarm()
            assert not one.classifier.permit        # without waiting
            await sleepUntil(lambda: updates, timeout=20)
        first, = [update for update in updates if "permit" in update]
        assert group <= set(first.paths())


async def test_many_trains_are_few_updates(model_path):
    """What changes with every train follows once a second at the most."""
    async with armable(model_path) as one:
        await permitted(one)
        await one.decide(1, trains=10)
        begun = time.monotonic()
        async with updates_of(one.classifier) as updates:
            while time.monotonic() - begun < 5:
                await one.classify(1)
            seconds = time.monotonic() - begun
        size = sum(len(encodeBinary(update)) for update in updates)
        assert 3 <= len(updates) < 2 * seconds
        assert size < 1000 * seconds + BURST


async def test_the_interlock_is_latched_and_acknowledged(model_path):
    async with armable(model_path, reactions=INTERLOCK_LOW) as one:
        await permitted(one)
        out = await one.decide(0)
        assert not out["permit"]
        assert one.classifier.state == State.INTERLOCKED
        assert one.classifier.alarmCondition == AlarmCondition.INTERLOCK
        with pytest.raises(KaraboError, match="is still present"):
            await one.classifier.acknowledge()
        out = await one.decide(1)
        assert "latched" in out["permitReason"]
        await one.classifier.reset()
        await one.decide(1)
        assert one.classifier.state == State.INTERLOCKED
        await one.classifier.acknowledge()
        await one.decide(1)
        assert one.classifier.state == State.PROCESSING


async def test_a_refused_click_leaves_no_traceback(model_path, caplog):
    async with bench("") as one:
        await sleepUntil(lambda: one.classifier.state == State.PASSIVE)
        for name in ("arm", "captureDark"):
            with pytest.raises(KaraboError, match="not allowed in state"):
                await call(one.classifier.deviceId, name)
        with pytest.raises(KaraboError, match="no other model"):
            await call(one.classifier.deviceId, "previousModel")
    assert [record for record in caplog.records
            if record.levelno >= logging.ERROR] == []


async def test_the_gate_must_be_on_to_arm(model_path):
    async with armable(model_path, minIntensity=0.) as one:
        await one.decide(1)
        with pytest.raises(KaraboError, match="minIntensity"):
            await one.classifier.arm()


async def test_a_restart_comes_back_disarmed(model_path):
    async with armable(model_path) as one:
        await permitted(one)
    async with armable(model_path) as one:
        assert not (await one.decide(1))["permit"]


async def test_unless_it_is_told_to_arm_on_start(model_path):
    async with armable(model_path, **{"conditions.armOnStart": True}) as one:
        assert (await one.decide(1))["permit"]


async def test_reset_counts_anew_while_trains_come(model_path):
    async with armable(model_path) as one:
        await permitted(one)
        await gather(one.classifier.reset(), one.source.send_class(1),
                     one.source.send_class(1))
        out = await one.decide(1)
        assert one.classifier._stream.flow.ledger.received.trains <= 8
        assert one.unaccounted() == ""
        assert one.classifier.accounting.problem == ""
        assert one.classifier.armed
        assert out["permit"]


async def test_without_a_train_id_nothing_is_permitted(model_path):
    async with armable(model_path) as one:
        await permitted(one)
        out = await one.decide(1, train_id=0)
        assert not out["permit"]
        assert "train id is 0" in out["permitReason"]


async def test_an_old_train_does_not_permit(model_path):
    async with armable(model_path) as one:
        await permitted(one)
        out = await one.classify(1, age=5.)
        assert not out["permit"]
        assert "age" in out["permitReason"]


async def test_pulse_patterns_are_decided_apart(model_path):
    patterns = [
        Hash("name", "pumped", "first", 0, "step", 2, "count", 0,
             "required", True),
        Hash("name", "unpumped", "first", 1, "step", 2, "count", 0,
             "required", False)]
    async with armable(model_path,
                       **{"decision.pulsePatterns": patterns}) as one:
        spectra = np.concatenate([one.spectra(1, 1), one.spectra(0, 1)] * 3)
        for _ in range(6):
            train = await one.source.send({"adc": spectra})
            await one.output(train)
        await sleepUntil(
            lambda: list(
                one.classifier.decision.patternStates.value["sampleState"])
            == ["high", "low"], timeout=20)
        assert one.classifier.sampleState == "high"


async def test_pulses_that_are_not_selected_are_skipped(model_path):
    async with armable(model_path, **{"source.pulseSelection": "0:2"}) as one:
        out = await one.classify(1, pulses=5)
        np.testing.assert_array_equal(out["label"][:5], [1, 1, -5, -5, -5])
        await sleepUntil(lambda: one.classifier.coverage == 1, timeout=20)
        await sleepUntil(lambda: one.classifier.accounting.pulsesSkipped == 3,
                         timeout=20)


async def test_the_preview_explains_a_pulse(model_path):
    async with armable(model_path) as one:
        for _ in range(10):
            await one.classify(1)
        data = one.classifier.preview.schema.data
        assert data.label == 1
        assert data.spectrum.value.shape == data.axis.value.shape
        assert data.references.value.shape[0] == 2
        np.testing.assert_allclose(data.votes.value.sum(axis=1), 1, 1e-5)


async def test_the_scene_can_be_had(model_path):
    async with armable(model_path) as one:
        device_id = one.classifier.deviceId
        for name in one.classifier.availableScenes.value:
            reply = await call(device_id, "requestScene",
                               Hash("name", name))
            assert reply["payload.success"]
            assert read_scene(StringIO(
                reply["payload.data"])).children
        reply = await call(device_id, "requestScene", Hash("name", "no"))
        assert not reply["payload.success"]

