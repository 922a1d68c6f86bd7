"""Twenty swaps while trains flow: none lost, none of two models.

The long version, at full size, is benchmarks/swaps.py.
"""
import time
from asyncio import CancelledError, create_task, sleep
from contextlib import suppress
from itertools import pairwise

import numpy as np
from karabo.middlelayer.testing import sleepUntil

from spectra_classifier import model
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from tests.broker.classifier_bench import bench, save_model
from tests.devices.fakes import spectra_of

SWAPS, PULSES, RATE = 20, 300, 20.


def graded(pulses):
    """Spectra from dark to bright: every gate cuts them elsewhere."""
    steps = np.linspace(0.01, 3, pulses)[:, None]
    return (steps * spectra_of(1, pulses)).astype(np.uint16)


async def test_twenty_swaps_while_trains_flow(tmp_path):
    spectra = graded(PULSES)
    paths, expected = {}, {}
    for name, gate in ("one", 50.), ("other", 150.):
        path = save_model(tmp_path / f"{name}.onnx", min_intensity=gate)
        loaded = model.load(path)
        paths[loaded.definition.model_id] = path
        expected[loaded.definition.model_id] = model.make_engine(
            loaded).classify(make_train(1, spectra), Settings()).label
    first, second = paths
    assert (expected[first] != expected[second]).sum() > PULSES / 10
    async with bench(paths[first], **{"load.engine": "fused"},
                     **{"load.queueLength": 100}) as one:
        async def flow():
            start, number = time.monotonic(), 0
            while True:
                await one.source.send({"adc": spectra})
                number += 1
                await sleep(max(0, start + number / RATE - time.monotonic()))
        task = create_task(flow())
        try:
            for number in range(SWAPS):
                wanted = (second, first)[number % 2]
                await one.set(modelPath=paths[wanted])
                await sleepUntil(
                    lambda wanted=wanted: one.collector.trains
                    and one.collector.trains[-1]["modelId"] == wanted,
                    timeout=30)
        finally:
            task.cancel()
            with suppress(CancelledError):
                await task
        last = one.source.next_train - 1
        await one.output(last)
        trains = one.collector.trains
        ids = [int(train["trainId"]) for train in trains]
        assert ids == list(range(ids[0], last + 1))
        changes = sum(a["modelId"] != b["modelId"]
                      for a, b in pairwise(trains))
        assert changes == SWAPS
        for train in trains:
            label = np.asarray(train["label"])[:PULSES]
            looked_at = label != -5
            np.testing.assert_array_equal(
                label[looked_at], expected[train["modelId"]][looked_at])
        assert one.unaccounted() == ""
        assert one.classifier.trainsLost == 0
