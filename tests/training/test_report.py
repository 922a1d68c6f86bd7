"""Reports: figures from evidence, one file, the same as data."""
import re

import h5py
import numpy as np
import pytest

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.files.results.report_writer import write_report
from spectra_classifier.training.evaluate import examine
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.report import evidence as facts
from spectra_classifier.training.report import html
from tests.training.conftest import dataset_of


@pytest.fixture(scope="module")
def result():
    return train(dataset_of(spread=0.6, each=24), TrainingOptions(
        members="auto"))


def test_the_html_says_what_the_report_says(result):
    text = html.training("a <model>", result.report, result.evidence)
    assert "a &lt;model&gt;" in text and "<model>" not in text
    accuracy = result.report["cross_validation"]["accuracy"]
    assert f"{accuracy:.1%}, 95 % interval" in text
    assert result.report["null_tests"]["verdict"] in text
    assert "class priors" in text
    for entry in result.report["choice"]["chosen"]:
        assert entry["name"] in text
    # self-contained: every image is in the file, nothing is fetched
    assert len(re.findall('src="data:image/png;base64,', text)) >= 6
    assert not re.search(r'(src|href)="(?!data:)', text)


def test_an_evaluation_shows_what_was_not_taught():
    taught = train(dataset_of(), TrainingOptions(members="auto"))
    from spectra_classifier.core.engine.reference_engine import NumpyEngine
    report, evidence = examine(NumpyEngine(taught.definition),
                               dataset_of(seed=5), engine="numpy")
    text = html.evaluation("m", report | {
        "training_spectra_left_out": 0}, evidence)
    assert f"{report['accuracy']:.1%} of {report['n']} spectra" in text
    assert facts.confusion(evidence).sum() == report["n"] - report["rejected"]


def test_a_difference_is_significant_where_there_is_one(result):
    entry, = facts.differences(result.evidence)
    start = [a for a, _ in facts.coarse_bins(result.evidence)]
    peak = int(np.argmax(entry["significance"]))
    assert 24 <= start[peak] <= 34              # the peak lies at channel 30
    # as rare as Student's t of three captures each allows
    assert entry["significance"][peak] > 2.3
    assert result.evidence.units[1] == "captures"


@pytest.mark.parametrize("captures", [2, 3, 8])
def test_equal_classes_have_a_significance_of_one(captures):
    random = np.random.default_rng(captures)
    count, channels = 2 * captures, 600
    evidence = facts.Evidence(
        Axis.channels(channels), ("a", "b"),
        random.normal(size=(count, channels)).astype(np.float32),
        np.ones(count), np.arange(count) % 2, np.arange(count) // 2,
        np.arange(count), None, ((0, channels),))
    entry, = facts.differences(evidence)
    assert np.median(entry["significance"]) == pytest.approx(1, abs=0.1)


def test_single_units_have_no_error():
    data = dataset_of(each=1, captures=1)
    definition = train(data, TrainingOptions(members="auto"))
    entry, = facts.differences(definition.evidence)
    assert np.isinf(entry["error"]).all()
    assert not entry["significance"].any()
    assert "<html" in html.training("m", definition.report,
                                           definition.evidence)


def test_the_most_confused_come_first(result):
    rows = facts.most_confused(result.evidence)
    evidence = result.evidence
    assert (evidence.confidence[rows].argmax(1)
            != evidence.labels[rows]).all()
    own = evidence.confidence[rows, evidence.labels[rows]]
    assert (np.diff(own) >= 0).all()


def test_drift_within_a_class_is_found():
    data = dataset_of(each=20)
    drifting = data.spectra + np.linspace(0, 3, len(data))[:, None] * np.sin(
        np.arange(60))
    result = train(Dataset(data.axis, drifting, data.labels, data.classes,
                           data.groups), TrainingOptions(members="linear",
                                                         bins=3))
    order, values = facts.drift(result.evidence)
    change = values["strongest change within classes"]
    for c in range(2):
        mine = result.evidence.labels[order] == c
        assert abs(np.corrcoef(order[mine], change[mine])[0, 1]) > 0.95


def test_the_same_as_data(result, tmp_path):
    path = tmp_path / "report.h5"
    write_report(path, "training of m", result.report, result.evidence.axis,
                 facts.tables(result.evidence))
    with h5py.File(path) as file:
        entry = file["entry"]
        assert entry.attrs["default"] == "mean_spectra"
        for name in entry:
            group = entry[name]
            if group.attrs.get("NX_class") == "NXdata":
                signal = group[group.attrs["signal"]]
                assert signal.shape == tuple(
                    len(group[axis]) for axis in group.attrs["axes"]), name
        np.testing.assert_array_equal(
            entry["confidence/confidence"], result.evidence.confidence)
