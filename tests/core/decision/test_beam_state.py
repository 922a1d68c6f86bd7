"""Pulse energies and shutter: beam or not, and what that makes of a train."""
import numpy as np
import pytest

from spectra_classifier.core.decision.beam_state import beam_of, presence
from spectra_classifier.core.decision.presence import (
    BEAM,
    NO_BEAM,
    NOT_KNOWN,
    SAMPLE_GONE,
)
from spectra_classifier.errors import InputError

LOW, GOOD, BAD, SKIPPED = -2, 0, -4, -5


def labels(*codes):
    return np.array(codes, np.int8)


def test_energies_go_with_pulses_by_position():
    beam = beam_of(4, [5., 0.5, np.nan], least=1.)
    np.testing.assert_array_equal(beam.has_beam, [1, 0, -1, -1])
    np.testing.assert_array_equal(beam_of(2, [5., 0.5, 9.], 1.).has_beam,
                                  [1, 0])
    np.testing.assert_array_equal(beam_of(2, 7., 1.).has_beam, [1, 1])


def test_a_closed_shutter_needs_no_monitor_an_open_one_proves_nothing():
    np.testing.assert_array_equal(beam_of(2, None, 1., 0).has_beam, [0, 0])
    np.testing.assert_array_equal(beam_of(2, [9., 9.], 1., False).has_beam,
                                  [0, 0])
    np.testing.assert_array_equal(beam_of(2, None, 1., True).has_beam,
                                  [-1, -1])


def test_what_are_no_energies_is_refused():
    for wrong in ("many", [[1., 2.]]):
        with pytest.raises(InputError, match="expected one number"):
            beam_of(2, wrong, 1.)


SHOWN = [
    ([LOW] * 4, beam_of(4, 0.2, 1.), NO_BEAM,
     "the mean pulse energy is 0.2, beam is from 1 on"),
    ([LOW] * 4, beam_of(4, 9., 1., False), NO_BEAM, "the shutter is closed"),
    ([LOW] * 3 + [GOOD], beam_of(4, 9., 1.), SAMPLE_GONE,
     "the beam is there (mean pulse energy 9), and 75% of its pulses give "
     "no signal"),
    ([GOOD] * 4, beam_of(4, 9., 1.), BEAM, ""),
    # the monitor must be wrong: the spectra show light
    ([GOOD] * 4, beam_of(4, 0.2, 1.), NOT_KNOWN, ""),
    ([LOW] * 4, beam_of(4, None, 1., True), NOT_KNOWN, ""),
    ([BAD, SKIPPED], beam_of(2, 0.2, 1.), NOT_KNOWN, ""),
    # every other pulse without beam by design: judged on the others
    ([GOOD, LOW] * 2, beam_of(4, [9., 0., 9., 0.], 1.), BEAM, ""),
    ([LOW, LOW] * 2, beam_of(4, [9., 0., 9., 0.], 1.), SAMPLE_GONE,
     "the beam is there (mean pulse energy 9), and 100% of its pulses give "
     "no signal")]


def test_what_a_train_shows(subtests):
    for codes, beam, word, sentence in SHOWN:
        with subtests.test(codes=codes, beam=repr(beam)):
            assert presence(labels(*codes), beam, 0.6) == (word, sentence)


def test_only_a_number_is_the_word_of_a_shutter(subtests):
    """NaN is not 0, and must not pass for open."""
    assert not beam_of(2, 9., 1., None).closed
    for said in [np.nan, np.inf, "open", [1]]:
        with (subtests.test(said=said),
              pytest.raises(InputError, match="the shutter reports")):
            beam_of(2, 9., 1., said)


@pytest.mark.parametrize("energy", [np.nan, np.inf, -np.inf])
def test_an_energy_that_is_not_finite_is_not_known(energy):
    assert beam_of(1, [energy], 1.).has_beam[0] == -1
    assert beam_of(1, [9.], np.nan).has_beam[0] == -1
