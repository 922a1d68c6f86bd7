"""Leader and follower as one spectrum."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.preprocessing.detector_modules import (
    APPENDED,
    INTERLEAVED,
    join_modules,
)
from spectra_classifier.core.preprocessing.raw_frames import Selection, prepare
from spectra_classifier.core.spectra import Code
from spectra_classifier.errors import InputError


def module(pulses=3, channels=4, start=0, **more):
    data = np.arange(pulses * channels, dtype=np.uint16).reshape(
        pulses, channels) + start
    return {"data": data, "pulse_id": np.arange(pulses, dtype=np.uint64),
            **more}


def split(arrays, how):
    """The two modules whose join is `arrays`."""
    parts = {}, {}
    for name, values in arrays.items():
        wide = name in ("data", "gain", "mask")
        width = values.shape[-1] if wide else 0
        cuts = ((slice(0, width // 2), slice(width // 2, None))
                if how == APPENDED else
                (slice(0, None, 2), slice(1, None, 2)))
        for part, cut in zip(parts, cuts, strict=True):
            part[name] = values[..., cut] if wide else values
    return parts


@given(st.integers(0, 5), st.integers(1, 6),
       st.sampled_from([APPENDED, INTERLEAVED]), st.booleans())
def test_what_was_split_is_whole_again(pulses, half, how, one_mask):
    whole = module(pulses, 2 * half)
    shape = whole["data"].shape
    whole["gain"] = (whole["data"] % 3).astype(np.uint8)
    whole["mask"] = np.zeros(shape[1:] if one_mask else shape, bool)
    whole["frame_number"] = np.arange(1, pulses + 1, dtype=np.uint64)
    joined = join_modules(*split(whole, how), how)
    assert set(joined) == set(whole)
    for name, values in whole.items():
        np.testing.assert_array_equal(joined[name], values)
        assert joined[name].dtype == values.dtype


@pytest.mark.parametrize(("name", "absent"), [
    ("frame_number", 0), ("valid", 0)])
@pytest.mark.parametrize("who", [0, 1])
def test_a_frame_that_one_module_lacks_is_bad_data(name, absent, who):
    parts = module(), module(start=50)
    for part in parts:
        part[name] = np.array([1, 1, 1], np.uint8)
    parts[who][name][1] = absent
    parts[who]["pulse_id"][1] = 0       # as the detector leaves it
    ready = prepare(1, join_modules(*parts, APPENDED), Selection())
    np.testing.assert_array_equal(ready.train.verdicts,
                                  [0, Code.BAD_DATA, 0])


def test_pulses_with_other_ids_are_bad_data():
    other = module()
    other["pulse_id"][2] = 9
    ready = prepare(1, join_modules(module(), other, APPENDED), Selection())
    np.testing.assert_array_equal(ready.train.verdicts,
                                  [0, 0, Code.BAD_DATA])


def test_masks_of_one_module_or_of_different_rank():
    one = module(mask=np.array([1, 0, 0, 0]))
    np.testing.assert_array_equal(
        join_modules(one, module(), APPENDED)["mask"], [1] + [0] * 7)
    wide = module(mask=np.zeros((3, 4), np.uint8))
    assert join_modules(one, wide, INTERLEAVED)["mask"].shape == (3, 8)


NOT_OF_ONE_TRAIN = [
    (module(2), APPENDED, "2 pulses, the leader 3"),
    (module(3, 5), INTERLEAVED, "5 channels, the leader 4"),
    ({"data": np.zeros((3, 4), np.float32)}, APPENDED, "both must be raw"),
    (module(gain=np.zeros((3, 4), np.uint8)), APPENDED, "set source.gainPath"),
    (module(mask=np.zeros(3)), APPENDED, "mask of shape"),
    ({**module(), "pulse_id": np.arange(5, 8, dtype=np.uint64)}, APPENDED,
     "no pulse has the same id"),
    ({**module(), "pulse_id": np.arange(2, dtype=np.uint64)}, APPENDED,
     "pulse ids of shapes")]


def test_what_cannot_be_of_one_train(subtests):
    for other, how, said in NOT_OF_ONE_TRAIN:
        with subtests.test(said=said), pytest.raises(InputError, match=said):
            join_modules(module(), other, how)


@pytest.mark.parametrize("ours, theirs", [
    ([1, 2, 4, 5], [1, 2, 3, 4, 5]), ([1, 3, 5], [1, 2, 4]),
    ([2, 3, 4, 5], [1, 2, 3, 4, 5])])
def test_modules_that_lost_different_frames_stay_in_step(ours, theirs):
    """As the receiver sends it: what was lost moves the others up."""
    def part(numbers):
        frames = np.zeros(5, np.uint64)
        frames[:len(numbers)] = numbers
        return {"data": np.repeat(frames[:, None], 3, axis=1).astype("u2"),
                "frame_number": frames}

    train = prepare(1, join_modules(part(ours), part(theirs), "appended"),
                    Selection()).train
    both = sorted(set(ours) & set(theirs))
    good = np.flatnonzero(train.verdicts == 0)
    np.testing.assert_array_equal(good, np.array(both) - 1)
    for number in both:
        assert (train.spectra[number - 1] == number).all()
