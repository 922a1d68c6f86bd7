"""Snapshots of a live device, replayed; and what must not disturb it."""
from pathlib import Path

import numpy as np
import pytest
from karabo.middlelayer import Hash, KaraboError
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier.files.snapshots.reading import open_snapshot
from spectra_classifier.files.snapshots.replay import replay
from spectra_classifier.live.snapshots import writer
from tests.broker.classifier_bench import PERMIT_HIGH, bench, save_model

PATTERNS = [Hash("name", name, "first", first, "step", 2, "count", 0,
                 "required", True)
            for name, first in (("pumped", 0), ("unpumped", 1))]


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "good.onnx")


def recording(model_path, folder, **configuration):
    folder.mkdir(exist_ok=True)
    return bench(model_path, **{
        "source.maxPulses": 20, "reactions": PERMIT_HIGH,
        "load.engine": "fused",
        "snapshots.directory": str(folder), "snapshots.interval": 0.,
        "snapshots.trainsAfter": 2, "snapshots.onAlarm": False}
        | configuration)


def broken(*_):
    raise RuntimeError("a defect")


async def written(one, count):
    """Paths once so many snapshots are written."""
    await sleepUntil(lambda: one.classifier.snapshots.written == count,
                     timeout=20)
    return one.classifier.snapshots.last.value


async def test_a_change_is_written_and_replays_to_the_last_bit(
        model_path, tmp_path):
    async with recording(model_path, tmp_path / "events",
                         **{"dark.spectrum": [2.] * 32},
                         **{"source.maskedStrips": [3],
                            "decision.pulsePatterns": PATTERNS}) as one:
        await one.decide(0)
        await written(one, 1)
        outputs = [await one.decide(1) for _ in range(2)]
        path = await written(one, 2)
        with open_snapshot(path) as snapshot:
            assert snapshot.event.kind == "change"
            assert snapshot.event.reasons == (
                "sample state 'low' became 'high'",)
            trains = list(snapshot.trains())
        ids = [train.train_id for train in trains]
        assert ids == sorted(ids)
        assert snapshot.event.train_id in ids[:-1]
        # as published: what the collector got is what is in the file
        for train in trains:
            out = one.collector.train(train.train_id)
            count = int(out["pulseCount"])
            assert train.context.hash == out["configHash"]
            for name in "label", "confidence", "scores":
                np.testing.assert_array_equal(
                    np.asarray(out[name])[:count].reshape(count, -1)[
                        :, :getattr(train.result, name)[0].size],
                    getattr(train.result, name).reshape(count, -1))
        found = replay(path)
        assert found.pulses == 4 * len(trains)
        assert found.mismatches == 0
        assert outputs[-1]["modelId"] == found.models[0]
        assert one.unaccounted() == ""


async def test_asked_for(model_path, tmp_path):
    async with recording(model_path, tmp_path / "events",
                         **{"snapshots.onChange": False}) as one:
        with pytest.raises(KaraboError, match="no train"):
            await one.classifier.snapshot()
        await one.decide(1)
        await sleepUntil(lambda: one.classifier.snapshots.ringTrains == 6,
                         timeout=20)
        await one.set(**{"snapshots.directory": ""})
        with pytest.raises(KaraboError, match=r"snapshots\.directory"):
            await one.classifier.snapshot()
        await one.set(**{"snapshots.directory": str(tmp_path / "none")})
        await one.decide(1)
        with pytest.raises(KaraboError, match=str(tmp_path / "none")):
            await one.classifier.snapshot()
        await one.set(**{"snapshots.directory": str(tmp_path / "events")})
        await one.classifier.snapshot()
        await one.decide(1, trains=2)
        assert "manual" in await written(one, 1)


async def test_a_full_disk_is_said_and_counted_and_disturbs_nothing(
        model_path, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "KEEP_FREE", 2**62)
    async with recording(model_path, tmp_path / "events") as one:
        await one.decide(1)
        await sleepUntil(lambda: one.classifier.snapshots.failed == 1,
                         timeout=20)
        assert "must stay free" in one.classifier.snapshots.status.value
        await one.classifier.arm()
        assert (await one.classify(1))["permit"]
        assert list((tmp_path / "events").iterdir()) == []
        assert one.unaccounted() == ""
        monkeypatch.undo()
        await one.decide(0)
        assert Path(await written(one, 1)).exists()
        # even a defect in there holds up nothing
        await one.decide(1)
        await one.classifier.arm()
        for name in "train", "refresh", "write_status":
            monkeypatch.setattr(one.classifier._stream.snapshots, name, broken)
        for _ in range(3):
            assert (await one.classify(1))["permit"]
        await sleepUntil(lambda: one.classifier.load.handlerErrors > 0,
                         timeout=20)
        assert one.unaccounted() == ""


async def test_a_swap_in_the_middle_of_a_snapshot(model_path, tmp_path):
    """Every train replays with the model that it met."""
    other = save_model(tmp_path / "other.onnx", min_intensity=11.)
    async with recording(model_path, tmp_path / "events",
                         **{"snapshots.onChange": False}) as one:
        await one.decide(1)
        await one.set(modelPath=other)
        await sleepUntil(
            lambda: one.classifier.modelId.value.startswith("other"),
            timeout=20)
        await one.decide(1)
        await one.classifier.snapshot()
        await one.decide(1, trains=2)
        found = replay(await written(one, 1))
        assert [name.partition("-")[0] for name in found.models] == [
            "good", "other"]
        assert found.mismatches == 0
