"""Fields as int32 words: every bit comes back, whatever the type."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from spectra_classifier.errors import InputError
from spectra_classifier.files.recordings.int32_packing import (
    TEXT,
    Field,
    describe,
    pack,
    read_layout,
    unpack,
)

TYPES = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32",
         "int64", "uint64", "float32", "float64")
SHAPES = st.sampled_from([(), (1,), (5,), (4, 3), (3, 1)])


@given(st.data())
def test_every_bit_comes_back(data):
    dtype = data.draw(st.sampled_from(TYPES))
    shape = data.draw(SHAPES)
    value = data.draw(arrays(dtype, shape))
    field = Field(dtype, shape)
    words = pack("x", field, value)
    assert words.dtype == np.int32 and words.shape == field.words
    back = unpack(field, words)
    assert back.dtype == dtype and back.shape == shape
    assert back.tobytes() == value.tobytes()


@given(st.data())
def test_many_trains_at_once(data):
    dtype = data.draw(st.sampled_from(TYPES))
    shape = data.draw(SHAPES)
    values = data.draw(arrays(dtype, (2, *shape)))
    field = Field(dtype, shape)
    words = np.stack([pack("x", field, value) for value in values])
    assert unpack(field, words).tobytes() == values.tobytes()


@given(st.text(st.characters(exclude_characters="\0",
                             exclude_categories=["Cs"]), max_size=30))
def test_texts_come_back_or_are_cut_between_characters(text):
    field = Field(TEXT, (22,))
    back = unpack(field, pack("x", field, text))
    assert text.startswith(back)
    assert back == text or len(text.encode()) > 22 >= len(back.encode()) > 18


def test_small_integers_can_be_read_by_eye():
    np.testing.assert_array_equal(
        pack("label", Field("int8", (3,)), [-5, 0, 2]), [-5, 0, 2])


def test_another_shape_is_named():
    with pytest.raises(InputError, match=r"label has shape \(2,\)"):
        pack("label", Field("int8", (3,)), np.zeros(2, np.int8))


@pytest.mark.parametrize("field, value", [
    (Field("int8"), "one"), (Field(TEXT, (4,)), np.int8(1))])
def test_another_kind_is_named(field, value):
    with pytest.raises(InputError, match=r"state is a \w+, expected "):
        pack("state", field, value)


def test_a_layout_describes_itself():
    layout = {"label": Field("int8", (3,)), "permit": Field("bool"),
              "scores": Field("float32", (3, 2)), "why": Field(TEXT, (9,))}
    assert read_layout(describe(layout)) == layout


@pytest.mark.parametrize("words", [[1, 2, 3], [], [0x5B5D5B5D]])
def test_what_is_no_layout(words):
    with pytest.raises(InputError, match="RecordingAdapter"):
        read_layout(np.array(words, np.int32))
