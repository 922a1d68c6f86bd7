"""What has been loaded is ready: a train waits for no compiler."""
import subprocess
import sys

import pytest

from spectra_classifier.live.configuration.live_model import (
    load_at_once,
    load_model,
)
from spectra_classifier.model.released import find_model

#: a process of its own, as other tests have loaded kernels; every use of a
#: kernel for other types is an overload, compiled or loaded from disk
PROGRAM = """
import gc, sys
import numpy as np
from numba.core.registry import CPUDispatcher
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.live.configuration.live_model import load_model

def overloads():
    return {(each.__qualname__, types) for each in gc.get_objects()
            if isinstance(each, CPUDispatcher) for types in each.overloads}

model = load_model(sys.argv[1], "fused", 1)
ready = overloads()
channels = len(model.definition.axis)
dark = np.full(channels, 10., np.float32)
mask = np.arange(channels) == 3
words = np.random.default_rng(1).integers(
    2000, 3000, (40 * model.definition.averaging, channels), np.uint16)
for settings in Settings(), Settings(dark=dark, mask=mask):
    for values in words, words.astype(np.float32):
        model.engine.classify(make_train(1, values), settings)
        model.preprocessed(values[:3], settings)
print(len(ready), sorted(name for name, _ in overloads() - ready))
"""


@pytest.mark.parametrize("name", [
    "gotthard2-ramp", "published-ramp", "fermentation-midir"])
def test_nothing_is_left_to_be_compiled(name):
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(find_model(name))], check=True,
        capture_output=True, text=True).stdout.split(" ", 1)
    assert int(said[0]) > 5
    assert said[1].strip() == "[]"


def test_a_model_that_is_known_is_ready_at_once(tmp_path):
    path = find_model("gotthard2-ramp")
    copy = tmp_path / "copy.onnx"
    copy.write_bytes(path.read_bytes())
    known = load_model(path, "fused", 2)
    again = load_at_once(copy, "fused", 2, [known])
    assert again.engine is known.engine
    assert again.path == again.loaded.path.as_posix() == str(copy)
    for kind, threads in ("fused", 1), ("numpy", 2):
        other = load_at_once(path, kind, threads, [known])
        assert other.loaded.definition is known.loaded.definition
        assert other.engine is not known.engine
        assert other.engine.name == kind
        assert other.threads == threads
