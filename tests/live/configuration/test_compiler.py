"""A process compiles what a model needs, and this one goes on with it."""
import copy
import os
import subprocess
import sys
import weakref
from dataclasses import replace

import pytest

from spectra_classifier.errors import ModelFileError
from spectra_classifier.live.configuration.compiler import Compiler
from spectra_classifier.live.configuration.live_model import (
    INTERIM,
    LiveModel,
)
from spectra_classifier.live.jobs import Cancelled
from spectra_classifier.model import load, make_engine
from spectra_classifier.model.released import find_model
from spectra_lab.environment import MALLOC


@pytest.fixture
def interim():
    """The released model without a baseline, as where nothing is compiled."""
    path = find_model("fermentation-midir")
    loaded = load(path)
    return LiveModel(str(path), loaded, make_engine(loaded, INTERIM),
                     interim=True)


def test_the_compiled_engine_takes_over(interim):
    model = Compiler().finish(interim, "fused", 2)
    assert (model.engine.name, model.interim) == ("fused", False)
    assert model.loaded is interim.loaded
    slow = weakref.ref(interim.engine)
    object.__setattr__(interim, "engine", None)
    assert slow() is None, "the slow engine is still held"


def test_another_answer_to_the_golden_input_is_refused(interim):
    manifest = copy.deepcopy(interim.loaded.manifest)
    labels = manifest["golden"]["labels"]
    manifest["golden"]["labels"] = [1 - labels[0], *labels[1:]]
    wrong = replace(interim, loaded=replace(interim.loaded,
                                            manifest=manifest))
    with pytest.raises(ModelFileError, match="golden input"):
        Compiler().finish(wrong, "fused", 1)


def test_nothing_is_compiled_after_the_end(interim):
    compiler = Compiler()
    compiler.stop()
    with pytest.raises(Cancelled):
        compiler.finish(interim, "fused", 1)


#: as in a device server, malloc keeps everything that was ever used
PROGRAM = """
import time
import numpy as np
from spectra_classifier.live.configuration import compiler

def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20

begin = resident()
used = [np.ones(2**17) for _ in range(100)]
del used
kept = resident() - begin
compiler._UNTIL_FREE = 0.
compiler.trim_later()
end = time.monotonic() + 60
while resident() - begin > kept / 2 and time.monotonic() < end:
    time.sleep(.01)
print(kept, resident() - begin)
"""


def test_what_the_slower_engine_used_goes_back_to_the_system():
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM], check=True, capture_output=True,
        text=True, env=os.environ | MALLOC).stdout
    kept, left = map(float, said.split())
    assert kept > 80
    assert left < kept / 2
