"""Masks of single trains; the rest is tested through the payload."""
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing.raw_frames import (
    MaskedSettings,
    Selection,
    in_place,
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
              "frame_number": np.array([1, 2, 0, 4, 5], np.uint8),
              "memory_cell": np.full(5, 255, np.uint8),
              "pulse_id": np.arange(5) * 8}
    ready = prepare(7, arrays, Selection.parse("0:4"), channels=CHANNELS)
    np.testing.assert_array_equal(ready.train.verdicts, [
        0, Code.SATURATED, Code.BAD_DATA, 0, Code.SKIPPED])
    np.testing.assert_array_equal(ready.train.pulse_ids, np.arange(5) * 8)
    assert (ready.train.train_id, ready.switched) == (7, 1)
    trusted = prepare(7, arrays, Selection(), calibrated=True)
    assert trusted.train.verdicts[1] == 0


OF_ANOTHER_KIND = [
    ({"frame_number": np.zeros(2)}, "frame_number of shape"),
    ({"valid": np.array(["yes"] * 3)}, "valid of type"),
    ({"pulse_id": np.arange(2)}, "pulse ids of shape"),
    ({"pulse_id": np.array([0., 1., np.nan])}, "expected whole numbers"),
    ({"pulse_id": np.array([0, -1, 2])}, "expected whole numbers")]


def test_an_array_of_another_kind_is_refused(subtests):
    for arrays, said in OF_ANOTHER_KIND:
        with (subtests.test(arrays=repr(arrays)),
              pytest.raises(InputError, match=said)):
            prepare(1, {"data": np.ones((3, CHANNELS))} | arrays, Selection())


def test_only_a_number_above_zero_is_valid():
    ready = prepare(1, {"data": np.ones((4, CHANNELS)), "valid": np.array(
        [1., 0., np.nan, np.inf])}, Selection())
    np.testing.assert_array_equal(
        ready.train.verdicts, [0, Code.BAD_DATA, Code.BAD_DATA, 0])


@given(st.lists(st.tuples(*[st.booleans()] * CHANNELS), min_size=1,
                max_size=5))
@example([(True, False, False, False), (True, False, True, False)])
def test_only_strips_that_are_bad_in_every_frame_are_bridged(bad):
    bad = np.array(bad)
    ready = prepare(1, {"data": np.ones(bad.shape), "mask": bad}, Selection())
    bridged = strips() if ready.mask is None else ready.mask
    assert bad[:, bridged].all()
    for frame, verdict in zip(bad, ready.train.verdicts, strict=True):
        further = (frame & ~bridged).any()
        assert verdict == (Code.BAD_DATA if further else 0)


IDS = st.integers(0, 2**64 - 1)


@given(st.lists(st.tuples(IDS, st.booleans()), max_size=6), IDS, st.booleans())
def test_ids_are_taken_unless_they_are_one_for_all(pulses, train_id, constant):
    ids = np.array([one for one, _ in pulses], np.uint64)
    if constant and len(ids):
        ids[:] = train_id
    frames = np.array([come for _, come in pulses], np.uint64)
    ready = prepare(train_id, {
        "data": np.ones((len(ids), CHANNELS)), "pulse_id": ids,
        "frame_number": frames}, Selection())
    known = ids[frames > 0].tolist()
    # the receiver writes the largest number where it has no id
    same = len(set(known)) == 1 and (
        len(known) > 1 or known[0] in (train_id, 2**64 - 1))
    assert ready.train.pulse_ids.dtype == np.uint64
    assert ready.train.pulse_ids.tolist() == (
        list(range(len(ids))) if same else ids.tolist())
    assert bool(ready.remark) == same


def received(numbers, pulses=6, **more):
    """A train of `pulses` buffers, of which those with a number are filled."""
    frames = np.zeros(pulses, np.uint64)
    frames[:len(numbers)] = numbers
    spectra = np.zeros((pulses, CHANNELS), np.uint16)
    spectra[:len(numbers)] = np.array(numbers, np.uint64)[:, None] % 1000
    return {"data": spectra, "frame_number": frames} | more


@given(lost=st.sets(st.integers(1, 5), max_size=4),
       before=st.sampled_from([0, 7, 2**32, 2**63]))
def test_frames_go_back_to_their_place(lost, before):
    came = [place for place in range(6) if place not in lost]
    numbers = [before + 1 + place for place in came]
    mask = np.zeros((6, CHANNELS), np.uint32)
    mask[len(came) - 1, 2] = 8
    ready = prepare(7, received(numbers, mask=mask), Selection())
    np.testing.assert_array_equal(
        np.flatnonzero(ready.train.verdicts == 0), came[:-1])
    np.testing.assert_array_equal(
        ready.train.spectra[came, 0], np.array(numbers, np.uint64) % 1000)
    # the position identifies the pulse
    np.testing.assert_array_equal(ready.train.pulse_ids, np.arange(6))
    rows = np.arange(6) if ready.rows is None else ready.rows
    np.testing.assert_array_equal(rows[came], np.arange(len(came)))
    assert sorted(rows) == list(range(6))


AS_THEY_ARE = {
    "nothing is missing": received([1, 2, 3, 4, 5, 6]),
    "the last ones are": received([3, 4, 5]),
    "nothing came": received([]),
    "counted in another way": received([1, 9, 17, 25]),
    "not in order": received([5, 3, 4]),
    "every frame is in its place already": received([1, 0, 3, 0, 5, 6]),
    "the first one is missing in its place": received([0, 2, 3, 4, 5, 6]),
    "no numbers": received([1, 3]) | {
        "frame_number": np.array([1., 3, 0, 0, 0, 0])},
}


def test_frames_stay_where_numbers_tell_nothing(subtests):
    for name, arrays in AS_THEY_ARE.items():
        with subtests.test(name):
            assert in_place(arrays) is arrays


@pytest.mark.parametrize("unknown", [0, 2**64 - 1])
def test_what_a_firmware_without_bunch_ids_sends_is_no_id(unknown):
    for pulses in 1, 3:
        ready = prepare(7, {
            "data": np.ones((pulses, CHANNELS), np.uint16),
            "pulse_id": np.full(pulses, unknown, np.uint64)}, Selection())
        np.testing.assert_array_equal(ready.train.pulse_ids,
                                      np.arange(pulses))
