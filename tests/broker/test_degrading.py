"""An engine that really is too slow: a part of the pulses, in turns."""
import time
from asyncio import CancelledError, create_task, sleep
from contextlib import suppress

import numpy as np
from karabo.middlelayer import AlarmCondition, Hash
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier import model
from spectra_classifier.core.model_definition import (
    ModelDefinition,
    PointwiseMembers,
    Preprocessing,
)
from spectra_classifier.core.spectra import Axis
from tests.broker.classifier_bench import bench

CHANNELS, BINS, HIDDEN, PULSES = 640, 10, 200, 2000
PERIOD = 0.1
PATTERNS = [Hash("name", name, "first", first, "step", 2, "count", 0,
                 "required", True)
            for name, first in (("pumped", 0), ("unpumped", 1))]


def heavy_model(path):
    """The published kind: in ONNX Runtime some 0.4 ms for a spectrum, as
    thresholds some us."""
    random = np.random.default_rng(3)

    def draw(*shape):
        return random.normal(size=shape).astype(np.float32)
    width = CHANNELS // BINS
    definition = ModelDefinition(
        "draft", ("low", "high"), Axis.channels(CHANNELS),
        Preprocessing(normalisation="area"),
        tuple((b * width, (b + 1) * width) for b in range(BINS)),
        PointwiseMembers(draw(BINS, 2, HIDDEN), draw(BINS, HIDDEN),
                         draw(BINS, HIDDEN, 2), draw(BINS, 2)),
        np.ones(BINS), np.abs(draw(2, CHANNELS)), 10.)
    model.save(path, definition, {"name": path.stem,
                                  "licence": "BSD-3-Clause"},
               np.full((1, CHANNELS), 100, np.float32))
    return str(path)


def raised(one):
    """Names of the alarms that are shown."""
    return {alarm.name for alarm in one.classifier._stream.flow.state.alarms
            if alarm.raised}


async def test_slow_then_fast_again(tmp_path):
    async with bench(heavy_model(tmp_path / "heavy.onnx"),
                     **{"decision.pulsePatterns": PATTERNS},
                     **{"load.engine": "onnxruntime",
                        "load.degradeOnPurpose": True},
                     **{"conditions.minCoverage": 0.01,
                        "load.queueLength": 20}) as one:
        spectra = np.random.default_rng(1).integers(
            50, 500, (PULSES, CHANNELS)).astype(np.uint16)
        device = one.classifier

        async def flow():
            start, number = time.monotonic(), 0
            while True:
                await one.source.send({"adc": spectra})
                number += 1
                await sleep(max(0, start + number * PERIOD
                                - time.monotonic()))
        task = create_task(flow())
        try:
            await sleepUntil(lambda: device.load.degraded.value, timeout=120)
            # what had piled up is worked off, and it holds
            await sleepUntil(lambda: device.latency.value < 1000, timeout=120)
            seen = len(one.collector.trains)
            await sleepUntil(lambda: len(one.collector.trains) > seen + 15,
                             timeout=120)
            labels = np.array([t["label"][:PULSES] for t in
                               one.collector.trains[seen:]])
            looked_at = labels != -5
            # on a busy machine a train may still be skipped as a whole
            looked_at = looked_at[looked_at.any(axis=1)]
            for pattern in looked_at[:, ::2], looked_at[:, 1::2]:
                assert (pattern.mean(axis=1) > 0.03).all()
            assert looked_at.mean() < 0.95
            # in turns: other pulses in the next train
            assert looked_at.any(axis=0).mean() > 1.5 * looked_at.mean()
            await sleepUntil(lambda: 0 < device.coverage < 1, timeout=120)
            await sleepUntil(lambda: "degraded" in raised(one), timeout=120)
            assert device.alarmCondition != AlarmCondition.NONE
            await sleepUntil(lambda: {
                row["reason"]: row["pulses"] for row in
                device.accounting.reasons.to_hashlist()}.get("degraded"),
                timeout=120)
            await one.set(**{"load.engine": "fused"})
            await sleepUntil(lambda: not device.load.degraded.value,
                             timeout=120)
            await sleepUntil(lambda: device.coverage == 1
                             and "degraded" not in raised(one), timeout=120)
        finally:
            task.cancel()
            with suppress(CancelledError):
                await task
        await one.output(one.source.next_train - 1)
        assert one.unaccounted() == ""
