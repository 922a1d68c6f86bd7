"""What the channel `output` sends is what Karabo's own schema would send."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karabo.middlelayer import Hash
from karabo.native import decodeBinary, encodeBinary

from spectra_classifier.devices.classifier_base.output_channel import (
    output_channel,
)
from spectra_classifier.devices.classifier_base.publisher import set_field

PULSES, CLASSES = 5, 3
TEXTS = st.text(st.characters(), max_size=20)      # surrogates as well
SCALARS = {"String": TEXTS, "Bool": st.booleans(), "Double": st.floats()}
WHOLE = st.integers(-(2 ** 70), 2 ** 70)


#: the class of the fields of the channel
FIELDS = output_channel(PULSES, CLASSES).cls.schema.cls.data.cls


def arrays_of(descriptor):
    """An array as the classifier makes it, or one that does not fit."""
    shape = ((PULSES, CLASSES) if type(descriptor).__name__ == "NDArray"
             else (PULSES,))
    right = (np.float32 if len(shape) == 2 else descriptor.basetype.numpy)
    return st.builds(
        lambda values, kind, short: np.resize(
            np.array(values), (shape[0] - short, *shape[1:])).astype(kind),
        st.lists(st.integers(0, 100), min_size=1, max_size=15),
        st.sampled_from([right, right, right, np.float64]),
        st.sampled_from([0, 0, 0, 1]))


@given(data=st.data())
def test_a_field_is_sent_as_karabo_sends_it_or_refused_as_there(data):
    for key in FIELDS._allattrs:
        node, descriptor = FIELDS(), getattr(FIELDS, key)
        kind = type(descriptor).__name__
        value = data.draw(
            arrays_of(descriptor) if kind == "NDArray" or "Vector" in kind
            else SCALARS.get(kind, WHOLE), key)
        try:
            setattr(node, key, value)
        except Exception:
            expected = None
        else:
            expected = node.configurationAsHash()
        ours = Hash()
        if expected is None:
            with pytest.raises((ValueError, TypeError, OverflowError,
                                AssertionError)):
                set_field(ours, descriptor, value)
            continue
        try:
            wire = encodeBinary(expected)
        except UnicodeEncodeError:
            with pytest.raises(UnicodeEncodeError):
                set_field(ours, descriptor, value)
            continue
        set_field(ours, descriptor, value)
        theirs = decodeBinary(wire)[key]
        found = decodeBinary(encodeBinary(ours))[key]
        assert type(found) is type(theirs)
        np.testing.assert_equal(flat(found), flat(theirs))


def flat(value):
    """Something that numpy compares."""
    if isinstance(value, Hash):
        return {key: flat(value[key]) for key in value}
    return bytes(value) if isinstance(value, bytes | bytearray) else value
