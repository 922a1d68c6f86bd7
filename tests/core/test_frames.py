"""Masks of single trains; the rest is tested through the payload."""
import numpy as np
import pytest

from spectra_classifier.core.definition import Settings
from spectra_classifier.core.frames import (
    MaskedSettings,
    Selection,
    prepare,
)
from spectra_classifier.core.spectra import Code
from spectra_classifier.errors import InputError

CHANNELS = 4


def strips(*bad):
    mask = np.zeros(CHANNELS, bool)
    mask[list(bad)] = True
    return mask


def test_settings_are_merged_once_while_nothing_changes():
    masked, own = MaskedSettings(), Settings(mask=strips(3))
    assert masked(own, None) is own
    first = masked(own, strips(1))
    np.testing.assert_array_equal(first.mask, strips(1, 3))
    assert masked(own, strips(1)) is first
    assert masked(own, strips(2)) is not first
    other = masked(Settings(), strips(2))
    np.testing.assert_array_equal(other.mask, strips(2))


def test_what_a_mask_is_made_of_may_change_behind_us():
    masked, own, mask = MaskedSettings(), Settings(), strips(1)
    masked(own, mask)
    mask[2] = True
    np.testing.assert_array_equal(masked(own, mask).mask, strips(1, 2))


def test_every_reason_has_its_code():
    spectra = np.ones((5, CHANNELS), np.uint16)
    gain = np.zeros((5, CHANNELS), np.uint8)
    gain[1, 0] = 1
    arrays = {"data": spectra, "gain": gain,
              "memory_cell": np.array([0, 1, 255, 3, 4], np.uint8),
              "pulse_id": np.arange(5) * 8}
    ready = prepare(7, arrays, Selection.parse("0:4"), channels=CHANNELS)
    np.testing.assert_array_equal(ready.train.verdicts, [
        0, Code.SATURATED, Code.BAD_DATA, 0, Code.SKIPPED])
    np.testing.assert_array_equal(ready.train.pulse_ids, np.arange(5) * 8)
    assert (ready.train.train_id, ready.switched) == (7, 1)
    trusted = prepare(7, arrays, Selection(), calibrated=True)
    assert trusted.train.verdicts[1] == 0


def test_an_array_of_another_length_is_refused():
    with pytest.raises(InputError, match="memory_cell of shape"):
        prepare(1, {"data": np.ones((3, CHANNELS)),
                    "memory_cell": np.zeros(2)}, Selection())
