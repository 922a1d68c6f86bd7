import numpy as np
import pytest

from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.training.members import linear
from spectra_classifier.training.members.augment import (
    augment,
    copies_for,
    vary,
    with_variants,
)
from spectra_classifier.training.members.fitted import Task
from spectra_classifier.training.options import TrainingOptions

SPECTRA = np.random.default_rng(0).random((4, 500)) * 40
LABELS = np.array([0, 1, 1, 0])


def augmented(**changes):
    return augment(SPECTRA, LABELS, TrainingOptions(**changes),
                   np.random.default_rng(1))


COPIES = [
    (2, 21), (4, 10), (20, 1), (44, 0), (400, 0)]


def test_copies_make_about_44_spectra(subtests):
    for spectra, copies in COPIES:
        with subtests.test(spectra=spectra):
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


def line(places):
    return np.exp(-0.5 * ((np.arange(200) - np.asarray(places)[:, None])
                          / 4.) ** 2)


def test_variants_are_the_same_line_seen_otherwise():
    options = TrainingOptions(members="linear", variants=1, shift=3.,
                              gain=0.5, pedestal=0.1, slope=0.1)
    raw = line([100.] * 300)
    seen = vary(raw, options, np.random.default_rng(0))
    ends = (seen[:, :50].mean(axis=1) + seen[:, -50:].mean(axis=1)) / 2
    top = seen[:, 100:101].T - ends
    shift = np.abs(seen.argmax(axis=1) - 100)
    assert shift.mean() > 1 and shift.max() <= 3
    assert 0.4 < np.log(top).std() < 0.6
    assert 0.03 < np.abs(ends).max() <= 0.11
    still = TrainingOptions(shift=0, gain=0, pedestal=0, slope=0)
    np.testing.assert_array_equal(vary(raw, still, np.random.default_rng(0)),
                                  raw)


def test_members_taught_with_pedestals_stand_pedestals():
    random = np.random.default_rng(0)
    labels = np.arange(24) % 2
    spectra = line([100.] * 24) * (1 + 0.2 * labels[:, None])
    spectra += 0.05 * random.normal(size=spectra.shape)
    task = Task(Axis.channels(200), spectra, spectra.astype(np.float32),
                labels, 2, ((0, 200),))
    unseen = (spectra + random.uniform(-1, 1, (24, 1))).astype(np.float32)
    right = []
    for variants in 0, 20:
        options = TrainingOptions(members="linear", variants=variants,
                                  pedestal=0.8, gain=0.01, shift=0.1)
        assert len(with_variants(task, np.arange(24), options)[0]) == 24 * (
            variants + 1)
        votes = linear.fit(task, np.arange(24), options, False,
                               lambda loss: None).votes(unseen)
        right.append((votes[:, 0].argmax(axis=1) == labels).mean())
    assert right[1] > right[0] + 0.1


def test_members_that_take_no_variants_say_so():
    with pytest.raises(ConfigurationError, match="'auto' take none"):
        TrainingOptions(members="auto", variants=2)
