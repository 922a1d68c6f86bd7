"""The residual of a mean does not depend on the number of its pulses."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls

from spectra_classifier.core.engine.mean_spectrum import (
    FEWEST,
    GROUPS,
    LineRule,
    MeanComparison,
    MeanRule,
    MeanScore,
    interleaved,
    lines_of,
)
from spectra_classifier.core.engine.within_class_variation import (
    Variation,
    pool,
)
from spectra_classifier.errors import InputError

CHANNELS, WIDTH = 320, 4
PLACE = np.arange(CHANNELS)


def peak(centre, width=9.):
    return np.exp(-0.5 * ((PLACE - centre) / width) ** 2)


STATES = np.stack([peak(60) + peak(150), peak(60) + peak(240)])
WAY = pool(peak(110, 40)[None], WIDTH)
KNOWN = Variation(WIDTH, (WAY / np.linalg.norm(WAY)).astype(np.float32),
                  [0.])
COMPARE = MeanComparison(STATES, KNOWN)


def pulses(mean, count, photons, seed=0):
    """Poisson pulses of so many photons each."""
    random = np.random.default_rng(seed)
    mean = mean * photons / mean.sum()
    return random.poisson(mean, (count, CHANNELS)).astype(np.uint16)


def found(mean, count, photons, draws=150):
    """Residual squared and noise, means over draws."""
    values = np.array([COMPARE(interleaved(pulses(
        mean, count, photons, seed))) for seed in range(draws)])
    return np.square(values[:, 0]).mean(), values[:, 1].mean()


def test_more_pulses_have_less_noise_and_the_same_residual():
    strange = STATES[0] + 0.2 * peak(200)
    exact, _ = COMPARE(np.stack([strange, strange]))
    few, noise = found(strange, 8, 300)
    many, less = found(strange, 160, 300)
    assert few == pytest.approx(exact ** 2, rel=0.1)
    assert many == pytest.approx(exact ** 2, rel=0.03)
    assert noise / less == pytest.approx(20, rel=0.1)
    # one that counts noise as a difference would not see which is which
    assert noise > exact ** 2 / 3


@given(st.floats(0, 1), st.floats(0.2, 500), st.floats(-50, 50),
       st.floats(-2, 2))
def test_mixtures_pedestals_and_what_varies_are_taught(
        share, scale, pedestal, way):
    mean = (share * STATES[0] + (1 - share) * STATES[1]) * scale
    spectra = mean + pedestal + scale * way * peak(110, 40)
    residual, noise = COMPARE(np.stack([spectra] * 3))
    assert residual < 1e-3
    assert noise < 1e-9


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_it_is_what_least_squares_leave(seed):
    """Without noise, of an independent solver."""
    random = np.random.default_rng(seed)
    spectrum = random.normal(size=CHANNELS)
    weights = [random.uniform(0, 1)]
    compare = MeanComparison(STATES, Variation(WIDTH, KNOWN.directions,
                                               weights))
    along = np.float64(KNOWN.directions)
    counts = np.eye(along.shape[1]) - (
        1 - np.sqrt(weights[0])) * along.T @ along
    left = nnls((pool(STATES, WIDTH) @ counts).T,
                counts @ pool(spectrum[None], WIDTH)[0])[1]
    assert compare(np.stack([spectrum] * 2))[0] == pytest.approx(
        left / np.linalg.norm(pool(spectrum[None], WIDTH)), abs=1e-6)


def test_what_cannot_be_compared_is_not_a_number():
    flat = np.full((4, CHANNELS), 7.)
    holes = np.stack([STATES[0]] * 4)
    holes[2, 5] = np.nan
    endless = np.stack([STATES[0]] * 4)
    endless[1, 9] = np.inf
    for groups in (flat, 0 * flat, holes, endless):
        with np.errstate(invalid="ignore"):
            assert np.isnan(COMPARE(groups)).all()


@given(st.integers(20, CHANNELS - 20), st.floats(0.5, 3), st.floats(-50, 50))
def test_a_line_stands_out_of_what_varies_broadly(centre, width, offset):
    """Its height does not depend on offsets of parts of the detector."""
    compare = MeanComparison(STATES, KNOWN, lines=True)
    line = 0.2 * peak(centre, width)
    chips = offset * np.repeat(np.random.default_rng(1).normal(
        size=2), CHANNELS // 2)[None]
    clean, _ = compare(np.stack([STATES[0]] * 2))
    height, _ = compare(np.stack([STATES[0] + line] * 2))
    assert clean < 1e-3
    assert height > 0.015 * np.sqrt(width)
    # far from the step between both parts
    if abs(centre - CHANNELS // 2) > 60:
        filtered = lines_of(pool(chips, WIDTH))[0]
        assert np.abs(filtered[centre // WIDTH]) <= 0.02 * abs(offset) + 1e-9


def test_the_score_is_the_largest_of_both_looks():
    strange = np.stack([STATES[0] + 0.05 * peak(200, 2)] * 2)
    whole = MeanRule(KNOWN, 4, 0.2, 0.1, 0.01)
    both = MeanRule(KNOWN, 4, 0.2, 0.1, 0.01, LineRule(KNOWN, 0.01))
    assert MeanScore(STATES, whole)(strange) < 1
    assert MeanScore(STATES, both)(strange) == pytest.approx(
        MeanComparison(STATES, KNOWN, lines=True)(strange)[0] / 0.01)
    assert MeanScore(STATES, both)(np.stack([STATES[0]] * 2)) < 0.1
    noisy = np.random.default_rng(1).normal(size=(4, CHANNELS))
    assert np.isnan(MeanScore(STATES, both)(noisy))


@given(st.floats(0.01, 3))
def test_what_the_detector_adds_is_no_larger_share_of_a_dimmer_beam(beam):
    """Down to half of the structure of the taught state that has least."""
    least = min(np.linalg.norm(pool(STATES, WIDTH), axis=1)) * WIDTH ** 0.5
    added = 0.1 * peak(200, 8)
    compare = MeanComparison(STATES, KNOWN, structure=least)
    plain = MeanComparison(STATES, KNOWN)

    def left(share, how):
        return how(np.stack([share * STATES[0] + added] * 2))[0]

    size = np.linalg.norm(pool((beam * STATES[0] + added)[None], WIDTH)
                          ) * WIDTH ** 0.5 / least
    assert left(beam, compare) == pytest.approx(
        left(beam, plain) * np.clip(size, 0.5, 1), rel=1e-6)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10**6), st.booleans(), st.integers(1, 12))
def test_many_means_are_compared_as_one_by_one(seed, lines, count):
    """Mixtures, strangers, dim, flat and broken ones in any order."""
    random = np.random.default_rng(seed)
    compare = MeanComparison(STATES, KNOWN, lines,
                             structure=random.uniform(0, 600))
    amounts = random.uniform(0, 1, (count, 2)) * (
        random.uniform(size=(count, 2)) < 0.7)
    means = 0.2 + amounts @ STATES + random.uniform(
        0, 0.3, (count, 1)) * peak(random.uniform(0, CHANNELS))
    means *= 10 ** random.uniform(0, 3, (count, 1))
    groups = random.poisson(means[:, None], (count, GROUPS, CHANNELS)
                            ).astype(float)
    kind = random.integers(6, size=count)
    groups[kind == 0] = 3.
    groups[kind == 1, 0, 5] = np.nan
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(
            compare.each(groups), np.transpose([compare(each) for each
                                                in groups]),
            rtol=1e-9, atol=1e-12)


def test_groups_are_interleaved_and_of_equal_size():
    for count in range(2, 40):
        spectra = np.arange(count, dtype=np.uint16)[:, None]
        groups = interleaved(spectra)
        size = count // len(groups)
        assert len(groups) == min(count, GROUPS)
        np.testing.assert_allclose(groups[:, 0], [
            np.mean(range(first, size * len(groups), len(groups)))
            for first in range(len(groups))])


def test_a_rule_is_checked(subtests):
    good = {"variation": KNOWN, "pulses": FEWEST, "max_residual": 0.1,
            "max_noise": 0.1, "level": 0.01}
    MeanRule(**good)
    for key, values in {
            "pulses": [3, np.nan], "max_residual": [0, 1.1, np.nan],
            "max_noise": [-1, np.inf, np.nan],
            "level": [0, 1, np.nan],
            "structure": [-1, np.inf, np.nan]}.items():
        for value in values:
            with subtests.test(key=key, value=value), pytest.raises(
                    InputError):
                MeanRule(**good | {key: value})
