"""Guards: drift is not taken for the sample, a change is found."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.checks import null_tests

CHANNELS = 120


def dataset_of(change, drift, captures=4, each=20, classes=2, seed=0,
               groups=True):
    """Captures in turn; each has a pedestal pattern of its own."""
    random = np.random.default_rng(seed)
    place = np.arange(CHANNELS)
    count = captures * classes
    labels = np.repeat(np.arange(count) % classes, each)
    capture = np.repeat(np.arange(count), each)
    line = 10 * np.exp(-0.5 * (
        (place - 60 - change * labels[:, None]) / 5.) ** 2) + 5.
    pedestal = drift * random.normal(size=(count, CHANNELS))
    spectra = line + pedestal[capture] + random.normal(size=line.shape)
    return Dataset(Axis.channels(CHANNELS), spectra.astype(np.float32),
                   labels, tuple("abc"[:classes]),
                   capture if groups else None)


def test_a_change_is_separable_in_spite_of_drift():
    found = null_tests.check(dataset_of(4., 0.3))
    assert found["verdict"] == "separable" and found["arm"]
    assert found["accuracy"] > 0.95 and found["p"] == pytest.approx(1 / 35)
    assert set(found["references"]) == {
        "total_intensity", "two_region_ratio", "nearest_neighbour",
        "signal_free_strips"}


def test_drift_alone_is_rarely_separable():
    verdicts = [null_tests.check(dataset_of(0., 1., seed=seed))["verdict"]
                for seed in range(20)]
    assert verdicts.count("separable") <= 3
    assert verdicts.count("not separable") >= 17


def test_one_capture_per_class_does_not_exclude_drift():
    for data in dataset_of(4., 0., 1), dataset_of(4., 0., groups=False):
        found = null_tests.check(data)
        assert found["verdict"] == "drift not excluded" and not found["arm"]
        assert found["accuracy"] > 0.9


def test_two_captures_of_each_in_turn_are_enough():
    found = null_tests.check(dataset_of(4., 0.3, 2))
    assert found["verdict"] == "separable" and found["arm"]
    assert "as much as captures of one class" in found["words"]


#: standard deviation from capture to capture, of the noise of a channel or
#: of the intensity
DRIFTS = {"pedestal": (0., 0.1, 0.3, 1., 3.),
          "gain": (0.01, 0.03, 0.1, 0.3),
          "intensity": (0.03, 0.1, 0.3, 0.5)}
TRIALS = 100


def drifting(kind, size, seed):
    """The same state captured A B A B while the instrument drifts."""
    still = dataset_of(0., size if kind == "pedestal" else 0., 2, seed=seed)
    if kind == "pedestal":
        return still
    random = np.random.default_rng((1, seed))
    factor = 1 + size * random.normal(
        size=(4, CHANNELS if kind == "gain" else 1))
    return replace(still, spectra=(
        still.spectra * factor[still.groups]).astype(np.float32))


@pytest.mark.parametrize("kind", DRIFTS)
def test_nothing_separates_them_beyond_drift(kind):
    sizes = DRIFTS[kind]
    found = [null_tests.check(drifting(kind, sizes[seed % len(sizes)], seed))
             for seed in range(TRIALS)]
    wrong = [each for each in found if each["verdict"] == "separable"]
    assert len(wrong) <= 0.05 * TRIALS
    assert any("do not differ by more than drift" in each["words"]
               for each in found)
    assert not any(each["arm"] for each in found if each not in wrong)


def test_captures_that_were_not_in_turn_do_not_exclude_drift():
    data = dataset_of(4., 0., 4)
    one_after_the_other = data.labels * 4 + data.groups // 2
    found = null_tests.check(replace(data, groups=one_after_the_other))
    assert found["verdict"] == "drift not excluded" and not found["arm"]
    assert "in turn" in found["words"]


def cycles(data):
    """The same, captures numbered per class, the file sorted by class."""
    order = np.argsort(data.labels, kind="stable")
    return replace(data.select(order), groups=data.groups[order] // 2,
                   indices=np.arange(len(data)))


def test_classes_may_number_their_captures_alike():
    found = null_tests.check(cycles(dataset_of(4., 0.3)))
    assert found["verdict"] == "separable"
    assert found["p"] == pytest.approx(1 / 35)


def test_captures_numbered_alike_may_not_have_been_taken_in_turn():
    data = dataset_of(0., 0.)
    time = 4 * data.labels + data.groups // 2
    pattern = np.random.default_rng(1).normal(size=CHANNELS)
    moving = cycles(replace(data, spectra=(
        data.spectra + time[:, None] * pattern).astype(np.float32)))
    found = null_tests.check(moving)
    assert found["verdict"] == "drift not excluded" and not found["arm"]


def test_two_states_within_a_capture_are_two_captures():
    data = dataset_of(4., 0.3)
    order = np.arange(len(data)).reshape(4, 2, -1).transpose(0, 2, 1).ravel()
    together = replace(data.select(order), groups=data.groups[order] // 2,
                       indices=np.arange(len(data)))
    assert null_tests.check(together)["verdict"] == "separable"


def test_the_null_shows_drift_within_a_capture():
    still, moving = dataset_of(4., 0.), dataset_of(4., 0.)
    ramp = np.tile(np.linspace(0, 3, 20), 8)[:, None]
    pattern = np.random.default_rng(1).normal(size=CHANNELS)
    moving = Dataset(moving.axis, moving.spectra + (ramp * pattern).astype(
        np.float32), moving.labels, moving.classes, moving.groups)
    assert (
        null_tests.check(moving)["null"]
        > null_tests.check(still)["null"] + 0.2
    )


def test_brighter_captures_are_named():
    data = dataset_of(4., 0.)
    brighter = data.spectra * (1 + 0.5 * data.labels[:, None])
    found = null_tests.check(Dataset(
        data.axis, brighter.astype(np.float32), data.labels, data.classes,
        data.groups))
    assert any("total intensity" in text for text in found["warnings"])


def test_three_classes_use_random_assignments():
    found = null_tests.check(dataset_of(6., 0.2, classes=3))
    assert found["verdict"] == "separable"
    assert found["p"] == pytest.approx(1 / 100)
