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
    async with bench(model_path, **{"source.maxPulses": 20},
                     reactions=PERMIT_HIGH,
                     **{"shadow.modelPath": other}) as one:
        device = one.classifier
        await sleepUntil(lambda: device.shadow.modelId.value.startswith(
            "other"), timeout=20)
        await one.decide(1)
        await device.arm()
        out = await one.classify(1)
        assert out["permit"]            # nothing depends on it
        await sleepUntil(lambda: device.shadow.trains.value >= 3, timeout=20)
        assert np.all(out["label"][:4] == 1)
        assert device.shadow.agreement == 0
        row, = device.shadow.differences.to_hashlist()
        assert [row[name] for name in ("pattern", "live", "shadow")] == [
            "all", "high", "rejected"]
        assert device.modelId.value.startswith("good")
        assert one.unaccounted() == ""
        # the same model agrees
        await one.set(**{"shadow.modelPath": model_path})
        await sleepUntil(lambda: device.shadow.modelId.value.startswith(
            "good"), timeout=20)
        assert device.armed
        end = time.monotonic() + 20
        while device.shadow.pulses.value < 8:
            assert time.monotonic() < end
            assert (await one.classify(1))["permit"]
        assert device.shadow.agreement == 1
        bad = tmp_path / "bad.onnx"
        bad.write_bytes(b"no model")
        await one.set(**{"shadow.modelPath": str(bad)})
        await sleepUntil(lambda: device.shadow.status.value.startswith(
            "refused"), timeout=20)
        assert "bad.onnx" in device.shadow.status.value
        assert (await one.classify(1))["permit"]
        await one.set(**{"shadow.modelPath": ""})
        await sleepUntil(lambda: device.shadow.status == "no shadow model",
                         timeout=20)
        assert device.shadow.modelId == ""
