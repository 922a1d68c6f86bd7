"""A shadow model beside a live one that must not notice it."""
import time

import numpy as np
import pytest
from karabo.middlelayer.testing import sleepUntil

from tests.broker.classifier_bench import PERMIT_HIGH, bench, save_model


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "good.onnx")


async def test_another_opinion(model_path, tmp_path):
    other = save_model(tmp_path / "other.onnx", min_intensity=1000.)
    async with bench(model_path, maxPulses=20, reactions=PERMIT_HIGH,
                     shadowModelPath=other) as one:
        device = one.classifier
        await sleepUntil(lambda: device.shadowModelId.value.startswith(
            "other"), timeout=20)
        await one.decide(1)
        await device.arm()
        out = await one.classify(1)
        assert out["permit"]            # nothing depends on it
        await sleepUntil(lambda: device.shadowTrains.value >= 3, timeout=20)
        assert np.all(out["label"][:4] == 1)
        assert device.shadowAgreement == 0
        row, = device.shadowDifferences.to_hashlist()
        assert [row[name] for name in ("pattern", "live", "shadow")] == [
            "all", "high", "rejected"]
        assert device.modelId.value.startswith("good")
        assert one.unaccounted() == ""
        # the same model agrees
        await one.set(shadowModelPath=model_path)
        await sleepUntil(lambda: device.shadowModelId.value.startswith(
            "good"), timeout=20)
        assert device.armed
        end = time.monotonic() + 20
        while device.shadowPulses.value < 8:
            assert time.monotonic() < end
            assert (await one.classify(1))["permit"]
        assert device.shadowAgreement == 1
        bad = tmp_path / "bad.onnx"
        bad.write_bytes(b"no model")
        await one.set(shadowModelPath=str(bad))
        await sleepUntil(lambda: device.shadowStatus.value.startswith(
            "refused"), timeout=20)
        assert "bad.onnx" in device.shadowStatus.value
        assert (await one.classify(1))["permit"]
        await one.set(shadowModelPath="")
        await sleepUntil(lambda: device.shadowStatus == "no shadow model",
                         timeout=20)
        assert device.shadowModelId == ""
