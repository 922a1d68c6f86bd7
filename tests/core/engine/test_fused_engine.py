import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_models import definition

from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import (
    Baseline,
    ForeignMembers,
    Preprocessing,
    Settings,
    SpikeRule,
)
from spectra_classifier.core.preprocessing import spikes
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.errors import ConfigurationError

# a first call compiles, on a busy machine for a minute

REDUCED = Preprocessing(Baseline("reduced"), "none")


def counts(pulses, channels=30, seed=0, dtype=np.uint16):
    rng = np.random.default_rng(seed)
    return rng.integers(50, 200, (pulses, channels)).astype(dtype)


def same(a, b):
    for name in ("label", "confidence", "scores", "mixture", "residual",
                 "intensity", "votes"):
        np.testing.assert_array_equal(getattr(a, name), getattr(b, name),
                                      name)


def test_a_pulse_has_its_code_whatever_else_is_in_the_train(subtests):
    model = definition(preprocessing=REDUCED)
    raw = counts(100)
    every = FusedEngine(model).classify(make_train(7, raw), Settings())
    for pulses, threads in product([0, 1, 31, 32, 33, 100], [1, 2]):
        with subtests.test(pulses=pulses, threads=threads):
            engine = FusedEngine(model, threads)
            result = engine.classify(make_train(7, raw[:pulses]), Settings())
            assert result.pulses == pulses
            np.testing.assert_array_equal(result.label, every.label[:pulses])
            np.testing.assert_array_equal(result.votes, every.votes[:pulses])
            assert sum(count for name, count in result.counts().items()
                       if name != "unknown") == pulses


def test_threads_change_nothing():
    model = definition(preprocessing=REDUCED)
    train = make_train(1, counts(500))
    same(FusedEngine(model, 1).classify(train, Settings()),
         FusedEngine(model, 3).classify(train, Settings()))


def test_two_callers_at_once():
    engine = FusedEngine(definition(preprocessing=REDUCED))
    trains = [make_train(k, counts(200, seed=k)) for k in range(8)]
    alone = [engine.classify(train, Settings()) for train in trains]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(
            lambda train: engine.classify(train, Settings()), trains))
    for a, b in zip(alone, together, strict=True):
        same(a, b)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
def test_pulses_that_cannot_be_classified(dtype):
    model = definition(preprocessing=REDUCED, saturation_level=1000.,
                       min_intensity=20.)
    raw = counts(40, dtype=dtype)
    raw[1] = 3
    raw[2, 17] = 1000
    raw[3, 17] = 999
    verdicts = np.zeros(40, np.int8)
    verdicts[4] = Code.SKIPPED
    expected = {1: Code.LOW_INTENSITY, 2: Code.SATURATED, 4: Code.SKIPPED}
    if dtype is np.float32:
        raw[5, 3], raw[6, 29], raw[7, 0] = np.nan, np.inf, -np.inf
        expected |= dict.fromkeys((5, 6, 7), Code.BAD_DATA)
    result = FusedEngine(model).classify(
        make_train(1, raw, verdicts=verdicts), Settings())
    for row, code in expected.items():
        assert result.label[row] == code
    others = np.delete(np.arange(40), list(expected))
    assert (result.label[others] >= Code.UNKNOWN).all()
    assert (result.votes[others].sum(axis=2) == 10).all()
    assert not result.votes[list(expected)].any()
    assert np.isnan(result.residual[list(expected)]).all()


def test_a_masked_strip_may_hold_anything():
    model = definition(preprocessing=REDUCED, saturation_level=1000.)
    mask = np.zeros(30, bool)
    mask[[0, 14, 15, 29]] = True
    raw = counts(33, dtype=np.float32)
    plain = FusedEngine(model).classify(make_train(1, raw),
                                        Settings(mask=mask))
    raw[:, mask] = [np.nan, np.inf, 1e30, -1e30]
    same(plain, FusedEngine(model).classify(make_train(1, raw),
                                            Settings(mask=mask)))
    assert (plain.label >= Code.UNKNOWN).all()


def test_a_new_dark_counts_from_the_next_train_on():
    engine = FusedEngine(definition())
    raw = counts(10)
    first = engine.classify(make_train(1, raw), Settings())
    dark = np.full(30, 49.)
    second = engine.classify(make_train(2, raw), Settings(dark=dark))
    same(second, engine.classify(make_train(2, raw - 49), Settings()))
    same(first, engine.classify(make_train(1, raw), Settings()))


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.sampled_from([np.uint16, np.float32]),
       st.sampled_from(["none", "reduced", "exact"]), st.booleans(),
       st.sampled_from([1, 3]), st.floats(40, 150), st.floats(1, 4))
def test_spikes_are_those_of_the_reference(seed, dtype, mode, masked,
                                           averaging, limit, rough):
    """Any limits: of these spectra many strips stand out.

    Without a baseline other kernels look for them.
    """
    model = definition(
        channels=40, averaging=averaging, preprocessing=Preprocessing(
            Baseline(mode), spikes=SpikeRule(limit, rough)))
    random = np.random.default_rng(seed)
    mask = random.random(40) < 0.1 if masked else None
    raw = counts(40, 40, seed, dtype)
    run = Settings(dark=random.uniform(0, 50, 40).astype(np.float32),
                   mask=mask)
    fast, plain = (engine(model).classify(make_train(1, raw), run)
                   for engine in (FusedEngine, NumpyEngine))
    assert fast.spiked == plain.spiked
    np.testing.assert_array_equal(fast.label, plain.label)
    np.testing.assert_allclose(fast.scores, plain.scores, atol=0.04)
    off = replace(model, preprocessing=Preprocessing(Baseline(mode)))
    without = FusedEngine(off).classify(make_train(1, raw), run)
    assert without.spiked == 0
    if averaging == 1:      # what has no spike is not touched
        rows, _ = spikes.removed(
            raw, np.arange(40), model.preprocessing.spikes, run)
        others = np.setdiff1d(np.arange(40), rows)
        np.testing.assert_array_equal(fast.votes[others],
                                      without.votes[others])


def test_spectra_are_left_alone():
    raw = counts(40)
    before = raw.copy()
    FusedEngine(definition(preprocessing=REDUCED)).classify(
        make_train(1, raw), Settings(dark=np.ones(30)))
    assert (raw == before).all()


#: a process that has compiled nothing yet; prints what is compiled, or
#: fetched from the cache, by trains behind a warm-up
AFTER_WARM_UP = """
import importlib, itertools, pkgutil
from dataclasses import replace
import numpy as np
from small_models import definition, linear_members
from spectra_classifier.core.engine import kernels
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import (
    Baseline, Preprocessing, Settings, SpikeRule)
from spectra_classifier.core.spectra import make_train

modules = [importlib.import_module(f"{kernels.__name__}.{each.name}")
           for each in pkgutil.iter_modules(kernels.__path__)]

def versions():
    return {(module.__name__, name): len(kernel.signatures)
            for module in modules for name, kernel in vars(module).items()
            if hasattr(kernel, "signatures")}

dark = np.ones(30, np.float32)
dark.flags.writeable = False
random = np.random.default_rng(0)
for members, (mode, normalisation), averaging in itertools.product(
        (None, linear_members(((0, 10), (10, 20), (20, 30)))),
        (("none", "none"), ("reduced", "area")), (1, 3)):
    engine = FusedEngine(definition(
        members, averaging=averaging, preprocessing=Preprocessing(
            Baseline(mode), normalisation, spikes=SpikeRule(60., 1.5))))
    engine.warm_up()
    before = versions()
    assert any(before.values())
    spiked = 0
    for dtype, settings in itertools.product(
            (np.uint16, np.float32, np.int32, ">u2"),
            (Settings(), Settings(dark=dark), Settings(
                dark=np.ones(30), mask=np.arange(30) == 3,
                selected_bins=(0,)))):
        train = make_train(1, random.integers(
            50, 200, (40, 30)).astype(dtype))
        for each in (train, replace(
                train, spectra=train.spectra.astype(np.float32))):
            result = engine.classify(each, settings)
            assert result.counts()["low_intensity"] == 0
            spiked += result.spiked
    assert spiked
    after = versions()
    print(*(name for name in after if after[name] != before[name]))
"""


def test_warm_up_leaves_nothing_to_compile():
    found = subprocess.run(
        [sys.executable, "-c", AFTER_WARM_UP], check=True, text=True,
        capture_output=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(
            sys.path)})
    assert found.stdout.split() == []


def test_what_only_onnxruntime_can_run_is_refused():
    with pytest.raises(ConfigurationError, match="engine onnxruntime"):
        FusedEngine(definition(ForeignMembers()))


def test_a_forbidden_knot_step_is_refused():
    with pytest.raises(ConfigurationError, match="every 2 channels"):
        FusedEngine(definition(preprocessing=Preprocessing(
            Baseline("reduced", 1e3, knot_step=8), "none")))


def test_no_threads_are_refused():
    with pytest.raises(ConfigurationError, match="0 threads"):
        FusedEngine(definition(), 0)
