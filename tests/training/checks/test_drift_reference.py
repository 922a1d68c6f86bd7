"""What training writes down for the comparison with live spectra."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.drift.reference import FLOORS
from spectra_classifier.training.checks import drift_reference
from spectra_classifier.training.fit import train
from tests.training.conftest import FAST, dataset_of

LINEAR = replace(FAST, members="linear")


@pytest.fixture(scope="module")
def trained():
    data = dataset_of(each=24)
    return data, train(data, LINEAR)


def test_the_reference_is_the_raw_mean_of_each_class(trained):
    data, result = trained
    reference = result.definition.drift
    for c in (0, 1):
        mean = data.spectra[data.labels == c].mean(axis=0)
        np.testing.assert_allclose(reference.spectra[c], mean / mean.mean(),
                                   rtol=1e-5)
    assert reference.intensity == pytest.approx(data.spectra.mean(), rel=0.05)
    endured = drift_reference.tolerated_shift(data, result.definition)
    assert vars(reference.limits) == FLOORS | {
        "shift": max(endured, FLOORS["shift"])}


def test_captures_that_differ_widen_the_limits(trained):
    data, result = trained
    level = 0.3 * data.groups[:, None] / data.groups.max()
    spread = replace(data, spectra=data.spectra + level)
    wider = drift_reference.reference(spread, result.definition).limits
    assert wider.baseline > 1.5 * FLOORS["baseline"]
    scale = np.where(data.groups == 0, 3., 1.)[:, None]
    wider = drift_reference.reference(
        replace(data, spectra=data.spectra * scale), result.definition
    ).limits
    assert wider.intensity > 1.5 * FLOORS["intensity"]


def test_there_is_one_without_captures_as_well(trained):
    data, result = trained
    assert drift_reference.reference(replace(data, groups=None),
                           result.definition).limits.peak >= FLOORS["peak"]


def test_spectra_without_intensity_have_none(trained):
    data, result = trained
    mean_free = data.spectra - data.spectra.mean(axis=1, keepdims=True)
    for spectra in -data.spectra, mean_free, mean_free + 1e-12:
        assert drift_reference.reference(replace(data, spectra=spectra),
                                         result.definition) is None


def test_it_is_saved_and_loaded_with_the_model(trained, tmp_path):
    _, result = trained
    manifest = result.save(tmp_path / "m.onnx")
    loaded = model.load(tmp_path / "m.onnx").definition.drift
    np.testing.assert_array_equal(loaded.spectra,
                                  result.definition.drift.spectra)
    assert loaded.limits == result.definition.drift.limits
    assert loaded.intensity == result.definition.drift.intensity
    assert manifest["metrics"]["guards"]["verdict"]


def test_a_model_of_an_older_date_loads_without(tmp_path, trained):
    _, result = trained
    old = replace(result, definition=replace(result.definition, drift=None))
    assert "drift" not in old.save(tmp_path / "old.onnx")
    assert model.load(tmp_path / "old.onnx").definition.drift is None


@pytest.mark.parametrize(("apart", "endured"), [(2, {0}), (4, {1}),
                                                (12, {3})])
def test_a_shift_is_endured_until_classes_change(apart, endured):
    data = dataset_of(each=24)
    x = np.arange(data.spectra.shape[1])
    place = 30 + apart * (data.labels - 0.5)
    peak = np.exp(-np.square((x - place[:, None]) / 2))
    noise = np.random.default_rng(1).normal(size=peak.shape) / 50
    data = replace(data, spectra=1 + peak + noise)
    # without a limit of unknown, which a shift of one channel exceeds
    result = train(data, replace(LINEAR, unknown_level=0))
    assert drift_reference.tolerated_shift(data, result.definition) in endured
    assert result.definition.drift.limits.shift >= max(1, *endured)
