"""Models that are refused: with a reason, no permit, and a live device."""
import gc
import pickle
import threading
from dataclasses import replace
from weakref import ref

import numpy as np
import onnx
import pytest
from karabo.middlelayer import AlarmCondition, KaraboError, State
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier.core.spectra import Axis
from spectra_classifier.devices.classifier_base import configurator
from spectra_classifier.errors import ModelFileError
from spectra_classifier.live.configuration import live_model
from tests.broker.classifier_bench import PERMIT_HIGH, bench, save_model
from tests.devices.fakes import CHANNELS


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "good.onnx")


def truncated(path):
    data = path.read_bytes()
    path.write_bytes(data[:len(data) // 2])


def empty(path):
    path.write_bytes(b"")


def pickled(path):
    path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))


def text(path):
    path.write_text("this is no model\n")


def wrong_hash(path):
    """Weights that the manifest does not speak of."""
    proto = onnx.load(path)
    weights = next(tensor for tensor in proto.graph.initializer
                   if onnx.numpy_helper.to_array(tensor).ndim == 2)
    array = onnx.numpy_helper.to_array(weights) + np.float32(0.5)
    weights.CopyFrom(onnx.numpy_helper.from_array(array, weights.name))
    onnx.save(proto, path)


def without_manifest(path):
    proto = onnx.load(path)
    del proto.metadata_props[:]
    onnx.save(proto, path)
    for beside in path.parent.glob("*.json"):
        beside.unlink()


BROKEN = [truncated, pickled, text, wrong_hash, without_manifest]


async def refusal(one):
    await sleepUntil(lambda: one.classifier.modelStatus.value.startswith(
        "refused"), timeout=20)
    return one.classifier.modelStatus.value


async def test_no_model(tmp_path):
    async with bench(**{"source.maxPulses": 20}) as one:
        assert one.classifier.state == State.PASSIVE
        assert one.classifier.modelStatus == "no model"
        out = await one.classify(1)
        assert (out["label"][:4] == -5).all()
        assert out["pulseCount"] == 4
        assert not out["permit"]
        assert out["modelId"] == ""
        with pytest.raises(KaraboError, match="no verified model"):
            await one.classifier.arm()
        await sleepUntil(lambda: one.classifier.accounting.pulsesSkipped == 4)
        assert one.unaccounted() == ""
        await one.set(modelPath=save_model(tmp_path / "good.onnx"))
        await one.live()
        assert ((await one.classify(1))["label"][:4] == 1).all()


@pytest.mark.parametrize("damage", BROKEN, ids=lambda f: f.__name__)
async def test_a_bad_file_at_start(tmp_path, damage):
    path = tmp_path / "bad.onnx"
    save_model(path)
    damage(path)
    async with bench(**{"source.maxPulses": 20}) as one:
        await one.set(modelPath=str(path))
        status = await refusal(one)
        assert str(path) in status or "bad" in status
        await sleepUntil(lambda: one.classifier.state == State.ERROR,
                         timeout=20)
        assert one.classifier.alarmCondition == AlarmCondition.WARN
        out = await one.classify(1)
        assert (out["label"][:4] == -5).all()
        assert not out["permit"]
        # the device lives, and a good model ends it
        await one.set(modelPath=save_model(tmp_path / "good.onnx"))
        await one.live()
        assert ((await one.classify(1))["label"][:4] == 1).all()


async def test_bad_files_beside_a_live_model(model_path, tmp_path):
    async with bench(model_path, **{"source.maxPulses": 20},
                     reactions=PERMIT_HIGH) as one:
        first = one.classifier.modelId.value
        await one.decide(1)
        await one.classifier.arm()
        for damage in BROKEN:
            path = tmp_path / f"{damage.__name__}.onnx"
            save_model(path)
            damage(path)
            await one.set(modelPath=str(path))
            status = await refusal(one)
            assert first in status
            assert one.classifier.modelPath == model_path
            assert one.classifier.alarmCondition == AlarmCondition.WARN
            out = await one.decide(1)
            assert out["modelId"] == first
            assert out["permit"]        # nothing that it rests on changed
            assert one.classifier.state == State.PROCESSING
            # the next refusal must be seen as a new one
            one.classifier._configurator.refused = ""
            one.classifier._show_standing()
        assert one.unaccounted() == ""


async def test_an_empty_file_and_another_suffix(model_path, tmp_path):
    path = tmp_path / "empty.onnx"
    empty(path)
    other = tmp_path / "model.pkl"
    pickled(other)
    async with bench(model_path, **{"source.maxPulses": 20}) as one:
        with pytest.raises(KaraboError, match="is empty"):
            await one.set(modelPath=str(path))
        with pytest.raises(KaraboError, match=r"\.onnx"):
            await one.set(modelPath=str(other))
        assert one.classifier.modelPath == model_path


async def test_a_model_of_another_axis(model_path, tmp_path):
    """It is a good model, of another detector: its trains are refused."""
    path = tmp_path / "other.onnx"
    half = CHANNELS // 2
    save_model(path, axis=Axis.channels(half), bins=((0, half),),
               weights=np.ones(1),
               references=np.ones((2, half), np.float32))
    async with bench(model_path, **{"source.maxPulses": 20},
                     reactions=PERMIT_HIGH) as one:
        await one.set(modelPath=str(path))
        await sleepUntil(
            lambda: one.classifier.modelId.value.startswith("other"),
            timeout=20)
        out = await one.classify(1)
        assert (out["label"][:4] == -4).all()
        assert not out["permit"]
        await sleepUntil(
            lambda: (f"{CHANNELS} "
                     f"channels") in one.classifier.accounting.lastProblem,
            timeout=20)


async def test_a_dark_of_another_axis_refuses_the_model(model_path, tmp_path):
    path = tmp_path / "other.onnx"
    half = CHANNELS // 2
    save_model(path, axis=Axis.channels(half), bins=((0, half),),
               weights=np.ones(1),
               references=np.ones((2, half), np.float32))
    async with bench(model_path, **{"source.maxPulses": 20},
                     **{"dark.spectrum": [1.] * CHANNELS}) as one:
        first = one.classifier.modelId.value
        await one.set(modelPath=str(path))
        assert "dark" in await refusal(one)
        assert one.classifier.modelId == first
        assert one.classifier.modelPath == model_path


async def test_too_many_classes(model_path, tmp_path):
    path = tmp_path / "three.onnx"
    save_model(path, classes=("low", "high", "third"),
               references=np.ones((3, CHANNELS), np.float32))
    async with bench(model_path,
                     **{"source.maxPulses": 20, "model.maxClasses": 2}) as one:
        first = one.classifier.modelId.value
        await one.set(modelPath=str(path))
        assert "model.maxClasses" in await refusal(one)
        assert one.classifier.modelId == first


async def test_an_engine_that_cannot_be_made(model_path, monkeypatch):
    def broken(*args):
        raise RuntimeError("the compiler is gone")
    async with bench(model_path, **{"source.maxPulses": 20}) as one:
        monkeypatch.setattr(live_model, "make_engine", broken)
        await one.set(**{"load.engine": "onnxruntime"})
        assert "the compiler is gone" in await refusal(one)
        assert one.classifier.load.engine == "numpy"
        assert ((await one.classify(1))["label"][:4] == 1).all()


async def test_an_error_that_nothing_should_cause(model_path, tmp_path,
                                                  monkeypatch):
    def broken(*args):
        raise RuntimeError("cannot be")
    async with bench(model_path, **{"source.maxPulses": 20}) as one:
        first, path = one.classifier.modelId.value, str(model_path)
        keeper = one.classifier._configurator.keeper
        with monkeypatch.context() as patch:
            patch.setattr(keeper, "adoption", broken)
            await one.set(modelPath=save_model(tmp_path / "second.onnx",
                                               min_intensity=12.))
            assert "RuntimeError: cannot be" in await refusal(one)
        assert one.classifier.modelPath == path
        assert one.classifier.modelId == first
        assert ((await one.classify(1))["label"][:4] == 1).all()
        await one.set(modelPath=str(tmp_path / "second.onnx"))
        await sleepUntil(
            lambda: one.classifier.modelId.value.startswith("second"),
            timeout=20)
        with monkeypatch.context() as patch:
            patch.setattr(keeper, "adoption", broken)
            with pytest.raises(RuntimeError, match="cannot be"):
                await one.classifier.previousModel()
        assert one.classifier.modelPath.value.endswith("second.onnx")
        assert "cannot be" in await refusal(one)


async def test_only_the_last_of_several_models_becomes_live(
        model_path, tmp_path):
    async with bench(model_path, **{"source.maxPulses": 20}) as one:
        for number in range(5):
            path = save_model(tmp_path / f"m{number}.onnx",
                              min_intensity=11. + number)
            await one.set(modelPath=path)
        await sleepUntil(
            lambda: one.classifier.modelId.value.startswith("m4"), timeout=20)
        assert one.classifier.modelPath.value.endswith("m4.onnx")
        assert not one.classifier._configurator.loading


def test_a_model_that_cannot_be_loaded_says_why(tmp_path):
    path = tmp_path / "bad.onnx"
    save_model(path)
    truncated(path)
    with pytest.raises(ModelFileError, match=r"bad\.onnx"):
        live_model.load_model(str(path), "numpy", 1)


async def test_the_model_of_a_start_is_loaded_once(model_path, monkeypatch):
    """In the thread that begins when the device is made."""
    threads, load = [], configurator.load_at_once

    def loading(*args):
        threads.append(threading.current_thread().name)
        return load(*args)

    monkeypatch.setattr(configurator, "load_at_once", loading)
    async with bench(str(model_path)) as one:
        assert one.classifier.modelId.value
        assert threads == ["model_0"]


async def test_the_slower_engine_is_freed(model_path, monkeypatch):
    """Once the compiled one is in its place."""
    first = []

    def slow(*args):
        model = replace(live_model.load_model(*args), interim=True)
        first.append(ref(model))
        return model

    monkeypatch.setattr(configurator, "load_at_once", slow)
    monkeypatch.setattr(
        configurator.Compiler, "finish",
        lambda self, interim, *args: live_model.load_model(interim.path,
                                                           *args))
    async with bench(str(model_path)) as one:
        await sleepUntil(lambda: one.classifier.modelStatus.value.endswith(
            "verified and live"), timeout=60)
        await one.source.send_class(1, 4)
        await sleepUntil(lambda: one.collector.trains, timeout=60)

        def freed():
            gc.collect()
            return first[0]() is None

        await sleepUntil(freed, timeout=60)
