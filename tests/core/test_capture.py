"""Captures: what is used, what comes next, what is refused."""
import numpy as np
import pytest

from spectra_classifier.core import capture as core
from spectra_classifier.core.capture import Capture, Tally, usable
from spectra_classifier.core.spectra import Code, make_train


def taken(*names, trains=10, used=1000, channels=64):
    """Captures of these classes, one after the other."""
    return tuple(
        Capture(number + 1, name, 10, trains, Tally(used, 5.), channels)
        for number, name in enumerate(names))


def train_of(intensity, verdicts=None, channels=64):
    pattern = np.where(np.arange(channels) % 2, 100.5, 99.5)
    spectra = pattern + np.asarray(intensity, float)[:, None]
    return make_train(1, spectra.astype(np.float32), verdicts=verdicts)


def test_blank_saturated_and_bad_pulses_are_left_out_and_counted():
    spectra = train_of([50, 60, 55, 1, 50, 50, 50]).spectra.copy()
    spectra[4, 3] = 4000
    spectra[5, 0] = np.nan
    train = make_train(1, spectra, verdicts=[0, 0, 0, 0, 0, 0, Code.BAD_DATA])
    dark = np.full(64, 100., np.float32)
    good, tally, typical = usable(train, dark, None, 3900., -1., 0.)
    assert good.tolist() == [True] * 3 + [False] * 4
    assert tally.used == 3 and tally.intensity == pytest.approx(55)
    assert dict(tally.left_out) == {
        "low intensity": 1, "saturated": 1, "bad data": 2, "not selected": 0}
    assert typical == pytest.approx(52.5)


def test_a_train_without_beam_is_blank_beside_those_before():
    dark = np.full(64, 100., np.float32)
    *_, typical = usable(train_of([50] * 9), dark, None, np.inf, -1., 0.)
    good, tally, _ = usable(train_of([2] * 9), dark, None, np.inf, -1.,
                            typical)
    assert not good.any() and tally.left_out["low intensity"] == 9


def test_a_cut_that_is_set_is_the_cut():
    dark = np.full(64, 100., np.float32)
    good, *_ = usable(train_of([50, 60, 70]), dark, None, np.inf, 55., 0.)
    assert good.tolist() == [False, True, True]


def test_tallies_add_up():
    both = Tally(10, 4.) + Tally(30, 8.)
    assert both.used == 40 and both.intensity == pytest.approx(7.)
    assert (Tally() + Tally()).intensity == 0


def test_the_guide_asks_for_captures_in_turn():
    words = [core.guidance(taken(*names)) for names in (
        (), ("A",), ("A", "B"), ("A", "B", "A"), ("A", "B", "A", "B"))]
    assert "Name the state" in words[0]
    assert "'A' is captured. Change the sample" in words[1]
    assert words[2].startswith("Bring the sample to 'A'")
    assert words[3].startswith("Bring the sample to 'B'")
    assert words[4].startswith("2 cycles of A, B are captured: train")


def test_the_next_class(subtests):
    for names, following in [
            ("", ""), ("A", ""), ("AB", "A"), ("ABA", "B"), ("ABB", "A"),
            ("ABC", "A"), ("ABCA", "B"), ("ABCAB", "C"), ("ABCABC", "A")]:
        with subtests.test(names=names):
            assert core.next_class(taken(*names)) == following


def test_a_discarded_capture_takes_no_part():
    first, *rest = taken("A", "B")
    captures = (first.discarded("no beam"), *rest)
    assert core.classes(captures) == ("B",)
    assert core.cycles(captures) == 1
    assert captures[0].problem == "no beam"


def test_captures_in_turn(subtests):
    for names, fair in [
            ("AB", True), ("ABAB", True), ("ABBA", True), ("AABB", False),
            ("ABCABC", True), ("AABBC", False), ("AAAABBBB", False),
            ("AAABBBBA", False), ("AAABBABB", False),
            ("ABABABAB", True), ("ABBAABBA", True), ("AABBAABB", True),
            ("A", True), ("", True)]:
        with subtests.test(names=names):
            assert core.in_turn(list(names)) == fair


def test_names_that_are_refused(subtests):
    for name, words in [
            ("", "name the state"), (" A", "without blanks"),
            ("x" * 41, "41 characters"), ("unknown", "another name"),
            ("Dark", "another name"), ("A\n", "without blanks")]:
        with subtests.test(name=name):
            assert words in core.refusal_to_capture(name, ())


def test_not_more_classes_than_a_model_has():
    captures = taken(*"ABCDEFGH")
    assert "class 9" in core.refusal_to_capture("I", captures)
    assert core.refusal_to_capture("A", captures) == ""


def test_training_needs_something_to_learn_from():
    def refusal(*args, **kwargs):
        return core.refusal_to_train(taken(*args, **kwargs))

    assert "no capture" in refusal()
    assert "one class ('A')" in refusal("A", "A")
    assert "too few trains (2, at least 3)" in refusal("A", "B", trains=2)
    assert "too few usable pulses (5, at least 20" in refusal(
        "A", "B", used=5)
    assert refusal("A", "B") == ""
    mixed = taken("A") + taken("B", channels=32)
    assert "64 channels, but capture" in core.refusal_to_train(mixed) or (
        "32 channels, but capture" in core.refusal_to_train(mixed))


def test_another_number_of_channels_does_not_fit():
    assert "48 channels, but capture 1 of 'A' has 64" in core.misfit(
        taken("A"), 48)
    assert core.misfit(taken("A"), 64) == core.misfit((), 48) == ""
