"""On a real broker: drift, objections and overrides, an audit that stays."""
import json

import numpy as np
import pytest
from karabo.middlelayer import AlarmCondition, Hash, KaraboError, call
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier import model
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from tests.broker.classifier_bench import (
    LOOPBACK,
    PERMIT_HIGH,
    bench,
    save_model,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import definition, spectra_of


def save_without_verdict(path, **changes):
    """A model whose manifest does not say what its training found."""
    golden = np.concatenate([spectra_of(0, 2), spectra_of(1, 2)])
    model.save(path, definition(**changes),
               {"name": path.stem, "licence": "BSD-3-Clause"}, golden)
    return str(path)


def with_a_line(pulses=4):
    """Class "high" with a line that no class has."""
    spectra = spectra_of(1, pulses)
    spectra[:, 22:27] += 600
    return spectra


def records(folder, name="audit"):
    path, = folder.glob(f"*/{name}.jsonl")
    return [json.loads(line) for line in path.read_text().splitlines()
            if line]


def kinds(folder):
    return [record["kind"] for record in records(folder)]


async def permitted(one):
    await one.decide(1)
    await call(one.classifier.deviceId, "arm")
    out = await one.classify(1)
    assert out["permit"], out["permitReason"]


async def test_drift_takes_the_permit_and_says_what_has_drifted(tmp_path):
    folder = tmp_path / "audit"
    async with bench(save_model(tmp_path / "m.onnx"),
                     **{"source.maxPulses": 20},
                     reactions=PERMIT_HIGH, **{"alarms.delay": 0.1,
                     "auditing.directory": str(folder)}) as one:
        await permitted(one)
        # it is shown twice a second, and NaN before
        await sleepUntil(lambda: one.classifier.driftScore < 0.5, timeout=10)
        for _ in range(25):
            out = await one.output(await one.source.send(
                {"adc": with_a_line()}))
            if not out["permit"]:
                break
        assert "drift score" in out["permitReason"]
        assert "since train" in out["permitReason"]
        assert out["label"][0] == 1

        def drifting():
            # silence alarms as well, once the trains have ended
            return [row for row in one.classifier.alarms.current.value
                    if row["name"] == "drift"]

        await sleepUntil(drifting, timeout=10)
        row, = drifting()
        assert "since train" in row["reason"]
        assert row["active"]
        assert not row["acknowledged"]
        assert one.classifier.alarmCondition != AlarmCondition.NONE
        await sleepUntil(lambda: one.classifier.driftScore > 1, timeout=20)
        assert one.classifier.drift.reason.value in row["reason"]
        await call(one.classifier.deviceId, "acknowledge")
        await sleepUntil(lambda: drifting()[0]["acknowledged"], timeout=10)
    seen, = (record for record in records(folder, "alarms")
             if record["kind"] == "alarm acknowledged"
             and record["alarm"] == "drift")
    assert seen["who"]


async def test_an_objection_needs_an_override_that_is_kept_on_record(
        tmp_path):
    folder = tmp_path / "audit"
    first = save_without_verdict(tmp_path / "first.onnx")
    other = save_without_verdict(tmp_path / "other.onnx",
                                 weights=np.array([2., 1.]))
    async with bench(first, **{"source.maxPulses": 20}, reactions=PERMIT_HIGH,
                     **{"auditing.directory": str(folder)}) as one:
        await one.decide(1)
        await sleepUntil(
            lambda: "null test" in one.classifier.model.objection.value)
        with pytest.raises(KaraboError, match="holds no null test"):
            await call(one.classifier.deviceId, "arm")
        await one.set(**{"model.overrideObjection": ("commissioning, no "
                                                     "sample")})
        await permitted(one)
        before = one.classifier.modelId.value
        await one.set(modelPath=other)
        await sleepUntil(lambda: one.classifier.modelId != before)
        assert one.classifier.model.overrideObjection == ""
        assert not one.classifier.armed
        with pytest.raises(KaraboError, match=r"model\.overrideObjection"):
            await call(one.classifier.deviceId, "arm")
        await sleepUntil(lambda: "model" in kinds(folder), timeout=10)
        device_id = one.classifier.deviceId

    found = records(folder)
    assert {"started", "arm", "armed", "override", "disarmed", "model",
            "stopped"} <= set(kinds(folder))
    given, taken = (r for r in found if r["kind"] == "override")
    assert given["new"] == "commissioning, no sample"
    assert given["who"]
    assert taken["new"] == ""
    refusals = [r for r in found if r["kind"] == "arm"
                and r["outcome"] != "done"]
    assert len(refusals) == 2

    again = SpectraClassifier(Hash(
        "deviceId", device_id, "load.engine", "numpy", "modelPath", first,
        "source.maxPulses", 20, "reactions", PERMIT_HIGH,
        "model.overrideObjection", "from the last configuration",
        "auditing.directory", str(folder),
        "output", Hash("hostname", LOOPBACK),
        "preview", Hash("hostname", LOOPBACK)))
    async with DeviceContext(classifier=again):
        assert again.is_initialized
        await sleepUntil(lambda: again.modelId != "", timeout=20)
        assert "high" in list(again.decision.stateHistory.value["sampleState"])
        assert again.model.overrideObjection == ""
        assert not again.armed
        await sleepUntil(lambda: str(folder) in again.auditing.status.value,
                         timeout=10)
    assert kinds(folder).count("started") == 2
