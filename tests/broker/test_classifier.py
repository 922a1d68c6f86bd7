"""The device on a real broker: from a train to its codes."""
import numpy as np
import pytest
from karabo.middlelayer import State
from karabo.middlelayer.testing import sleepUntil

from tests.broker.classifier_bench import FIRST_TRAIN, bench, save_model


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "first.onnx")


async def test_a_train_gets_its_codes(model_path):
    async with bench(model_path, maxPulses=10, maxClasses=3) as one:
        assert one.classifier.state == State.ON
        out = await one.classify(1, pulses=4)
        np.testing.assert_array_equal(out["label"], [1] * 4 + [-5] * 6)
        assert out["pulseCount"] == 4
        assert out["trainId"] == FIRST_TRAIN
        assert out["modelId"] == one.classifier.modelId
        assert out["configHash"] == one.classifier.appliedConfigHash
        assert out["scores"].shape == (10, 3)
        np.testing.assert_allclose(out["scores"][:4].sum(axis=1), 1, 1e-5)
        assert not out["scores"][4:].any()
        assert (out["confidence"][:4] > 0.5).all()
        assert 0 < out["latency"] < 1000
        assert not out["permit"]
        assert "armed" in out["permitReason"]
        assert int(one.collector.timestamps[0].tid) == FIRST_TRAIN
        assert one.classifier.state == State.PROCESSING
        await sleepUntil(lambda: one.classifier.pulsesClassified == 4)
        assert one.unaccounted() == ""
