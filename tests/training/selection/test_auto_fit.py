"""`auto`: chooses on training data alone, and says what it did."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, Code, make_train
from spectra_classifier.training.evaluate import evaluate
from spectra_classifier.training.fit import train
from spectra_classifier.training.labelled import labelled
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.selection import (
    auto_fit,
    novelty_limits,
    selection,
)

CHANNELS = 240
AUTO = TrainingOptions(members="auto")


def peaks(state, random, count=1, noise=0.3, energy=None):
    """A line that moves by 4 channels over a background, times energy."""
    place = np.arange(CHANNELS)
    line = 20 * np.exp(-0.5 * ((place - 100 - 4 * state) / 5.) ** 2)
    other = 12 * np.exp(-0.5 * ((place - 180) / 7.) ** 2)
    energy = (random.gamma(9., 1 / 9, (count, 1)) if energy is None
              else energy)
    return energy * (line + other + 6.) + noise * random.normal(
        size=(count, CHANNELS))


def dataset_of(captures=4, each=13, classes=2, seed=0, **changes):
    """Interleaved captures A B A B ..., or none with `captures` 0."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(max(captures, 1) * classes) % classes, each)
    groups = np.repeat(np.arange(max(captures, 1) * classes), each)
    spectra = np.concatenate([peaks(c, random, 1, **changes)
                              for c in labels])
    return Dataset(Axis.channels(CHANNELS), spectra.astype(np.float32),
                   labels, tuple("abc"[:classes]),
                   groups if captures else None)


def fit(data, options, *progress):
    return auto_fit.fit(labelled(data), options, *progress)


def accuracy(definition, data):
    result = NumpyEngine(definition).classify(
        make_train(0, data.spectra), Settings())
    return float((result.label == data.labels).mean())


@pytest.fixture(scope="module")
def result():
    return train(dataset_of(), AUTO)


def test_unseen_captures_are_classified(result):
    assert accuracy(result.definition, dataset_of(seed=9)) > 0.97
    assert result.report["cross_validation"]["by"] == "captures"
    assert result.report["null_tests"]["verdict"] == "separable"
    assert result.report["null_tests"]["arm"]


def test_what_was_chosen_is_said(result):
    choice = result.report["choice"]
    assert choice["candidates"] >= 40
    assert 1 <= len(choice["chosen"]) <= selection.MOST
    views = [entry["name"].split(",")[0] for entry in choice["chosen"]]
    assert len(set(views)) == len(views)
    losses = [entry["log_loss"] for entry in choice["ranking"]]
    assert losses == sorted(losses)
    assert choice["operations_per_spectrum"] > CHANNELS
    unknown = result.report["unknown"]
    assert unknown["left_out"]["of"] == 104
    assert unknown["left_out"]["unknown"] <= 2
    assert result.info["metrics"]["unknown"] == unknown


def test_weights_let_every_candidate_count_alike(result):
    members, weights = result.definition.members, result.definition.weights
    share = np.bincount(members.view_of, weights)
    np.testing.assert_allclose(share, 1 / len(share))


def test_the_model_survives_its_file(result, tmp_path):
    path = tmp_path / "auto.onnx"
    result.save(path)
    loaded = model.load(path)
    data = dataset_of(seed=5)
    train_ = make_train(0, data.spectra)
    mine = NumpyEngine(result.definition).classify(train_, Settings())
    other = model.make_engine(loaded, "onnxruntime").classify(train_,
                                                              Settings())
    np.testing.assert_allclose(other.scores, mine.scores, atol=1e-4)
    np.testing.assert_array_equal(other.label, mine.label)
    np.testing.assert_allclose(other.residual, mine.residual, atol=1e-6)
    assert loaded.manifest["variation"]["width"] == (
        CHANNELS // novelty_limits.MEANS)


def test_equal_spectra_of_two_names_are_not_separable():
    random = np.random.default_rng(2)
    data = dataset_of()
    same = Dataset(data.axis, peaks(0, random, len(data)).astype(np.float32),
                   data.labels, data.classes, data.groups)
    report = train(same, AUTO).report
    assert report["null_tests"]["verdict"] == "not separable"
    assert not report["null_tests"]["arm"]
    assert any("not separable" in text for text in report["warnings"])
    assert report["cross_validation"]["accuracy"] < 0.7


def test_two_per_class_get_a_model_with_doubt():
    data = dataset_of(captures=0, each=2, energy=1.)
    definition, found = fit(data, AUTO)
    assert {(each.candidate.view.name, each.candidate.kind, len(each.bins))
            for each in found.chosen} == {
                ("slope 15", "linear", 15), ("raw", "ridge", 5)}
    assert len(np.unique(found.fold[1])) == 4       # each left out in turn
    assert definition.calibration.status == "uncalibrated"
    assert accuracy(definition, dataset_of(
        captures=2, seed=4, energy=1.)) > 0.75


def test_one_per_class_is_never_certain():
    data = dataset_of(captures=0, each=1)
    definition, _ = fit(data, AUTO)
    result = NumpyEngine(definition).classify(
        make_train(0, data.spectra), Settings())
    assert result.confidence.max() <= 0.75 + 1e-6
    assert np.isnan(definition.separability).all()


def test_near_empty_spectra_neither_teach_nor_set_the_gate():
    data = dataset_of()
    random = np.random.default_rng(3)
    spectra = data.spectra.copy()
    spectra[::10] = peaks(0, random, len(spectra[::10]), energy=0.01)
    definition, found = fit(Dataset(
        data.axis, spectra, data.labels, data.classes, data.groups), AUTO)
    assert found.empty == len(spectra[::10])
    empty = make_train(0, peaks(1, random, 20, energy=0.01).astype(
        np.float32))
    label = NumpyEngine(definition).classify(empty, Settings()).label
    assert (label == Code.LOW_INTENSITY).all()


def test_what_was_never_taught_is_unknown(result):
    random = np.random.default_rng(4)
    spectra = peaks(0, random, 40, energy=1.)
    shuffled = np.stack([random.permutation(s) for s in spectra])
    rolled = np.roll(spectra, CHANNELS // 15, axis=1)
    engine = NumpyEngine(result.definition)
    for strange in shuffled, rolled:
        label = engine.classify(make_train(0, strange.astype(np.float32)),
                                Settings()).label
        assert (label == Code.UNKNOWN).all()


def test_of_too_few_spectra_the_report_says_that_nothing_is_unknown(subtests):
    few = dataset_of(captures=2, each=9)
    found = train(few, AUTO)
    assert found.definition.unknown.max_residual == np.inf
    assert any("not enough spectra to tell: a level of 5% needs 19" in text
               for text in found.report["warnings"])
    enough = dataset_of(captures=2)
    for members in "auto", "linear", "published":
        with subtests.test(members=members):
            known = train(enough, replace(
                AUTO, members=members, epochs=20, folds=2, fold_epochs=5,
                copies=0, bins=3))
            assert known.definition.unknown.level == pytest.approx(1 / 27)
            assert any("3.7% instead of 1.0%" in text
                       for text in known.report["warnings"])
            strange = np.roll(enough.spectra, CHANNELS // 4, axis=1)
            label = NumpyEngine(known.definition).classify(
                make_train(0, strange), Settings()).label
            assert (label == Code.UNKNOWN).mean() > 0.9


def test_time_is_up_after_the_first_view():
    ended = fit(dataset_of(), TrainingOptions(
        members="auto", time_budget=1e-9))[1]
    names = {each.candidate.view.name for each in ended.judged}
    assert names == {"texture 1"}


def test_progress_counts_the_views():
    calls = []
    fit(dataset_of(), AUTO, lambda *call: calls.append(call))
    assert [step for step, _, _ in calls] == list(
        range(1, calls[0][1] + 1))


def test_a_baseline_has_to_win():
    plain = fit(dataset_of(), AUTO)[0]
    tried = fit(dataset_of(), TrainingOptions(
        members="auto", try_baseline=True))[0]
    assert plain.preprocessing.baseline.mode == "none"
    assert tried.preprocessing.baseline.mode in ("none", "reduced")


def test_regressions_take_part_where_they_are_asked_for():
    found = fit(dataset_of(each=3), TrainingOptions(
        members="auto", try_regressions=True))
    kinds = {each.candidate.kind for each in found[1].judged}
    assert kinds == {"linear", "ridge", "logistic"}
    assert accuracy(found[0], dataset_of(seed=9)) > 0.9


def test_texture_alone_sees_nothing_but_textures():
    definition, found = fit(dataset_of(), TrainingOptions(
        members="texture"))
    assert all(not view.linear for view in definition.members.views)
    assert len(found.judged) >= 1


def test_a_model_of_means_is_taught_and_asked_with_means(tmp_path):
    data = dataset_of(each=40, noise=6.)
    result = train(data, TrainingOptions(members="auto", averaging=5))
    assert result.definition.averaging == 5
    assert result.report["spectra"] == len(data) // 5
    assert result.report["averaging"]["study"]["recommended"] >= 1
    path = tmp_path / "means.onnx"
    result.save(path)
    loaded = model.load(path)
    unseen = dataset_of(each=40, noise=6., seed=9)
    report = evaluate(loaded, unseen)
    assert (report["averaging"], report["n"]) == (5, len(unseen) // 5)
    single = evaluate(model_of_single(data), unseen, engine="numpy")
    # of those that get a class: means may be unknown as often
    assert report["accuracy_decided"] == 1 > single["accuracy_decided"]


def model_of_single(data):
    return NumpyEngine(train(data, AUTO).definition)
