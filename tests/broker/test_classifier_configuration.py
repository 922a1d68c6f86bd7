"""Changes while data flow: at a train edge, no train lost, or not at all."""
from asyncio import CancelledError, create_task, sleep
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from operator import attrgetter

import numpy as np
import pytest
from karabo.middlelayer import Hash, KaraboError, State
from karabo.middlelayer.testing import sleepUntil

from tests.broker.classifier_bench import PERMIT_HIGH, bench, save_model
from tests.devices.fakes import CHANNELS

RATE = 50.      # Hz, five times what a facility sends


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "first.onnx")


@asynccontextmanager
async def flowing(model_path, **configuration):
    """A bench through which trains of class "high" flow."""
    async with bench(model_path, **{
            "reactions": PERMIT_HIGH, "source.maxPulses": 20}
            | configuration) as one:
        async def flow():
            while True:
                await one.source.send_class(1)
                await sleep(1 / RATE)
        task = create_task(flow())
        await sleepUntil(lambda: len(one.collector.trains) > 5, timeout=20)
        try:
            yield one
            await more_trains(one)
        finally:
            task.cancel()
            with suppress(CancelledError):
                await task
        await nothing_was_lost(one)


async def more_trains(one, count=5):
    seen = len(one.collector.trains)
    await sleepUntil(lambda: len(one.collector.trains) >= seen + count,
                     timeout=20)


async def nothing_was_lost(one):
    last = one.source.next_train - 1
    await one.output(last)
    trains = [int(t["trainId"]) for t in one.collector.trains]
    assert trains == list(range(trains[0], last + 1))
    assert one.unaccounted() == ""
    assert one.classifier.accounting.trainsSkipped == 0
    assert one.classifier._stream.errors == 0


async def in_force(one, before):
    """Wait for another configuration; returns its hash."""
    await sleepUntil(
        lambda: one.classifier.model.appliedConfigHash.value != before,
        timeout=20)
    return one.classifier.model.appliedConfigHash.value


def hashes(one):
    """Hashes of the outputs in the order of their first train."""
    return list(dict.fromkeys(t["configHash"] for t in one.collector.trains))


@pytest.mark.parametrize("change", [
    {"selectedBins": [0]}, {"minConfidence": 0.99}, {"minIntensity": 50.},
    {"reactions": PERMIT_HIGH[:1]}, {"decision.window": 9},
    {"source.pulseSelection": "0:2"}, {"dark.spectrum": [1.] * CHANNELS},
    {"source.maskedStrips": [3, 4]}, {"load.threads": 3},
    {"load.engine": "onnxruntime"},
    {"selectedBins": [1], "minConfidence": 0.5, "conditions.latching": True},
], ids=lambda change: "+".join(change))
async def test_a_change_is_in_force_from_one_train_on(model_path, change):
    async with flowing(model_path) as one:
        before = one.classifier.model.appliedConfigHash.value
        engine = one.classifier._stream.flow.configuration.model.engine
        await one.set(**change)
        if {"load.threads",
            "load.engine"} & set(change):     # the codes stay the same
            await sleepUntil(
                lambda: one.classifier._stream.flow.configuration.model.engine
                is not engine, timeout=10)
            assert one.classifier.model.appliedConfigHash == before
            return
        after = await in_force(one, before)
        await more_trains(one)
        assert hashes(one) == [before, after]
        assert one.collector.trains[-1]["configHash"] == after
        assert after in one.classifier.status.value


async def test_selected_bins_are_shown_in_the_table(model_path):
    async with flowing(model_path) as one:
        model = one.classifier.model
        assert list(model.bins.value["selected"]) == [True, True]
        before = model.appliedConfigHash.value
        await one.set(selectedBins=[1])
        await in_force(one, before)
        assert list(model.bins.value["selected"]) == [False, True]


async def test_a_change_disarms(model_path):
    async with flowing(model_path) as one:
        await one.classifier.arm()
        await sleepUntil(lambda: one.classifier.permit, timeout=20)
        await one.set(**{"conditions.maxLatency": 400.})
        assert not one.classifier._stream.flow.state.armed
        # one that is sent from now on: others may be decided already
        out = await one.output(one.source.next_train)
        assert not out["permit"]
        assert "changed" in out["permitReason"]
        await one.classifier.arm()
        await sleepUntil(lambda: one.classifier.permit, timeout=20)


async def test_setting_what_is_set_changes_nothing(model_path):
    async with flowing(model_path) as one:
        await one.classifier.arm()
        await one.set(**{"conditions.maxLatency": 500., "decision.window": 5})
        await more_trains(one)
        assert one.classifier.armed
        assert len(hashes(one)) == 1


BAD = [
    ({"selectedBins": [7]}, "bin 7"),
    ({"minConfidence": 2.}, "minConfidence"),
    ({"minIntensity": float("nan")}, "minIntensity"),
    ({"decision.fraction": 0.2}, "decision.fraction"),
    ({"source.pulseSelection": "odd ones"}, "odd ones"),
    ({"dark.spectrum": [1., 2.]}, "dark"),
    ({"source.maskedStrips": [999]}, "999"),
    ({"load.engine": "abacus"}, "engine"),
    ({"modelPath": "/no/such/model.onnx"}, "no such file"),
    ({"modelPath": "models/model.onnx"}, "absolute"),
    ({"modelPath": "model.onnx"}, "'model.onnx' is not a model in"),
    ({"reactions": [Hash("sampleClass", "nobody", "alarm", "none",
                         "permit", False)]}, "nobody"),
    ({"reactions": [Hash("sampleClass", "low", "alarm", "loud",
                         "permit", False)]}, "loud"),
    ({"reactions": [Hash("sampleClass", "low")]}, "alarm is missing"),
    ({"reactions": [Hash("sampleClass", "unknown", "alarm", "none",
                         "permit", True)]}, "unknown"),
    ({"decision.pulsePatterns": [Hash("name", "a", "first", 0, "step", 0,
                                      "count", 0,
                             "required", True)]}, "step"),
    # a good value beside a bad one is not taken either
    ({"decision.window": 9, "selectedBins": [7]}, "bin 7"),
    ({"minConfidence": 0.9, "source.maskedStrips": [999]}, "999"),
]


async def test_a_bad_value_leaves_everything_as_it_is(model_path):
    async with flowing(model_path) as one:
        await one.classifier.arm()
        classifier = one.classifier
        before = {key: str(attrgetter(key)(classifier)) for change, _ in BAD
                  for key in change}
        for change, words in BAD:
            with pytest.raises(KaraboError, match=words):
                await one.set(**change)
            assert words in classifier.status.value
            assert "Nothing was changed" in classifier.status.value
            after = {key: str(attrgetter(key)(classifier)) for key in before}
            assert after == before
        assert classifier.armed
        await more_trains(one)
        assert len(hashes(one)) == 1


async def test_another_model_while_data_flow(model_path, tmp_path):
    async with flowing(model_path) as one:
        first = one.classifier.modelId.value
        await one.classifier.arm()
        path = save_model(tmp_path / "second.onnx", min_intensity=11.)
        await one.set(modelPath=path)
        await sleepUntil(lambda: one.classifier.modelId.value != first,
                         timeout=10)
        second = one.classifier.modelId.value
        assert second.startswith("second-")
        assert not one.classifier.armed
        await more_trains(one)
        ids = [t["modelId"] for t in one.collector.trains]
        assert list(dict.fromkeys(ids)) == [first, second]
        assert one.classifier.model.previousId == first
        assert one.classifier.model.hash.value
        # the same classes: the reactions stand
        await one.classifier.arm()
        await one.classifier.previousModel()
        await sleepUntil(lambda: one.classifier.modelId == first, timeout=20)
        assert one.classifier.modelPath == model_path
        assert not one.classifier.armed
        assert one.classifier.model.previousId == second
        await more_trains(one)


async def test_a_model_with_other_classes_and_bins(model_path, tmp_path):
    async with flowing(model_path, selectedBins=[1]) as one:
        first = one.classifier.modelId.value
        path = save_model(tmp_path / "other.onnx", classes=("low", "top"),
                          bins=((0, 8), (8, 24), (24, 32)),
                          weights=np.ones(3))
        await one.set(modelPath=path)
        await sleepUntil(lambda: one.classifier.modelId.value != first,
                         timeout=10)
        assert list(one.classifier.selectedBins.value) == []
        assert list(one.classifier.model.classNames.value) == ["low", "top"]
        assert not one.classifier.model.reactionsConfirmed
        assert "set the reactions" in one.classifier.modelStatus.value
        with pytest.raises(KaraboError, match="reactions"):
            await one.classifier.arm()
        with pytest.raises(KaraboError, match="high"):
            await one.set(reactions=PERMIT_HIGH)
        before = one.classifier.model.appliedConfigHash.value
        await one.set(reactions=[
            Hash("sampleClass", "top", "alarm", "none", "permit", True)])
        await in_force(one, before)
        assert one.classifier.model.reactionsConfirmed
        await one.classifier.arm()
        await sleepUntil(lambda: one.classifier.permit, timeout=20)


async def test_what_is_set_while_a_model_loads_goes_with_it(
        model_path, tmp_path):
    async with flowing(model_path) as one:
        first = one.classifier.modelId.value
        path = save_model(tmp_path / "second.onnx", min_intensity=11.)
        await one.set(modelPath=path)
        await one.set(minConfidence=0.25)
        await sleepUntil(lambda: one.classifier.modelId.value != first,
                         timeout=10)
        live = one.classifier._configurator.live
        assert live.settings.min_confidence == 0.25
        assert live.model_id.startswith("second-")
        assert not one.classifier._configurator.loading


async def test_twenty_changes_in_a_row(model_path):
    async with flowing(model_path) as one:
        for number in range(20):
            await one.set(minConfidence=number / 100)
        await more_trains(one)
        assert one.classifier._stream.flow.pending is False
        # every train met a configuration that existed, in order
        order = [t["configHash"] for t in one.collector.trains]
        assert len(hashes(one)) == 1 + sum(
            a != b for a, b in pairwise(order))


async def test_a_bad_start_is_survived_and_can_be_mended(model_path):
    bad = [Hash("sampleClass", "x", "alarm", "none", "permit", False)] * 2
    async with bench(**{"source.maxPulses": 20}, reactions=bad) as one:
        assert one.classifier.state == State.PASSIVE
        assert "given twice" in one.classifier.modelStatus.value
        out = await one.classify(1)
        assert (out["label"][:4] == -5).all()
        assert not out["permit"]
        await one.set(reactions=PERMIT_HIGH, modelPath=model_path)
        await one.live()
        assert (await one.classify(1))["label"][0] == 1
        assert one.classifier._configurator.refused == ""
