"""What goes out, field by field."""
import numpy as np
import pytest

from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.classifier_base import property_values
from spectra_classifier.devices.classifier_base.output_channel import (
    output_channel,
)
from spectra_classifier.devices.spectra_classifier.properties.preview import (
    PreviewNode,
)
from spectra_classifier.live.audit import audit
from tests.live.test_stream_state import Rig

PULSES, CLASSES = 10, 3


def fields(rig, **kwargs):
    rig.clock.now += 0.1
    return property_values.output_fields(rig.finish(rig.arrive(**kwargs)),
                                 PULSES, CLASSES)


def test_every_field_of_the_schema_is_written():
    found = fields(Rig())
    data = output_channel(PULSES, CLASSES).cls.schema.cls.data.cls
    assert set(found) == set(data._allattrs)
    node = data()
    for key, value in found.items():
        setattr(node, key, value)       # shapes and types fit


def test_padding_is_no_class():
    found = fields(Rig(), pulses=4)
    np.testing.assert_array_equal(found["label"], [1] * 4 + [-5] * 6)
    assert found["pulseCount"] == 4
    assert not found["confidence"][4:].any()
    assert not found["scores"][4:].any()
    assert not found["scores"][:, 2].any()
    assert np.isnan(found["residual"][4:]).all()
    np.testing.assert_array_equal(found["pulseId"][:4], range(4))


def test_a_full_train_and_an_empty_one():
    rig = Rig()
    assert (fields(rig, pulses=PULSES)["label"] == 1).all()
    assert (fields(rig, pulses=0)["label"] == Code.SKIPPED).all()


def test_a_train_that_is_too_long_fills_the_vector_and_no_more():
    found = fields(Rig(), pulses=PULSES + 5, problem="too many pulses")
    assert found["pulseCount"] == PULSES
    assert (found["label"] == Code.BAD_DATA).all()


def test_arrays_are_fresh_each_time():
    rig = Rig()
    first, second = fields(rig), fields(rig)
    for key, value in first.items():
        if isinstance(value, np.ndarray):
            assert not np.shares_memory(value, second[key])


def test_the_permit_group_is_whole():
    rig = Rig()
    group = property_values.permit_group(rig.permitted())
    assert group["permit"] is True
    assert group["permitTrainId"] == rig.train_id
    assert group["permitValidFor"] == 500


def test_bins_say_which_of_them_vote():
    rig = Rig()
    settings = rig.flow.configuration.settings
    rows = property_values.bin_rows(rig.model.definition, settings)
    assert [row[-2] for row in rows] == [True, True]
    rig.configure(selectedBins=(1,))
    rows = property_values.bin_rows(rig.model.definition,
                            rig.flow.configuration.settings)
    assert [row[-2] for row in rows] == [False, True]
    assert rows[1][1:3] == (16, 31)


def test_a_bin_without_weight_does_not_vote():
    rig = Rig()
    rig.model.definition.weights[0] = 0
    rows = property_values.bin_rows(rig.model.definition,
                            rig.flow.configuration.settings)
    assert [row[-2] for row in rows] == [False, True]


def test_the_preview_fits_its_schema():
    rig = Rig()
    preview = rig.processor.afterwards(rig.finish(rig.arrive()).outcome)
    node = PreviewNode.data.cls()
    found = property_values.preview_fields(preview)
    assert set(found) == set(node._allattrs)
    for key, value in found.items():
        setattr(node, key, value)


@pytest.mark.parametrize("index, reason", [
    (0, "100% of the eligible pulses, from unknown")])
def test_history_is_readable(index, reason):
    rig = Rig()
    for _ in range(6):
        decision = rig.send(index)
    row = audit.history_row(decision, "now", "abc")
    assert row == ("now", 1001, "low", reason, "abc")
