"""The summary counts what it says it counts."""
import numpy as np
import pytest

from spectra_lab.demo.records import Result, Truth, in_order_of
from spectra_lab.demo.summary import accounting, accuracy, timing, transitions


def result(train_id, label, state=0, received=0., latency=1.):
    return Result(train_id, received, np.array(label, np.int8), latency,
                  2 * latency, state, False, "")


def truth(train_id, label, distance=100, spectrum=None):
    label = np.array(label, np.int8)
    spectrum = np.full(len(label), -1) if spectrum is None else spectrum
    return Truth(train_id, label, distance, np.asarray(spectrum))


def test_unknown_is_wrong_and_rejected_does_not_count():
    got = accuracy([result(1, [0, 1, -1, -2, -4])],
                   {1: truth(1, [0, 0, 0, 0, 0])})
    assert got["accuracy"] == pytest.approx(1 / 3)
    assert got["unknown_share"] == pytest.approx(1 / 3)
    assert got["pulses_judged"] == 3


def test_trains_near_a_transition_count_only_in_the_whole():
    got = accuracy([result(1, [0, 0]), result(2, [1, 1])],
                   {1: truth(1, [0, 0], distance=10),
                    2: truth(2, [0, 0], distance=9)}, margin=10)
    assert got["accuracy"] == 1
    assert got["accuracy_all"] == 0.5


def test_training_spectra_are_left_out():
    got = accuracy([result(1, [0, 1, 1])],
                   {1: truth(1, [0, 0, 0], spectrum=[4, 5, 6])},
                   left_out={5})
    assert got["accuracy"] == 0.5
    assert got["training_pulses_left_out"] == 1


def test_without_labels_there_is_no_accuracy():
    assert accuracy([result(1, [0])], {})["accuracy"] is None
    assert accuracy([result(1, [0])],
                    {1: truth(1, [-1])})["accuracy"] is None


def test_losses_are_seen_from_both_ends():
    received = {"trains": 9, "lost": 0, "pulses": 90, "classified": 80,
                "rejected": 7, "skipped": 3}
    assert accounting({"trains": 10, "pulses": 100},
                      received)["trains_lost"] == 1
    got = accounting({"trains": 9, "pulses": 90}, received)
    assert got["trains_lost"] == got["pulses_unaccounted"] == 0
    assert accounting({"trains": 9, "pulses": 90},
                      received | {"rejected": 5})["pulses_unaccounted"] == 2
    assert accounting({"trains": 9, "pulses": 91},
                      received)["pulses_unaccounted"] == 1


def test_rate_is_of_intervals():
    results = [result(n, [0], received=0.1 * n, latency=n)
               for n in range(11)]
    got = timing(results)
    assert got["rate_hz"] == pytest.approx(10)
    assert got["latency_ms_p50"] == 5
    assert timing([])["rate_hz"] is None


def sequence(labels, states):
    return ([result(n, [0], state) for n, state in enumerate(states)],
            {n: truth(n, [label]) for n, label in enumerate(labels)})


def test_a_transition_is_matched_until_the_next_one():
    got = transitions(*sequence([0, 0, 0, 1, 1, 1, 0, 0, 1],
                                [0, 0, 0, 0, 0, 1, 1, 1, 1]), {4: 1})
    assert [(t["labelled_train"], t["decided_train"], t["reported_train"])
            for t in got] == [(3, 5, 4), (6, None, None), (8, 5, None)]
    assert got[0]["error_trains"] == 1
    assert got[0]["window_delay_trains"] == 1


def test_a_decision_before_the_label_is_early():
    got, = transitions(*sequence([0, 0, 0, 0, 1, 1],
                                 [0, 0, 1, 1, 1, 1]), {1: 1, 0: 0})
    assert got["decided_train"] == 2 and got["error_trains"] == -3


def test_without_a_change_there_is_no_transition():
    assert transitions(*sequence([0, 0], [0, 0])) == []
    assert transitions([], {}) == []


def test_a_decision_that_did_not_last_is_none():
    got, = transitions(*sequence([0, 0, 0, 0, 1, 1],
                                 [0, 1, 1, 0, 0, 1]), {1: 1, 4: 1})
    assert got["decided_train"] == 5 and got["reported_train"] == 4


def test_labels_follow_the_names_of_the_classes():
    got = in_order_of(("b", "a", "x"), [0, 1, 2, -4], ("a", "b"))
    assert got.tolist() == [1, 0, -1, -4]
