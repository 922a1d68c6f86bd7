"""What the adapter sends fits what recorders of matrices can keep."""
import numpy as np
import pytest
from karabo.middlelayer import (
    Hash,
    Int32,
    NDArray,
    decodeBinary,
    encodeBinary,
)

from spectra_classifier.devices.classifier_base.output_channel import (
    output_channel,
)
from spectra_classifier.devices.recording_adapter.channel import (
    LAYOUT,
    layout_of,
    words_channel,
)
from spectra_classifier.devices.recording_adapter.device import (
    received_value,
)
from spectra_classifier.errors import InputError
from spectra_classifier.files.recordings.int32_packing import (
    Field,
    describe,
    pack,
    unpack,
)

PULSES, CLASSES = 6, 3


def leaves(channel):
    node = channel.cls.schema.cls.data.cls
    return {name: getattr(node, name) for name in node._allattrs}


def test_every_field_of_the_output_has_its_words():
    theirs = leaves(output_channel(PULSES, CLASSES))
    ours = leaves(words_channel(PULSES, CLASSES))
    assert ours.keys() == theirs.keys() | {LAYOUT}
    for leaf in ours.values():
        assert isinstance(leaf, NDArray) and leaf.dtype == Int32.numpy
        # a trailing 1 would be squeezed away by the recorder
        assert leaf.shape and 0 not in leaf.shape
        assert len(leaf.shape) == 1 or leaf.shape[-1] > 1


def test_the_layout_has_the_types_of_the_output():
    layout = layout_of(PULSES, CLASSES)
    assert layout["label"] == Field("int8", (PULSES,))
    assert layout["scores"] == Field("float32", (PULSES, CLASSES))
    assert layout["pulseId"] == Field("uint64", (PULSES,))
    assert layout["pulseCount"] == Field("uint32")
    assert layout["permit"] == Field("bool")
    assert layout["latency"] == Field("float64")
    assert layout["permitReason"].dtype == "text"


def test_values_fit_the_channel():
    node = words_channel(PULSES, CLASSES).cls.schema.cls.data.cls()
    words = describe(layout_of(PULSES, CLASSES))
    setattr(node, LAYOUT, words)
    np.testing.assert_array_equal(getattr(node, LAYOUT).value, words)
    with pytest.raises(ValueError, match="Shape mismatch"):
        node.label = np.zeros(PULSES + 1, np.int32)


def test_what_comes_over_the_wire_goes_into_the_words_and_back():
    sent = output_channel(PULSES, CLASSES).cls.schema.cls()
    layout = layout_of(PULSES, CLASSES)
    values = {}
    for number, (name, field) in enumerate(layout.items(), 1):
        values[name] = (f"why {number} ä" if field.dtype == "text"
                        else np.full(field.shape, number, field.dtype))
        setattr(sent.data, name, values[name])
    received = decodeBinary(encodeBinary(sent.configurationAsHash()))
    words = words_channel(PULSES, CLASSES).cls.schema.cls().data
    for name, field in layout.items():
        value = received_value(received, name, field)
        setattr(words, name, pack(name, field, value))
        np.testing.assert_array_equal(
            unpack(field, getattr(words, name).value), values[name])


def test_a_table_of_fewer_classes_gets_columns_of_zeros():
    sent = output_channel(PULSES, 2).cls.schema.cls()
    sent.data.scores = np.ones((PULSES, 2), np.float32)
    data = decodeBinary(encodeBinary(sent.configurationAsHash()))
    found = received_value(data, "scores", Field("float32", (PULSES, 3)))
    np.testing.assert_array_equal(found, [[1, 1, 0]] * PULSES)
    more = received_value(data, "scores", Field("float32", (PULSES, 1)))
    with pytest.raises(InputError, match=r"shape \(6, 2\)"):
        pack("scores", Field("float32", (PULSES, 1)), more)


def test_a_chunk_of_something_else_is_refused():
    with pytest.raises(InputError, match=r"no data.label.*channel output"):
        received_value(Hash("data.adc", 1), "label", Field("int8", (2,)))
