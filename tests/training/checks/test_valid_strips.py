"""How few strips a model bears is measured, and kept in the model."""
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier import model
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import (
    DEFAULT_VALID_SHARE,
    Settings,
)
from spectra_classifier.core.preprocessing.preprocess import correct
from spectra_classifier.core.preprocessing.quality import strip_weights
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.training.checks import valid_strips
from spectra_classifier.training.fit import train
from tests.training.conftest import CHANNELS, FAST, dataset_of

# without a limit of unknown: with one, what is masked is unknown before it is
# wrong
LINEAR = replace(FAST, members="linear", unknown_level=0)


@pytest.fixture(scope="module")
def taught():
    """The peak tells the classes apart: what masks it takes all."""
    return train(dataset_of(each=120, captures=6), LINEAR)


def test_the_training_measures_it(taught):
    figures = taught.report["strips"]
    assert figures["measured"]
    assert figures["spectra"] >= valid_strips.FEW
    share = taught.definition.min_valid_share
    assert share == figures["min_valid_share"]
    kept = [trial for trial in figures["tried"] if trial["share"] >= share]
    for trial in kept:
        for kind in valid_strips.KINDS:
            assert trial[kind]["wrong"] <= (
                figures["without_mask"]["wrong"] + valid_strips.TOLERANCE)
    # the next one was tried, and failed
    worse = figures["tried"][len(kept)]
    assert max(worse[kind]["wrong"] for kind in valid_strips.KINDS) > (
        valid_strips.TOLERANCE)
    assert taught.info["metrics"]["strips"] == figures


def test_with_a_limit_of_unknown_a_masked_peak_is_unknown_and_not_wrong():
    found = train(dataset_of(each=120, captures=6), replace(
        LINEAR, unknown_level=0.01))
    assert np.isfinite(found.definition.unknown.max_residual)
    strips = found.report["strips"]
    assert all(trial[kind]["wrong"] <= valid_strips.TOLERANCE
               for trial in strips["tried"] for kind in valid_strips.KINDS)


def test_below_it_there_is_no_class(taught):
    definition = taught.definition
    weights = strip_weights(definition, Settings())
    random = np.random.default_rng(1)
    raw = make_train(1, dataset_of(each=20).spectra.astype(np.float32))
    engine = FusedEngine(definition)
    for kind in valid_strips.KINDS:
        few = valid_strips.mask(
            weights, definition.min_valid_share - 0.1, kind, random
        )
        assert (engine.classify(raw, Settings(mask=few)).label
                == Code.BAD_DATA).all()
        many = valid_strips.mask(
            weights, definition.min_valid_share + 0.02, kind, random
        )
        assert (engine.classify(raw, Settings(mask=many)).label
                != Code.BAD_DATA).all()


@pytest.mark.parametrize("members", ["auto", "mlp"])
def test_every_kind_of_members_has_it(tmp_path, members):
    result = train(dataset_of(each=12), replace(FAST, members=members))
    assert result.report["strips"]["measured"]
    # twelve spectra do not justify less than the default
    assert DEFAULT_VALID_SHARE <= result.definition.min_valid_share <= 1
    result.save(tmp_path / "m.onnx")
    loaded = model.load(tmp_path / "m.onnx").definition
    assert loaded.min_valid_share == result.definition.min_valid_share


def test_few_spectra_do_not_justify_fewer_strips(taught):
    data = dataset_of(each=valid_strips.FEW)

    def share(count):
        some = np.linspace(0, len(data.labels) - 1, count).astype(int)
        return valid_strips.borne(taught.definition, data.spectra[some],
                                  data.labels[some]).share
    assert (share(valid_strips.FEW) < DEFAULT_VALID_SHARE
            <= share(valid_strips.FEW - 1))


def test_without_spectra_to_leave_out_it_is_the_default():
    result = train(dataset_of(each=12), replace(LINEAR, folds=0))
    assert not result.report["strips"]["measured"]
    assert result.definition.min_valid_share == DEFAULT_VALID_SHARE


@given(st.sets(st.integers(0, CHANNELS - 1), max_size=CHANNELS - 2))
def test_strips_that_were_masked_in_training_are_found(masked):
    mask = np.zeros(CHANNELS, bool)
    mask[list(masked)] = True
    spectra = dataset_of(each=4).spectra
    found = valid_strips.untaught(
        correct(spectra, mask=mask).astype(np.float32)
    )
    assert set(found) >= masked
    if len(masked) <= CHANNELS // 2:
        assert set(found) == masked


def test_they_do_not_count(tmp_path):
    """A detector with dead strips is taught, and then used as it is."""
    mask = np.zeros(CHANNELS, bool)
    mask[:15] = True
    data = dataset_of(each=30)
    bridged = correct(data.spectra, mask=mask).astype(np.float32)
    result = train(replace(data, spectra=bridged), LINEAR)
    assert result.definition.untaught == tuple(range(15))
    result.save(tmp_path / "m.onnx")
    loaded = model.load(tmp_path / "m.onnx").definition
    assert loaded.untaught == result.definition.untaught
    found = FusedEngine(loaded).classify(
        make_train(1, data.spectra.astype(np.float32)), Settings(mask=mask))
    assert (found.label == data.labels).mean() > 0.9


@given(st.floats(0.05, 0.98), st.sampled_from(valid_strips.KINDS),
       st.integers(0, 100))
def test_a_mask_leaves_the_share_that_it_should(share, kind, seed):
    weights = np.repeat([1., 0., 3.], 40)
    mask = valid_strips.mask(weights, share, kind, np.random.default_rng(seed))
    left = weights[~mask].sum() / weights.sum()
    assert share - 3 / weights.sum() - 1e-9 <= left <= share + (
        3 / weights.sum())
    assert 0 < mask.sum() < len(mask)
