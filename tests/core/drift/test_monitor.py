"""The running comparison: scores, sentences, since when."""
from types import SimpleNamespace
from weakref import ref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.drift import (
    CAUSES,
    DriftFollower,
    DriftLimits,
    DriftMonitor,
    DriftReference,
    RangeDrift,
    badness,
)
from spectra_classifier.core.drift.compare import Comparator
from spectra_classifier.core.drift.reference import ranges_of
from spectra_classifier.core.model_definition import (
    LinearMembers,
    ModelDefinition,
    Preprocessing,
    Settings,
)
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.errors import InputError
from tests.core.drift.test_compare import CHANNELS, RANGES, STATES, X, lines

BINS = tuple(part[1:] for part in RANGES)


def definition(**changes):
    return ModelDefinition(**{
        "model_id": "m", "classes": ("a", "b"),
        "axis": Axis(100 + 0.5 * X, "energy", "eV"),
        "preprocessing": Preprocessing(), "bins": BINS,
        "members": LinearMembers(
            tuple(np.zeros((2, stop - start), np.float32)
                  for start, stop in BINS), np.zeros((4, 2), np.float32)),
        "weights": np.ones(4), "references": STATES, "min_intensity": 1.,
        "drift": DriftReference(STATES, 100.)} | changes)


def stream(monitor, change=lambda s: s, begin=20, trains=60, pulses=4):
    """Reports of a stream that changes from train 1000 + begin on."""
    random = np.random.default_rng(0)
    for number in range(trains):
        share = random.uniform()
        spectra = random.gamma(4, 25, pulses)[:, None] * (
            share * STATES[0] + (1 - share) * STATES[1])
        if number >= begin:
            spectra = np.array([change(s) for s in spectra])
        yield monitor.add(make_train(1000 + number, spectra.astype("f4")),
                          np.zeros(pulses, np.int8), Settings())


def test_a_clean_stream_stays_well_inside():
    reports = list(stream(DriftMonitor(definition())))
    assert max(r.score for r in reports) < 0.7
    assert reports[-1].score < 0.4
    assert reports[-1].reason == ""
    assert [one.name for one in reports[-1].ranges] == [
        "all", "0", "1", "2", "3"]


@pytest.mark.parametrize(("cause", "change", "words"), [
    ("axis", lambda s: np.interp(X - 4, X, s), "the axis shifted +3."),
    ("baseline", lambda s: s + 0.5 * s.mean(), "the baseline moved by +"),
    ("intensity", lambda s: s * 0.1, "the source intensity is 0."),
    ("peak", lambda s: s + lines((300,), (4 * s.mean(),)),
     "new peak in bin 2 at 25")])
def test_every_cause_is_named_with_its_beginning(cause, change, words):
    *_, report = stream(DriftMonitor(definition()), change, trains=100)
    assert report.score > 1
    assert report.cause == cause
    assert words in report.reason
    since = int(report.reason.rpartition("since train ")[2])
    assert 1020 <= since <= 1050


def test_limits_that_are_set_replace_the_models_own():
    def change(spectrum):
        return np.interp(X - 2, X, spectrum)
    *_, strict = stream(DriftMonitor(definition()), change)
    *_, wide = stream(DriftMonitor(definition(), shift=6.), change)
    assert strict.score > 1 > wide.score
    assert strict.score / wide.score == pytest.approx(6, rel=0.3)


def test_pulses_without_a_say_are_not_looked_at():
    monitor = DriftMonitor(definition())
    train = make_train(1, np.ones((3, CHANNELS), np.float32))
    report = monitor.add(train, np.array([-2, -3, -5], np.int8), Settings())
    assert np.isnan(report.score)


def test_dark_and_dead_strips_of_the_run_are_taken_out():
    dark = np.linspace(0, 300, CHANNELS).astype(np.float32)
    mask = np.zeros(CHANNELS, bool)
    mask[[90, 91, 92]] = True
    spectra = 100 * STATES.astype(np.float32) + dark
    spectra[:, mask] = 0
    monitor = DriftMonitor(definition())
    report = monitor.add(make_train(1, spectra), np.zeros(2, np.int8),
                         Settings(dark=dark, mask=mask))
    assert report.score < 0.5


def test_a_missing_dark_is_named():
    dark = np.full(CHANNELS, 60, np.float32)
    spectra = 100 * STATES.astype(np.float32) + dark
    reasons = {}
    for name, used in ("without", None), ("with", dark * 0.2):
        monitor = DriftMonitor(definition())
        report = monitor.add(make_train(1, spectra), np.zeros(2, np.int8),
                             Settings(dark=used))
        assert report.cause == "baseline"
        reasons[name] = report.reason
    assert "(no dark is set)" in reasons["without"]
    assert "no dark" not in reasons["with"]


def test_an_older_model_is_compared_where_that_is_possible():
    old = definition(drift=None)
    *_, report = stream(DriftMonitor(old), lambda s: 9 * s)
    assert report.score < 0.7       # its intensity is not known
    *_, report = stream(DriftMonitor(old), lambda s: s + 2 * s.mean())
    assert report.score > 1
    hidden = definition(drift=None, preprocessing=Preprocessing(
        normalisation="snv"))
    *_, report = stream(DriftMonitor(hidden))
    assert np.isnan(report.score)
    assert "train it again" in report.reason


def test_bins_that_overlap_are_replaced_by_ranges():
    over = definition(bins=((0, 240), (200, 480), (0, 480), (1, 9)))
    assert len(ranges_of(over)) == 16
    assert "..." in ranges_of(over)[0][0]
    assert ranges_of(definition()) == RANGES


def configured(key, same=False, **changes):
    """For a `DriftFollower`; `same`: its spectra are those of all others."""
    return SimpleNamespace(
        model=SimpleNamespace(definition=definition(**changes)), hash=key,
        drift_limits={}, same_spectra=lambda other: same)


def test_the_follower_starts_anew_with_what_is_in_force():
    follow = DriftFollower()
    train = make_train(1, 100 * STATES.astype(np.float32))
    labels = np.zeros(2, np.int8)
    first = configured("one")
    report = follow(train, labels, Settings(), first)
    assert np.isfinite(report.score)
    assert follow(train, labels, Settings(), first) is report
    follow.compare()        # no train waits for it
    assert follow(train, labels, Settings(), first) is not report
    monitor = follow._monitor
    follow(train, labels, Settings(), configured("two"))
    assert follow._monitor is not monitor
    assert follow._monitor._trains == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 30), st.booleans())
def test_another_model_goes_on_with_the_mean_of_the_same_spectra(
        seed, trains, same):
    """And its first train waits for no comparison."""
    random = np.random.default_rng(seed)
    follow, one = DriftFollower(), configured("one")
    two = configured("two", drift=DriftReference(STATES[:, ::-1], 50.))
    if same:
        one.same_spectra = lambda other: other is two
    followed = DriftMonitor(two.model.definition)
    for number in range(trains):
        train = make_train(number + 1, random.gamma(
            4, 25, (4, 1)).astype("f4") * STATES[[0, 1, 0, 1]].astype("f4"))
        arguments = train, np.zeros(4, np.int8), Settings()
        follow(*arguments, one)
        followed.follow(*arguments)
        follow.compare()
    follow.begin(two)
    begun = follow._monitor.report
    if same:
        followed._due = trains
        followed.compare()
        assert begun.score == followed.report.score
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Comparator, "__call__", None)
            assert follow(*arguments, two) is begun
    else:
        assert np.isnan(begun.score)
        assert np.isfinite(follow(*arguments, two).score)


def test_a_mean_outlives_changes_without_a_train_between_them():
    """And a drift is dated by the last train, not by none."""
    follow = DriftFollower()
    one, two, three = (configured(key, same=True) for key in (
        "one", "two", "three"))
    train = make_train(77, 500 * STATES.astype(np.float32))
    report = follow(train, np.zeros(2, np.int8), Settings(), one)
    assert report.score > 0.5
    follow.begin(two)
    follow.begin(three)
    begun = follow._monitor.report
    assert begun.score == report.score
    assert begun.ranges[0].since == 77


def test_a_mean_that_is_no_number_ends_with_the_configuration():
    follow, one, two = DriftFollower(), *(
        configured(key, same=True) for key in ("one", "two"))
    train = make_train(1, 100 * STATES.astype(np.float32))
    follow(train, np.zeros(2, np.int8), Settings(), one)
    follow._monitor._mean[3] = np.nan
    report = follow(train, np.zeros(2, np.int8), Settings(), two)
    assert np.isfinite(report.score)


def test_a_preparation_that_fails_is_told_until_a_comparison_succeeds(
        monkeypatch):
    follow, one, two = DriftFollower(), *(
        configured(key, same=True) for key in ("one", "two"))
    arguments = (make_train(1, 100 * STATES.astype(np.float32)),
                 np.zeros(2, np.int8), Settings())
    follow(*arguments, one)
    with monkeypatch.context() as patch:
        patch.setattr(Comparator, "__call__", None)
        follow.begin(two)
        for _ in range(2):
            report = follow(*arguments, two)
            assert np.isnan(report.score)
            assert "not callable" in report.reason
            follow.compare()
    follow.compare()
    assert np.isfinite(follow(*arguments, two).score)


def test_a_mean_that_no_comparison_takes_is_left_behind(monkeypatch):
    """What fails for one mean does not fail for ever."""
    compare = Comparator.__call__

    def of_some(self, mean):
        if mean[0] > mean[-1]:
            raise np.linalg.LinAlgError("singular")
        return compare(self, mean)

    monkeypatch.setattr(Comparator, "__call__", of_some)
    follow, one, two = DriftFollower(), *(
        configured(key, same=True) for key in ("one", "two"))
    rising = 100 + np.arange(CHANNELS, dtype=np.float32)
    labels = np.zeros(1, np.int8)
    follow(make_train(1, rising[None, ::-1]), labels, Settings(), one)
    follow.begin(two)
    scores = []
    for number in range(2, 80):
        scores.append(follow(make_train(number, rising[None]), labels,
                             Settings(), two).score)
        follow.compare()
    assert np.isnan(scores[0])
    assert np.isfinite(scores[-40:]).all()


def test_a_mean_without_a_level_is_not_taken_over():
    follow, one, two = DriftFollower(), *(
        configured(key, same=True) for key in ("one", "two"))
    labels = np.zeros(2, np.int8)
    nothing = np.zeros((2, CHANNELS), np.float32)
    follow(make_train(1, nothing), labels, Settings(), one)
    follow.begin(two)
    report = follow(make_train(2, 100 * STATES.astype(np.float32)), labels,
                    Settings(), two)
    assert np.isfinite(report.score)
    assert np.isfinite([part.spread for part in report.ranges]).all()


def test_no_mean_outlives_a_time_without_a_model():
    """Of which nobody knows what has changed, nor the model itself."""
    follow, one, none, two = DriftFollower(), *(
        configured(key, same=True) for key in ("one", "none", "two"))
    none.model, labels = None, np.zeros(2, np.int8)
    spectra = STATES.astype(np.float32)
    follow(make_train(1, 100 * spectra), labels, Settings(), one)
    gone = ref(one.model.definition)
    follow.begin(none)
    del one.model
    assert gone() is None
    report = follow(make_train(2, 800 * spectra), labels, Settings(), two)
    assert report.score > 1
    assert report.cause == "intensity"


def test_without_a_model_nothing_is_compared():
    follow, none = DriftFollower(), configured("none")
    none.model = None
    follow.begin(none)
    report = follow(None, None, None, none)
    assert np.isnan(report.score)
    assert "no model" in report.reason


def test_a_comparison_that_fails_costs_no_train(monkeypatch):
    def fail(*args):
        raise RuntimeError("boom")
    monkeypatch.setattr(DriftMonitor, "follow", fail)
    report = DriftFollower()(None, None, None, configured(""))
    assert np.isnan(report.score)
    assert "boom" in report.reason


def test_after_a_comparison_that_fails_nothing_is_known(monkeypatch):
    """Until one succeeds."""
    follow = DriftFollower()
    arguments = (make_train(1, 100 * STATES.astype(np.float32)),
                 np.zeros(2, np.int8), Settings(), configured(""))
    follow(*arguments)
    follow(*arguments)
    with monkeypatch.context() as patch:
        patch.setattr(Comparator, "__call__", None)
        for _ in range(2):
            follow.compare()
            report = follow(*arguments)
            assert np.isnan(report.score)
            assert "not callable" in report.reason
    follow.compare()
    assert np.isfinite(follow(*arguments).score)


def test_limits_have_a_sense():
    with pytest.raises(InputError, match="intensity"):
        DriftLimits(intensity=1.)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_score_that_is_not_known_is_the_worst(cause):
    """NaN is smaller than nothing and larger than nothing."""
    one = RangeDrift("3", 1., 0., 0., 0., 0., **dict.fromkeys(
        CAUSES, 0.9) | {cause: np.nan})
    assert one.worst[0] == cause
    assert badness(one.worst[1]) == badness(-1.) == np.inf
    assert badness(0.3) == 0.3


def test_a_comparison_without_a_number_gives_no_score(subtests):
    for field in ["source", "shifts", "levels", "peaks", "intensity",
                  "shift", "level"]:
        with subtests.test(field=field):
            monitor = DriftMonitor(definition())

            def spoilt(mean, compare=monitor._compare, field=field):
                found = compare(mean)
                value = getattr(found, field)
                return found._replace(**{field: value * np.nan})

            monitor._compare = spoilt
            report = list(stream(monitor, trains=2))[-1]
            assert np.isnan(report.score)
            assert "no number" in report.reason
