"""What counts as unknown is found on training spectra alone."""
import numpy as np
import pytest

from spectra_classifier.training.selection import novelty_limits

CHANNELS = 320
CLASSES = 2
LEVEL = 0.02


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


def measured(spectra, rule):
    return novelty_limits.measure(spectra, rule.references, rule.variation)


def test_a_stranger_smaller_than_what_varies_is_found():
    """A residual on class means alone could not: the hump is larger."""
    random = np.random.default_rng(0)
    spectra, labels, peak = varied(100, random)
    rule = novelty_limits.rule(spectra, labels, None, LEVEL)
    fresh, *_ = varied(400, random)
    strange = fresh + 0.5 * peak(0.45, 0.02)
    assert (measured(fresh, rule) > rule.limit).mean() <= 0.03
    assert (measured(strange, rule) > rule.limit).mean() >= 0.99
    means = np.stack([spectra[labels == c].mean(axis=0) for c in range(2)])
    plain = [novelty_limits.measure(some, means, None)
             for some in (fresh, strange)]
    assert plain[1].min() < plain[0].max()


def test_shuffled_and_shifted_spectra_are_found():
    random = np.random.default_rng(1)
    spectra, labels, _ = varied(100, random)
    rule = novelty_limits.rule(spectra, labels, None, LEVEL)
    fresh, *_ = varied(200, random)
    for strange in (random.permuted(fresh, axis=1),
                    np.roll(fresh, CHANNELS // 15, axis=1)):
        assert (measured(strange, rule) > rule.limit).mean() >= 0.99


def test_what_varies_is_unknown_far_outside_of_its_range():
    random = np.random.default_rng(3)
    spectra, labels, peak = varied(200, random)
    rule = novelty_limits.rule(spectra, labels, None, LEVEL)
    fresh, *_ = varied(200, random)
    within, beyond = (measured(fresh + hump * peak(0.5, 0.2), rule)
                      for hump in (0., -6.))
    assert (within > rule.limit).mean() <= 0.05
    assert (beyond > rule.limit).mean() >= 0.95


def test_every_spectrum_is_judged_by_the_others():
    random = np.random.default_rng(2)
    spectra, labels, peak = varied(20, random)
    spectra[0] += peak(0.1, 0.03)
    every = np.ones(20, bool)
    values = novelty_limits.residuals(spectra, labels, np.arange(20), every)
    inside = novelty_limits.measure(
        spectra, novelty_limits.means(spectra, labels, every, CLASSES),
        novelty_limits.variation(spectra, labels))
    assert np.isfinite(values).all()
    assert values[0] == values.max() > 2 * inside[0]
    spectra[10] += peak(0.1, 0.03)      # of the capture of spectrum 0
    groups = np.arange(20) // 2 % 5
    alone, by_capture = (novelty_limits.rule(
        spectra, labels, given, LEVEL) for given in (None, groups))
    assert (alone.captures, by_capture.captures) == (0, 5)
    assert by_capture.residuals[0] > 1.5 * alone.residuals[0]


def test_the_share_of_taught_states_called_unknown_is_as_stated(subtests):
    """Mean over trainings; the limit is that of the widest class."""
    random = np.random.default_rng(7)
    for level, count in (0.05, 60), (0.1, 60), (0.02, 200):
        with subtests.test(level=level, count=count):
            shares = []
            for _ in range(6):
                spectra, labels, _ = varied(count, random)
                rule = novelty_limits.rule(spectra, labels, None, level)
                fresh, *_ = varied(300, random)
                shares.append((measured(fresh, rule) > rule.limit).mean())
            # the mean of six trainings scatters by about 0.4 levels
            assert 0.05 * level < np.mean(shares) < 1.6 * level


def test_a_level_below_one_in_n_plus_one_is_never_claimed(subtests):
    random = np.random.default_rng(8)
    spectra, labels, _ = varied(48, random)
    for level, claimed in (0.1, 0.1), (1 / 25, 1 / 25), (0.01, 1 / 25):
        with subtests.test(level=level):
            rule = novelty_limits.rule(spectra, labels, None, level)
            figures = rule.figures(np.arange(48))
            applied = rule.applied(0.5)
            assert figures["claimed"] == applied.level == pytest.approx(
                claimed)
            assert figures["max_residual"] == applied.max_residual < 1
            assert f"at most {claimed:.1%}" in rule.words
            # a level that is not the one asked for is named
            assert ["4.0% instead of 1.0%" in warning for warning
                    in rule.warnings(np.arange(48))] == (
                        [True] if level < claimed else [])
    unequal = (np.arange(48) >= 38).astype(int)
    for given, level, known in (
            (labels[:40], 0.01, False), (labels[:40], 0.06, True),
            (labels[:36], 0.06, False), (labels[:18], 0.1, False),
            (unequal, 0.01, False), (unequal, 0.1, True), (labels, 0, False)):
        with subtests.test(spectra=np.bincount(given).tolist(), level=level):
            rule = novelty_limits.rule(spectra[:len(given)], given, None,
                                       level)
            assert rule.known == known
            assert np.isfinite(rule.applied(0.).max_residual) == known
            told = known or not level       # 0 is no limit, as asked for
            assert ("not enough spectra to tell" in rule.words) != told
            assert bool(rule.warnings(np.arange(48))) != told
    assert (novelty_limits.needed(0.01), novelty_limits.needed(0.05)) == (
        99, 19)
    assert (novelty_limits.in_all(0.05), novelty_limits.in_all(0.1)) == (
        45, 22)


def test_damaged_training_spectra_do_not_widen_the_limit():
    """Spikes in a tenth of them; all are named, and nearly no other."""
    random = np.random.default_rng(9)
    spectra, labels, _ = varied(120, random)
    clean = novelty_limits.rule(spectra, labels, None, LEVEL)
    damaged = np.sort(random.permutation(120)[:12])
    spectra = spectra.copy()
    for row in damaged:
        spectra[row, random.integers(CHANNELS, size=3)] += 20
    rule = novelty_limits.rule(spectra, labels, None, LEVEL)
    assert set(damaged) <= set(rule.trimmed)
    assert len(rule.trimmed) <= 14
    assert rule.limit < 1.3 * clean.limit
    warning, = rule.warnings(np.arange(120) + 1000)
    assert all(str(1000 + row) in warning for row in damaged)
    assert not len(clean.trimmed)


def test_a_capture_that_differs_as_a_whole_is_not_damaged():
    random = np.random.default_rng(10)
    spectra, labels, peak = varied(240, random)
    groups = np.arange(240) // 40 * 2 + labels
    # the last of six captures of a class: few enough to be trimmed
    spectra[groups >= 10] += 3 * peak(0.1, 0.03)
    rule = novelty_limits.rule(spectra, labels, groups, LEVEL)
    assert not np.isin(rule.trimmed, np.flatnonzero(groups >= 10)).any()
    fresh, *_ = varied(100, random)
    assert (measured(fresh + 3 * peak(0.1, 0.03), rule) > rule.limit
            ).mean() <= 0.1


def test_noise_is_no_direction_of_variation():
    random = np.random.default_rng(3)
    spectra, labels, _ = varied(300, random)
    assert len(novelty_limits.variation(spectra, labels).directions) <= 3
    alike = np.ones((6, CHANNELS)) * np.arange(CHANNELS)
    assert novelty_limits.variation(alike, np.arange(6) % 2) is None
    assert novelty_limits.variation(spectra[:2], np.array([0, 1])) is None


def test_the_limit_is_a_rank_among_the_residuals_of_every_class():
    values, labels = np.arange(300) / 300, np.zeros(300, int)
    assert novelty_limits.limit(values, labels, 0.01) == values[297]
    assert novelty_limits.limit(values[:98], labels[:98], 0.01) == values[97]
    assert novelty_limits.limit(values[:99], labels[:99], 0.01) == values[98]
    assert novelty_limits.limit(values[:44], labels[:44], 0.01) == np.inf
    assert novelty_limits.limit(values[:45], labels[:45], 0.01) == values[44]
    assert novelty_limits.limit(np.full(300, np.nan), labels, 0.5) == np.inf
    labels[:30] = 1     # few of a class: the largest of them
    values[5] = 2.
    assert novelty_limits.limit(values, labels, 0.01) == 2.
