"""From scores to confidence."""
import numpy as np
import pytest

from spectra_classifier.core.engine.labels import confidence
from spectra_classifier.core.model_definition import Calibration
from spectra_classifier.errors import ConfigurationError

SCORES = np.array([[0.9, 0.1], [0.5, 0.5], [1.0, 0.0]])


def test_probabilities_pass_unchanged_at_temperature_one():
    sure = confidence(SCORES, Calibration(1., of="probabilities"))
    np.testing.assert_allclose(sure, SCORES, atol=2e-6)


def test_a_higher_temperature_is_less_sure():
    sure = confidence(SCORES, Calibration(2., of="probabilities"))
    np.testing.assert_allclose(sure[0], [0.75, 0.25])


def test_doubt_keeps_certainty_away():
    sure = confidence(SCORES, Calibration(1., of="probabilities", doubt=0.1))
    np.testing.assert_allclose(sure[2], [0.95, 0.05], atol=1e-5)
    np.testing.assert_allclose(sure.sum(axis=1), 1)


def test_votes_are_exponentiated_as_they_are():
    sure = confidence(SCORES, Calibration(0.4))
    np.testing.assert_allclose(sure[0, 0], 1 / (1 + np.exp(-2)))


@pytest.mark.parametrize("wrong", [dict(of="odds"), dict(doubt=1.5)])
def test_wrong_constants_are_refused(wrong):
    with pytest.raises(ConfigurationError):
        Calibration(1., **wrong)
