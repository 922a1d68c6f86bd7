import numpy as np
from sklearn.covariance import ledoit_wolf

from spectra_classifier.training import linear_fit


def test_shrunk_covariance_equals_scikit_learn():
    random = np.random.default_rng(0)
    residuals = random.normal(size=(30, 12)) @ random.normal(size=(12, 12))
    residuals -= residuals.mean(axis=0)
    expected, _ = ledoit_wolf(residuals, assume_centered=True)
    np.testing.assert_allclose(linear_fit.shrunk_covariance(residuals),
                               expected)


def test_discriminant_separates_what_is_linear():
    random = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 40)
    spectra = random.normal(size=(120, 15))
    spectra[:, :2] += 6 * np.eye(3)[labels][:, :2]
    coefficients, intercept = linear_fit.discriminant(spectra, labels, 3)
    answer = (spectra @ coefficients.T + intercept).argmax(axis=1)
    assert (answer == labels).mean() > 0.98


def test_dead_channels_and_single_spectra_are_no_obstacle():
    spectra = np.zeros((2, 6))
    spectra[1, 2] = 1.
    coefficients, intercept = linear_fit.discriminant(
        spectra, np.array([0, 1]), 2)
    answer = (spectra @ coefficients.T + intercept).argmax(axis=1)
    np.testing.assert_array_equal(answer, [0, 1])
