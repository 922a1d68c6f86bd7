"""A start on a machine that never compiled."""
import os
import subprocess
import sys

from spectra_classifier.model.released import find_model

#: a process of its own, with an empty cache; every train is put through the
#: queue of a classifier and its accounts
COLD_START = """
import queue
import sys
from dataclasses import replace

import numpy as np
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.configuration import live_model
from spectra_classifier.live.processor import Processor
from spectra_classifier.live.queue_worker import Worker
from spectra_classifier.live.records import Fate, Incoming
from spectra_classifier.model.engines import make_engine
from tests.devices.fakes import VALUES

live_model.PATIENCE = 0.
live = live_model.load_at_once(sys.argv[1], "fused", 1)
configuration = build(VALUES, live)
references = live.definition.references
scale = 2000 / references.max()
random = np.random.default_rng(3)
delivered = queue.SimpleQueue()
worker = Worker(Processor(), delivered.put, 5)
worker.start()
for dtype in np.uint16, np.float32:
    spectra = (scale * np.abs(references[
        random.integers(len(references), size=24)])
        + random.normal(300, 3, (24, references.shape[1]))
        ).astype(dtype)
    engines, codes, number = [], [], 0
    while engines[-1:] != ["fused"]:
        number += 1
        before = live.engine.name if number > 1 else "onnxruntime"
        worker.queue.put_train(Incoming(
            number, 24, 0., arrays={"data": spectra}), configuration)
        outcome = delivered.get()
        worker.queue.settle()
        worker.done()
        assert outcome.fate is Fate.CLASSIFIED, outcome
        assert outcome.incoming.train_id == number
        assert len(outcome.result.label) == 24
        engines.append(before)
        codes.append(outcome.result.label)
    assert engines[0] == "onnxruntime", engines
    assert engines == sorted(engines, reverse=True), "back and forth"
    expected = make_engine(live.loaded, "numpy").classify(
        make_train(1, spectra), configuration.settings).label
    assert (np.array(codes) == expected).all()
    assert worker.queue.in_flight() == (0, 0)
    print(*dict.fromkeys(engines), len(set(expected.tolist())))
"""


def test_trains_do_not_wait_for_the_compiler(tmp_path):
    """The slow engine first, then the fast one, with the same codes."""
    done = subprocess.run(
        [sys.executable, "-c", COLD_START,
         str(find_model("gotthard2-ramp"))], text=True, capture_output=True,
        env=os.environ | {"NUMBA_CACHE_DIR": str(tmp_path),
                          "PYTHONPATH": os.pathsep.join(sys.path)})
    assert done.returncode == 0, done.stderr
    assert [line.split()[:2] for line in done.stdout.splitlines()] == [
        ["onnxruntime", "fused"]] * 2
