import numpy as np
import pytest

from spectra_classifier.training.augment import augment, copies_for
from spectra_classifier.training.options import TrainingOptions

SPECTRA = np.random.default_rng(0).random((4, 500)) * 40
LABELS = np.array([0, 1, 1, 0])


def augmented(**changes):
    return augment(SPECTRA, LABELS, TrainingOptions(**changes),
                   np.random.default_rng(1))


@pytest.mark.parametrize(("spectra", "copies"), [
    (2, 21), (4, 10), (20, 1), (44, 0), (400, 0)])
def test_copies_make_about_44_spectra(spectra, copies):
    assert copies_for(spectra) == copies


def test_zero_mean_noise_keeps_the_originals():
    spectra, labels = augmented(noise_width=1 / 12)
    assert len(spectra) == 44
    np.testing.assert_array_equal(labels, np.tile(LABELS, 11))
    np.testing.assert_array_equal(spectra[:4], SPECTRA.astype(np.float32))
    noise = spectra[4:] - np.tile(SPECTRA, (10, 1))
    assert abs(noise.mean()) < 1e-3
    assert np.abs(noise).max() <= 1 / 24 + 1e-5


def test_published_noise_is_one_sided_and_replaces_the_originals():
    """Mean offsets 0.042 in two blocks and 0.083 in the others."""
    spectra, _ = augmented(noise="published", noise_width=1 / 12)
    noise = (spectra - np.tile(SPECTRA, (11, 1))).reshape(11, 4, 500)
    np.testing.assert_array_equal(noise[0], noise[1])
    np.testing.assert_allclose(noise.mean((1, 2)), [1 / 24] * 2
                               + [1 / 12] * 9, atol=2e-3)
    assert noise.min() >= -1e-5


def test_without_copies_nothing_is_added():
    spectra, labels = augmented(noise="published", copies=0)
    np.testing.assert_array_equal(spectra, SPECTRA.astype(np.float32))
    np.testing.assert_array_equal(labels, LABELS)


def test_default_width_scales_with_the_intensity():
    small, _ = augmented()
    assert np.abs(small[4:] - np.tile(SPECTRA, (10, 1))).max() <= (
        SPECTRA.max() / 550 / 2 + 1e-5)
