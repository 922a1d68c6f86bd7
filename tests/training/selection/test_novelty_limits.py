"""What counts as unknown is found on training spectra alone."""
import numpy as np

from spectra_classifier.core.engine.mixture import gram, solve
from spectra_classifier.training.selection import novelty_limits

CHANNELS = 320
CLASSES = 2


def varied(count, random, noise=0.01):
    """Two states of two peaks each, whose hump comes and goes."""
    place = np.linspace(0, 1, CHANNELS)

    def peak(at, width):
        return np.exp(-np.square((place - at) / width) / 2)

    labels = np.arange(count) % CLASSES
    states = np.stack([peak(0.3, 0.02) + peak(0.6, 0.02),
                       peak(0.3, 0.02) + peak(0.7, 0.02)])
    hump = random.uniform(0, 4, (count, 1)) * peak(0.5, 0.2)
    return (states[labels] + hump + noise * random.normal(
        size=(count, CHANNELS)), labels, peak)


def fitted(spectra, labels):
    known = novelty_limits.variation(spectra, labels)
    return novelty_limits.compared(
        spectra, labels, CLASSES, known
    ), novelty_limits.limit(
        novelty_limits.residuals(spectra, labels, CLASSES, None, "blocks")
    )


def test_a_stranger_smaller_than_what_varies_is_found():
    """A residual on class means alone could not: the hump is larger."""
    random = np.random.default_rng(0)
    spectra, labels, peak = varied(40, random)
    compared, limit = fitted(spectra, labels)
    fresh, *_ = varied(400, random)
    strange = fresh + 0.5 * peak(0.45, 0.02)
    assert (novelty_limits.measure(fresh, compared) > limit).mean() <= 0.02
    assert (novelty_limits.measure(strange, compared) > limit).mean() >= 0.99
    means = np.stack([spectra[labels == c].mean(axis=0) for c in range(2)])

    def plain(some):
        return solve(np.square(some).sum(axis=1), some @ means.T,
                     gram(means))[1]

    assert plain(strange).min() < plain(fresh).max()


def test_shuffled_and_shifted_spectra_are_found():
    random = np.random.default_rng(1)
    spectra, labels, _ = varied(40, random)
    compared, limit = fitted(spectra, labels)
    fresh, *_ = varied(200, random)
    for strange in (random.permuted(fresh, axis=1),
                    np.roll(fresh, CHANNELS // 15, axis=1)):
        assert (
            novelty_limits.measure(strange, compared) > limit
        ).mean() >= 0.99


def test_every_spectrum_is_judged_by_the_others():
    random = np.random.default_rng(2)
    spectra, labels, peak = varied(20, random)
    spectra[0] += peak(0.1, 0.03)
    compared, _ = fitted(spectra, labels)
    values = novelty_limits.residuals(spectra, labels, CLASSES, None, "blocks")
    inside = novelty_limits.measure(spectra, compared)
    assert np.isfinite(values).all()
    assert values[0] == values.max() > 2 * inside[0]
    captures = np.arange(20) // 2 % 5
    by_capture = novelty_limits.residuals(spectra, labels, CLASSES, captures,
                                   "captures")
    assert by_capture[1] > values[1]        # learns nothing of its partner


def test_noise_is_no_direction_of_variation():
    random = np.random.default_rng(3)
    spectra, labels, _ = varied(300, random)
    assert len(novelty_limits.variation(spectra, labels).directions) <= 3
    alike = np.ones((6, CHANNELS)) * np.arange(CHANNELS)
    assert novelty_limits.variation(alike, np.arange(6) % 2) is None
    assert novelty_limits.variation(spectra[:2], np.array([0, 1])) is None


def test_two_spectra_of_each_class_are_enough():
    random = np.random.default_rng(4)
    spectra, labels, _ = varied(4, random)
    compared, limit = fitted(spectra, labels)
    assert 0 < limit <= 1
    assert np.isfinite(novelty_limits.measure(spectra, compared)).all()


def test_the_limit_needs_some_spectra_and_keeps_nearly_all_of_many():
    assert novelty_limits.limit(np.full(3, 0.2)) == np.inf
    assert novelty_limits.limit(np.full(40, np.nan)) == np.inf
    assert 0.2 < novelty_limits.limit(np.full(40, 0.2)) < 0.3
    for count in 60, 2000:
        values = np.random.default_rng(5).exponential(0.02, count)
        assert np.mean(values <= novelty_limits.limit(values)) >= 0.98
    assert novelty_limits.limit(np.full(40, 0.9)) == 1.
