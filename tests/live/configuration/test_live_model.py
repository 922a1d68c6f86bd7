"""What has been loaded is ready: a train waits for no compiler."""
import subprocess
import sys

import pytest

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
