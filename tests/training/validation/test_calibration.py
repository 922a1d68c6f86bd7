"""Confidence out of fold."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.model_definition import Calibration
from spectra_classifier.training.validation import calibration


def drawn(count, sharpness, seed=0):
    """(probabilities (1, N, 2), labels): too sure by the factor given."""
    random = np.random.default_rng(seed)
    odds = random.normal(0, 2, count)
    labels = (random.random(count) < 1 / (1 + np.exp(-odds))).astype(int)
    sure = 1 / (1 + np.exp(-sharpness * odds))
    return np.stack([1 - sure, sure], axis=1)[None], labels


def test_overconfidence_is_measured_and_taken_back():
    probabilities, labels = drawn(4000, 3.)
    found = calibration.fit(probabilities, labels)
    assert found.temperature == pytest.approx(3, rel=0.15)
    assert found.status == "calibrated"
    before = calibration.describe(Calibration(1., 0, "probabilities"),
                                probabilities[0], labels)
    after = calibration.describe(found, probabilities[0], labels)
    assert before["excess"] > 0.05 > 0.015 > after["excess"]
    assert after["log_loss"] < before["log_loss"]
    assert after["brier"] < before["brier"]


def test_few_spectra_shrink_the_temperature():
    probabilities, labels = drawn(24, 3.)
    many = calibration.fit(*drawn(4000, 3.))
    few = calibration.fit(probabilities, labels)
    assert calibration.PRIOR < few.temperature < many.temperature
    assert few.temperature < (calibration.PRIOR * many.temperature) ** 0.5
    assert few.status == "uncalibrated" and few.samples < 50


@given(st.integers(2, 20), st.integers(2, 12), st.integers(2, 5))
def test_a_model_of_all_captures_is_surer_than_those_of_the_folds(
        classes, captures, folds):
    probabilities, labels = drawn(400, 3.)
    folded = calibration.fit(probabilities, labels).temperature
    few, many = (folded / calibration.fit(
        probabilities, labels, count * classes,
        min(folds, captures)).temperature for count in (captures, 10_000))
    assert 1 < few < np.exp(calibration.FALL)
    assert many == pytest.approx(1, abs=0.01)


def test_what_is_not_known_of_new_captures_is_said():
    said = [calibration.words(count) for count in range(6)]
    assert "not known" in said[0] and "not known" in said[1]
    assert said[2].startswith("2 captures") and "take 4" in said[3]
    assert "left out" in said[4] and "left out" in said[5]


def test_no_confidence_exceeds_what_n_spectra_teach():
    for count in 20, 400:
        labels = np.arange(count) % 2
        perfect = (np.arange(2) == labels[:, None]).astype(float)[None]
        found = calibration.fit(perfect, labels)
        assert calibration.confidence(
            perfect[0], found
        ).max() == pytest.approx(1 - 0.5 / (count + 1), abs=1e-4)
    assert calibration.confidence(perfect[0], calibration.unknown(
        labels[:2], 2)).max() == pytest.approx(0.75, abs=1e-5)


def test_the_null_of_few_spectra_is_large():
    top = np.full(30, 0.8)
    mean, high = calibration.null_error(top)
    assert 0.02 < mean < high
    assert calibration.null_error(np.tile(top, 100))[0] < mean / 3


def test_reliability_has_all_spectra():
    probabilities, labels = drawn(500, 1.)
    table = calibration.describe(calibration.fit(probabilities, labels),
                               probabilities[0], labels)["reliability"]
    assert sum(entry["n"] for entry in table) == 500
