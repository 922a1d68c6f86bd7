"""After SIGKILL: the configured model wins, what was live is not forgotten.

Also where the device was to arm itself: it does not with another model.
"""
import shutil

import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import KaraboError, setWait

from spectra_classifier import model as models


@pytest.fixture(scope="module")
def other_model(gotthard_model, tmp_path_factory):
    """The same classifier under another name: another model."""
    definition = models.load(gotthard_model.path).definition
    path = tmp_path_factory.mktemp("other") / "other.onnx"
    models.save(path, definition, {"name": "other", "licence": "CC0-1.0"},
                np.ones((2, len(definition.axis)), np.float32))
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def arming_itself(beamline):
    beamline.configure("classifier", **{"conditions.armOnStart": True})
    await beamline.start()
    yield beamline
    beamline.configure("classifier", **{"conditions.armOnStart": False})


async def killed_and_started(line):
    line.servers["classifier"].kill()
    await line.start()
    await line.until("classifier", "modelStatus",
                     lambda words: "verified" in words)
    return str(await line.get("classifier", "modelStatus"))


async def test_what_was_live_before_is_shown_until_somebody_arms(
        arming_itself, other_model, gotthard_model):
    line = arming_itself
    configured = gotthard_model.manifest["id"]
    assert "before the start" not in await killed_and_started(line)
    await line.until("classifier", "armed", bool)

    await setWait(line.ids["classifier"], modelPath=str(other_model))
    await line.until("classifier", "modelId",
                     lambda name: name.startswith("other"))
    other = str(await line.get("classifier", "modelId"))

    # killed twice: nobody has looked in between
    for _ in range(2):
        words = await killed_and_started(line)
        assert f"{other} was live, now it is {configured}" in words
        assert await line.get("classifier", "modelId") == configured
        assert not await line.get("classifier", "armed")
        assert "before the start" in await line.get("classifier",
                                                    "alarmReason")
    await line.call("classifier", "arm")
    await line.until("classifier", "modelStatus",
                     lambda words: "before the start" not in words)
    assert "before the start" not in await killed_and_started(line)
    await line.until("classifier", "armed", bool)


async def test_a_model_file_that_is_gone_is_said(arming_itself,
                                                 gotthard_model, tmp_path):
    line, path = arming_itself, gotthard_model.path
    away = tmp_path / "away.onnx"
    shutil.move(path, away)
    try:
        line.servers["classifier"].kill()
        line.revive("classifier")
        await line.until("classifier", "modelStatus",
                         lambda words: "refused" in words, 60)
        assert await line.get("classifier", "state") == "ERROR"
        with pytest.raises(KaraboError):
            await line.call("classifier", "arm")
    finally:
        shutil.move(away, path)
        line.servers["classifier"].kill()
