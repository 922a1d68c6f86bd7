"""Steps, sweeps and transitions of a scan."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.evaluation.train_answers import PulseSums
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import InputError
from spectra_classifier.exploration import scan, scan_peaks
from spectra_classifier.exploration.scan_picture import picture


def answers(fraction, seed=0, noise=0.03, pulses=20, shape=np.inf,
            mixed=False):
    """What a model says where the true fraction of B is (T,).

    `shape` of the gamma distributed energy of pulses, which their noise is
    inverse to; `mixed`: every pulse is in one of both states.
    """
    random = np.random.default_rng(seed)
    size = len(fraction), pulses
    true = np.broadcast_to(np.asarray(fraction)[:, None], size)
    if mixed:
        true = random.random(size) < true
    energy = (np.ones(size) if np.isinf(shape) else np.maximum(
        random.gamma(shape, 1 / shape, size), 0.2))
    single = np.clip(true + random.normal(0, noise / energy), 0, 1)
    count = len(single)
    sums = PulseSums(count, 2)
    sums.add(np.repeat(np.arange(count), pulses),
             (single > 0.5).astype(np.int8).ravel(),
             np.stack([1 - single, single], axis=2).reshape(-1, 2),
             np.full(single.size, 0.1))
    return sums.answers("trains", 1000 + np.arange(count), ("A", "B"))


def stepped(positions, trains=10, jitter=0.002, moving=0, seed=1):
    """Values of a motor that rests and moves."""
    random = np.random.default_rng(seed)
    parts = []
    for before, here in zip([positions[0], *positions], positions,
                            strict=False):
        parts += [np.linspace(before, here, moving + 2)[1:-1],
                  np.full(trains, float(here))]
    value = np.concatenate(parts)
    return value + random.normal(0, jitter, len(value))


@given(st.integers(3, 30), st.integers(4, 30), st.integers(0, 2),
       st.floats(1e-6, 1e6), st.integers(0, 2 ** 31))
def test_steps_of_a_motor(count, trains, moving, size, seed):
    positions = np.arange(count)
    value = size * stepped(positions, trains, 0.002, moving, seed)
    found = scan.find_steps(value)
    assert len(found.position) == count and not found.sweep.any()
    np.testing.assert_allclose(found.position / size, positions, atol=0.01)
    # no train of a rest is lost, none of a way belongs to a step
    rest = np.abs(value / size - np.round(value / size)) < 0.05
    np.testing.assert_array_equal(found.of >= 0, rest)


def test_steps_agree_with_those_of_extra(tmp_path, monkeypatch):
    # or its units are those of whatever was installed here before
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    extra = pytest.importorskip("extra.components")
    import xarray

    value = stepped(np.linspace(0, 2, 11), trains=30, moving=2)
    ids = 1000 + np.arange(len(value))
    theirs = extra.Scan(xarray.DataArray(
        value, dims="trainId", coords={"trainId": ids}),
        resolution=0.05)
    ours = scan.find_steps(value)
    np.testing.assert_allclose(ours.position, theirs.positions, atol=0.01)
    given_ = scan.given_steps(ids, theirs.steps)
    assert (given_.of == ours.of)[given_.of >= 0].all()
    assert np.mean(given_.of >= 0) > 0.8


def test_a_value_that_moves_all_the_time_is_binned():
    value = np.concatenate([np.linspace(0, 1, 300), np.linspace(1, 0, 300)])
    found = scan.find_steps(value)
    assert len(found.position) == 2 * scan.BINS - 1 or (
        len(found.position) == 2 * scan.BINS)
    assert (found.of >= 0).all()
    assert set(found.sweep) == {0, 1}


def test_missing_values_belong_to_no_step():
    value = stepped([0, 1, 2, 1, 0])
    value[[3, 17]] = np.nan
    found = scan.find_steps(value)
    assert (found.of[[3, 17]] == -1).all() and len(found.position) == 5
    assert found.sweep.tolist() == [0, 0, 0, 1, 1]


@pytest.mark.parametrize("value", [[], [1.], [2.] * 30, [np.nan] * 9])
def test_what_is_no_scan(value):
    with pytest.raises(InputError, match="does not change"):
        scan.find_steps(np.array(value, float))


def test_up_and_down_with_hysteresis():
    up = np.linspace(0, 10, 31)
    positions = np.concatenate([up, up[::-1]])
    value = stepped(positions, trains=8)
    way = np.repeat([0, 1], 31 * 8)
    truth = np.clip((value - np.where(way, 4.5, 5.5)) / 3 + 0.5, 0, 1)
    found = scan.scan(answers(truth), scan.find_steps(value), "delay", "fs")
    rise, fall = found.transitions
    assert (rise.before, rise.after, rise.rising) == ("A", "B", True)
    assert (fall.before, fall.after, fall.rising) == ("B", "A", False)
    for each, middle in (rise, 5.5), (fall, 4.5):
        assert each.found.midpoint_low < middle < each.found.midpoint_high
        assert each.found.width_low < 2.4 < each.found.width_high
    loop, = found.hysteresis
    assert (loop.rising, loop.falling) == (0, 1)
    assert loop.low < 1 < loop.high and loop.high - loop.low < 0.5
    columns = found.columns
    assert columns["trains"].sum() == len(value)
    assert columns["pulses"].sum() == 20 * len(value)
    np.testing.assert_allclose(columns["share A"] + columns["share B"], 1)
    assert picture(found).startswith(b"\x89PNG")


@settings(max_examples=25)
@given(st.floats(0.08, 0.15), st.sampled_from([np.inf, 25., 4.]),
       st.booleans(), st.integers(0, 2 ** 31))
def test_the_cut_at_0_and_1_is_undone(noise, shape, mixed, seed):
    """Without, a transition seems to be shorter by 7 to 15 %."""
    value = stepped(np.linspace(0, 10, 41), trains=20)
    truth = np.clip((value - 5) / 5 + 0.5, 0, 1)
    found = scan.scan(answers(truth, seed, noise, 20, shape, mixed),
                      scan.find_steps(value), "x")
    assert found.transitions[0].found.width == pytest.approx(4, abs=0.24)


def test_no_transition_where_nothing_changes():
    value = stepped(np.arange(20))
    found = scan.scan(answers(np.full(len(value), 0.3)),
                      scan.find_steps(value), "x")
    assert found.transitions == [] and found.hysteresis == []


def test_trains_without_an_answer_count_for_nothing():
    value = stepped(np.arange(12))
    truth = np.clip((value - 5) / 4 + 0.5, 0, 1)
    whole = answers(truth)
    for name in "mixture", "residual", "spread", "absent":
        getattr(whole, name)[10:20] = np.nan
    for name in "counts", "unknown":
        getattr(whole, name)[10:20] = 0
    whole.rejected[10:20] = 20
    found = scan.scan(whole, scan.find_steps(value), "x")
    assert np.isnan(found.columns["share A"][1])
    assert np.isnan(found.columns["mixture A"][1])
    assert found.columns["pulses"][1] == 200
    assert abs(found.transitions[0].found.midpoint - 5) < 0.3


def test_a_line_that_moves_is_followed():
    random = np.random.default_rng(9)
    axis = Axis(np.linspace(520, 540, 200), "energy", "eV")
    step = np.repeat(np.arange(6), 40)
    middle = 530 + 0.05 * step[:, None]
    spectra = random.poisson(40 * np.exp(
        -0.5 * ((axis.values - middle) / 0.6) ** 2) + 3)
    found = scan_peaks.peak_columns(spectra, axis, step, 7,
                                    {"line": (527, 533)})
    place, error = found["line position"], found["line position error"]
    assert np.isnan(place[6]) and len(found) == 8
    assert (np.abs(place[:6] - 530 - 0.05 * np.arange(6))
            < 4 * error[:6]).all()
    assert (error[:6] < 0.02).all()
    with pytest.raises(InputError, match="has 0 channels"):
        scan_peaks.peak_columns(spectra, axis, step, 6, {"far": (1, 2)})
