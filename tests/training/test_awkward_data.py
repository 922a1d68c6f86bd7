"""Units, offsets, dim classes and equal spectra: a model that works, or one
sentence."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, Code, make_train
from spectra_classifier.errors import InputError, ModelFileError
from spectra_classifier.training import intensity_gate
from spectra_classifier.training.evaluate import evaluate
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
from tests.training.conftest import dataset_of

OPTIONS = TrainingOptions(time_budget=0.5, bins=3)


@settings(deadline=None, max_examples=40)
@given(unit=st.integers(-18, 14), offset=st.sampled_from((0, 1, 1e3, 1e6)),
       dim=st.sampled_from((1, 0.3, 0.05)),
       spread=st.sampled_from((0, 0.02)), each=st.sampled_from((4, 12)),
       dtype=st.sampled_from(("f4", "f8")),
       members=st.sampled_from(("auto", "linear", "ridge")))
@example(unit=-6, offset=1e6, dim=1, spread=0.02, each=12, dtype="f8",
         members="auto")     # 32 bits see less of them than 64
def test_a_model_knows_its_own_spectra(tmp_path_factory, unit, offset, dim,
                                       spread, each, dtype, members):
    """Whatever the unit, the offset, the noise and the dimmer class."""
    data = dataset_of(each=each, spread=spread)
    data.spectra[data.labels == 1] = np.roll(
        data.spectra[data.labels == 1], 12, axis=1)
    if offset > 1:
        dim = 1         # the offset is all of the intensity
    spectra = (data.spectra * np.where(data.labels, dim, 1)[:, None]
               + offset) * 10. ** unit
    if np.abs(spectra).max() > 1e15:
        with pytest.raises(InputError, match="divide them"):
            train(replace(data, spectra=spectra), OPTIONS)
        return
    data = replace(data, spectra=spectra.astype(dtype))
    if offset > 1e3 and members != "auto":
        with pytest.raises(InputError, match="--normalisation snv"):
            train(data, replace(OPTIONS, members=members))
        return
    result = train(data, replace(OPTIONS, members=members))
    path = tmp_path_factory.mktemp("own") / "m.onnx"
    result.save(path)
    figures = evaluate(model.load(path), data, range(len(data)),
                       engine="numpy")
    # 32 bits leave a noise of 0.06 on an offset of 1e6
    assert figures["accuracy"] >= (0.9 if offset > 1e3 else 1)


def test_a_class_without_intensity_is_refused():
    data = dataset_of()
    empty = data.spectra * np.where(data.labels, 1e-3, 1)[:, None]
    with pytest.raises(InputError, match=r"'state 1'.*no beam"):
        train(replace(data, spectra=empty), OPTIONS)


@given(st.lists(st.floats(0.011, 1), min_size=2, max_size=6),
       st.floats(0, 0.1))
def test_no_class_is_below_its_own_gate(levels, empty):
    """Near-empty pulses of a bright class are, where a class is as dim."""
    labels = np.repeat(np.arange(len(levels)), 10)
    intensity = np.array([*levels])[labels]
    intensity[:4] *= empty
    spectra = intensity[:, None] * np.linspace(0.5, 1.5, 20)
    passed, limit = intensity_gate.filled(spectra, labels)
    assert passed[4:].all() and limit > 0
    intensity_gate.check(spectra, labels, [*map(str, levels)])
    if max(levels) * empty < min(levels) / 4:
        assert not passed[:4].any() or levels[0] * empty >= min(levels) / 2


def test_a_model_that_turns_its_own_spectra_away_is_not_armed():
    result = train(dataset_of(spread=0.3), replace(
        OPTIONS, members="linear", min_confidence=0.999))
    tests = result.report["null_tests"]
    assert (tests["verdict"], tests["arm"]) == ("not established", False)
    assert "get no class from the model itself" in tests["words"]
    assert any("from the model itself" in text
               for text in result.report["warnings"])
    unknown = [each["unknown"] for each in result.report["own_spectra"]]
    assert min(unknown) > 6


def test_what_would_not_load_is_not_written(tmp_path, monkeypatch):
    """A graph that computes otherwise than its definition."""
    result = train(dataset_of(), replace(OPTIONS, members="linear"))
    wrong = replace(result.definition, members=replace(
        result.definition.members,
        intercept=-result.definition.members.intercept + 1))
    build = model.store.graph.build
    with monkeypatch.context() as patch:
        patch.setattr(model.store.graph, "build", lambda _: build(wrong))
        with pytest.raises(ModelFileError, match="export the model again"):
            result.save(tmp_path / "m.onnx")
    assert not list(tmp_path.iterdir())


def test_more_bins_than_channels_name_the_option():
    with pytest.raises(InputError, match="1 to 60 with --bins"):
        train(dataset_of(), replace(OPTIONS, members="linear", bins=61))


@settings(deadline=None, max_examples=20)
@given(channels=st.integers(2, 9), captures=st.booleans(),
       members=st.sampled_from(("auto", "linear", "ridge")))
def test_few_channels_are_enough(tmp_path_factory, channels, captures,
                                 members):
    random = np.random.default_rng(channels)
    labels = np.arange(48) // 4 % 2
    spectra = 20 + random.normal(size=(48, channels))
    spectra[np.arange(48), -labels] += 10
    data = Dataset(Axis.channels(channels), spectra, labels, ("a", "b"),
                   np.arange(48) // 4 if captures else None)
    result = train(data, TrainingOptions(
        members=members, bins=1, time_budget=0.5))
    path = tmp_path_factory.mktemp("few") / "m.onnx"
    result.save(path)
    assert evaluate(model.load(path), data, range(len(data)),
                    engine="numpy")["accuracy"] >= 0.9


def test_without_a_gate_no_intensity_is_too_low(subtests, tmp_path):
    """Of numbers whose mean is nothing, as those of other instruments."""
    random = np.random.default_rng(0)
    labels = np.arange(40) % 2
    data = Dataset(Axis.channels(6), random.normal(size=(40, 6))
                   + labels[:, None] * [3, -3, 0, 3, -3, 0], labels,
                   ("a", "b"))
    for members in "auto", "linear":
        with subtests.test(members=members):
            result = train(data, TrainingOptions(
                members=members, bins=1, gate=False))
            assert result.report["gate"]["rule"] == intensity_gate.OFF
            assert not result.report["null_tests"]["arm"]
            manifest = result.save(tmp_path / f"{members}.onnx")
            assert manifest["gate"]["rule"] == intensity_gate.OFF
            low = replace(data, spectra=data.spectra - 50)
            engine = NumpyEngine(result.definition)
            found = engine.classify(make_train(0, low.spectra), Settings())
            assert (found.label != Code.LOW_INTENSITY).all()
