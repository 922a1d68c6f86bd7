"""Reports: figures from evidence, one file, the same as data."""
import re
from html import unescape

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.files.results.report_writer import write_report
from spectra_classifier.training.evaluate import examine
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.report import evidence as facts
from spectra_classifier.training.report import html, scales
from tests.training.conftest import dataset_of


@pytest.fixture(scope="module")
def result():
    return train(dataset_of(spread=0.6, each=24), TrainingOptions(
        members="auto"))


def visible(text):
    """What is read of an HTML page: (first page, details)."""
    text = re.sub(r"<style>.*?</style>|<title>.*?</title>|<img[^>]*>", "",
                  text, flags=re.S)
    first, _, details = text.partition("<details>")
    return tuple(unescape(re.sub(r"<[^>]*>", " ", part))
                 for part in (first, details))


def sets():
    """Several kinds of training data, by name."""
    yield "two classes", dataset_of(spread=0.6, each=24)
    yield "many classes", dataset_of(classes=12, each=4, captures=2)
    yield "few", dataset_of(each=3, captures=1)
    whole = dataset_of(spread=0.6, each=30, captures=2)
    yield "unequal", whole.select(np.r_[0:30, 30:36])
    yield "captures not known", Dataset(
        whole.axis, whole.spectra, whole.labels, whole.classes)


def test_the_html_says_what_the_report_says(result):
    text = html.training("a <model>", result.report, result.evidence)
    assert "a &lt;model&gt;" in text and "<model>" not in text
    assert "class priors" in text
    for entry in result.report["choice"]["chosen"]:
        assert entry["name"] in text
    # self-contained: every image is in the file, nothing is fetched
    assert len(re.findall('src="data:image/png;base64,', text)) >= 4
    assert not re.search(r'(src|href)="(?!data:)', text)


def test_one_verdict_one_next_step_and_the_figures_of_the_manifest(subtests):
    for name, data in sets():
        with subtests.test(name=name):
            made = train(data, TrainingOptions(members="auto",
                                               time_budget=0.2))
            first, details = visible(html.training(
                "m", made.report, made.evidence))
            verdict = made.info["metrics"]["guards"]["verdict"]
            assert (first + details).lower().count(f"{verdict}:") == 1
            assert first.count("What to do next:") == 1
            assert "What to do next" not in details
            checked = made.info["metrics"]["cross_validation"]
            low, high = checked["interval"]
            said = re.findall(
                r"Accuracy on left-out [a-z ]+:\s+([\d.]+%)\s*, 95 % interval "
                r"([\d.]+%) to ([\d.]+%) over (\d+)", first + details)
            assert said == [(f"{checked['accuracy']:.1%}", f"{low:.1%}",
                             f"{high:.1%}", str(checked["interval_n"]))]
            for recall in sorted(checked["recall"])[:10]:
                assert f"{recall:.1%}" in first


def test_figures_of_the_confidence_are_of_the_spectra_that_are_shown():
    # without captures candidates are ranked on random folds
    whole = dataset_of(spread=0.9, each=40)
    made = train(Dataset(whole.axis, whole.spectra, whole.labels,
                         whole.classes),
                 TrainingOptions(members="auto", time_budget=0.2))
    evidence, report = made.evidence, made.report
    truth = np.arange(2) == evidence.labels[:, None]
    assert report["calibration"]["brier"] == pytest.approx(
        np.square(evidence.confidence - truth).sum(axis=1).mean())
    right = evidence.confidence.argmax(axis=1) == evidence.labels
    assert report["cross_validation"]["accuracy"] == pytest.approx(
        right.mean())


def test_a_report_tells_where_it_comes_from(result):
    heading = html.Heading("2026-11-29 21:55:03+00:00", "data & more.h5",
                           "ab" * 32, "spectra-classifier train x",
                           "spectra_classifier 9.8.7")
    first, _ = visible(html.training("m", result.report, result.evidence,
                                     heading))
    for text in vars(heading).values():
        assert first.count(text) == 1


def test_an_evaluation_shows_what_was_not_taught():
    taught = train(dataset_of(), TrainingOptions(members="auto"))
    from spectra_classifier.core.engine.reference_engine import NumpyEngine
    report, evidence = examine(NumpyEngine(taught.definition),
                               dataset_of(seed=5), engine="numpy")
    first, details = visible(html.evaluation("m", report, evidence))
    said = f"{report['accuracy']:.1%} of {report['n']} spectra"
    assert first.count(said) == 1 and said not in details
    assert first.count("What to do next:") == 1
    assert facts.confusion(evidence).sum() == report["n"] - report["rejected"]


def test_a_difference_is_significant_where_there_is_one(result):
    one, other = facts.differences(result.evidence)
    np.testing.assert_allclose(one["difference"], -other["difference"],
                               atol=1e-12)
    start = [a for a, _ in facts.coarse_bins(result.evidence)]
    peak = int(np.argmax(one["significance"]))
    assert 24 <= start[peak] <= 34              # the peak lies at channel 30
    # as rare as Student's t of three captures each allows
    assert one["significance"][peak] > 2.3
    assert result.evidence.units[1] == "captures"


@pytest.mark.parametrize("classes", [2, 5])
def test_equal_classes_have_a_significance_of_one(classes, subtests):
    for captures in 2, 3, 8:
        random = np.random.default_rng(captures)
        count, channels = classes * captures, 600
        evidence = facts.Evidence(
            Axis.channels(channels), tuple("abcde"[:classes]),
            random.normal(size=(count, channels)).astype(np.float32),
            np.ones(count), np.arange(count) % classes,
            np.arange(count) // classes, np.arange(count), None,
            ((0, channels),))
        found = facts.differences(evidence)
        assert sum(each["difference"] for each in found) == pytest.approx(
            np.zeros(channels), abs=1e-6)
        for each in found:
            with subtests.test(captures=captures, name=each["name"]):
                assert np.median(each["significance"]) == pytest.approx(
                    1, abs=0.1)


@given(
    seed=st.integers(0, 2**32 - 1), spectra=st.integers(1, 40),
    place=st.integers(0, 540), width=st.integers(5, 60),
    noise=st.floats(0.5, 5.), strength=st.floats(1., 4.))
@settings(max_examples=40)
def test_a_noisy_region_does_not_set_the_scale_and_a_peak_does(
        seed, spectra, place, width, noise, strength):
    random = np.random.default_rng(seed)
    x = np.arange(600)
    curve = 20 * np.exp(-((x - 300) / 4) ** 2)
    if abs(place + width / 2 - 300) < 60:
        place = 0
    sigma = np.where((x >= place) & (x < place + width),
                     10 ** strength * noise, 0.2)
    drawn = curve + sigma * random.standard_normal((spectra, 600))
    mean = drawn.mean(axis=0)
    error = (drawn.std(axis=0, ddof=1) / np.sqrt(spectra) if spectra > 1
             else np.full(600, np.inf))
    low, high = scales.limits(mean, error)
    quiet = sigma < 1
    assert low <= mean[quiet].min() and mean[quiet].max() <= high
    if spectra >= 10:
        # what the quiet part alone takes, and half as much again
        assert high - low < 1.5 * np.ptp(mean[quiet])


def test_single_units_have_no_error():
    data = dataset_of(each=1, captures=1)
    definition = train(data, TrainingOptions(members="auto"))
    for entry in facts.differences(definition.evidence):
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
