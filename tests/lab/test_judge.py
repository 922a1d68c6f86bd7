"""The yardsticks see the same pulses, and only those."""
import numpy as np
import pytest

from spectra_classifier.core.evaluation import simple_references
from spectra_lab.demo.judge import judge
from spectra_lab.demo.records import Result, Truth

BINS = ((0, 4), (4, 8))


class Source:
    """Class 1 has its intensity in the second half, class 0 in the first;
    the total says nothing."""
    training_spectra = frozenset({9})
    margin = 10

    def spectra(self, truth):
        rows = np.ones((len(truth.label), 8))
        rows[truth.label == 0, :4] = rows[truth.label == 1, 4:] = 3
        return rows


def pair(train_id, label, distance=100, spectrum=None):
    label = np.array(label, np.int8)
    spectrum = np.full(len(label), -1) if spectrum is None else spectrum
    return (Result(train_id, 0., np.where(label < 0, label, 0), 1., 1., 0,
                   False, ""),
            Truth(train_id, label, distance, np.asarray(spectrum)))


@pytest.fixture
def fitted():
    source = Source()
    truth = pair(0, [0, 0, 1, 1])[1]
    return simple_references.fit(source.spectra(truth), truth.label, 2, BINS)


def judged(fitted, *pairs):
    return judge(fitted, Source(), [result for result, _ in pairs],
                 {truth.train_id: truth for _, truth in pairs})


def test_the_ratio_sees_what_the_total_does_not(fitted):
    got = judged(fitted, pair(1, [0, 1, 1, -4]))
    assert got["accuracy_two_region_ratio"] == 1
    assert got["accuracy_total_intensity"] == pytest.approx(1 / 3)
    assert got["yardstick_trains"] == 1


def test_trains_at_a_transition_and_training_spectra_do_not_count(fitted):
    got = judged(fitted, pair(1, [1, 1], distance=3),
                 pair(2, [0, 1], spectrum=[1, 9]))
    assert got["yardstick_trains"] == 1
    assert got["accuracy_total_intensity"] == 1


def test_many_trains_are_thinned_evenly(fitted):
    got = judged(fitted, *(pair(n, [0]) for n in range(700)))
    assert got["yardstick_trains"] == 234


def test_a_model_without_yardsticks_is_not_judged():
    assert judged(None, pair(1, [0])) == {}
