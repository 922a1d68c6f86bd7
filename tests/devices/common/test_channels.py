"""The schema is what operators and files rely on."""
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from karabo.middlelayer import AccessMode, DaqDataType, Hash

from spectra_classifier.devices.classifier_base.proposed_values import (
    default_values,
    karabo_value,
    proposed_values,
)
from spectra_classifier.devices.common.attributes import (
    MAX_CLASSES,
    MAX_PULSES,
)
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.configuration.live_model import (
    room_for_classes,
)
from spectra_classifier.live.configuration.property_map import (
    DECISION_KEYS,
    KEYS,
)
from spectra_classifier.model import manifest
from tests.broker.classifier_bench import save_model

SCHEMA = SpectraClassifier.getClassSchema().hash
DATA = "output.schema.data"


@pytest.fixture
def make():
    """Devices that are never started; what waits for that is closed."""
    made = []

    def make(**configuration):
        made.append(SpectraClassifier({"deviceId": "a/b/c"} | configuration))
        return made[-1]
    yield make
    for device in made:
        for waiting in device._initializers:
            waiting.close()


def attribute(path, name):
    return SCHEMA[path, name]


def test_the_queues_survive_a_stall_at_both_ends():
    assert attribute("input.onSlowness", "defaultValue") == "queueDrop"
    assert attribute("input.maxQueueLength", "defaultValue") == 20
    assert attribute("output.maxQueueLength", "defaultValue") == 20


def test_the_output_has_fixed_shapes_for_files():
    assert attribute(DATA, "daqDataType") == DaqDataType.TRAIN.value
    for name in "label", "confidence", "residual", "pulseId":
        assert attribute(f"{DATA}.{name}", "maxSize") == MAX_PULSES
    for name in "scores", "mixture":
        shape = attribute(f"{DATA}.{name}.shape", "defaultValue")
        assert list(shape) == [MAX_PULSES, MAX_CLASSES]


def test_everything_in_the_channels_is_read_only():
    leaves = [path for path in SCHEMA.paths()
              if path.startswith((DATA + ".", "preview.schema.data."))
              and "." not in path.split("data.", 1)[1]]
    assert len(leaves) > 20
    for path in leaves:
        if SCHEMA[path, ...].get("valueType"):
            assert attribute(path, "accessMode") == (
                AccessMode.READONLY.value), path


def test_sizes_are_of_the_instance_and_of_nobody_else(make):
    small = make(**{"source.maxPulses": 7, "model.maxClasses": 3})
    schema = small.getDeviceSchema().hash
    assert schema[f"{DATA}.label", "maxSize"] == 7
    assert list(schema[f"{DATA}.scores.shape", "defaultValue"]) == [7, 3]
    assert make().getDeviceSchema().hash[
        f"{DATA}.label", "maxSize"] == MAX_PULSES


def columns(device):
    schema = device.getDeviceSchema().hash
    shape = schema[f"{DATA}.scores.shape", "defaultValue"]
    assert shape[1] == device.model.maxClasses
    return shape[1]


def test_there_is_room_for_one_more_class_than_the_model_has(
        make, tmp_path):
    assert columns(make()) == MAX_CLASSES
    path = save_model(tmp_path / "two.onnx")
    assert columns(make(modelPath=path)) == 3
    assert columns(make(modelPath=path, **{"model.maxClasses": 2})) == 2
    Path(path).write_bytes(b"no model")     # its load gives the reason
    assert columns(make(modelPath=path)) == MAX_CLASSES


@settings(max_examples=100)
@given(cut=st.floats(0, 1), place=st.floats(0, 1), byte=st.integers(0, 255),
       inserted=st.binary(max_size=20))
def test_a_damaged_model_does_not_keep_the_device_from_starting(
        tmp_path_factory, cut, place, byte, inserted):
    folder = tmp_path_factory.getbasetemp()
    whole = folder / "whole.onnx"
    if not whole.exists():
        save_model(whole)
    data = bytearray(whole.read_bytes())
    data[int(place * (len(data) - 1))] = byte
    data = data[:int(cut * len(data))] + inserted + data[int(cut * len(
        data)):] if inserted else data[:int(cut * len(data))]
    path = folder / "damaged.onnx"
    path.write_bytes(data)
    assert room_for_classes(str(path), 8) in (3, 8)


def test_any_error_of_a_file_leaves_the_usual_room(tmp_path, monkeypatch):
    path = save_model(tmp_path / "two.onnx")

    def broken(*_):
        raise RecursionError("an error that nothing should cause")
    monkeypatch.setattr(manifest, "check", broken)
    assert room_for_classes(path, 8) == 8


def test_thresholds_and_reactions_are_for_experts():
    for key in (*DECISION_KEYS, "reactions", "minConfidence",
                "minIntensity", "decision.pulsePatterns", "selectedBins"):
        assert attribute(key, "requiredAccessLevel") == 2, key
    for slot in "arm", "disarm", "acknowledge", "reset":
        assert attribute(slot, "requiredAccessLevel") == 1, slot


def test_the_defaults_are_a_valid_configuration():
    configuration = build(default_values(SpectraClassifier))
    assert configuration.decision.window == 5
    assert not configuration.decision.reactions


def test_every_key_is_a_property_that_can_be_set():
    for key in KEYS:
        assert attribute(key, "accessMode") == (
            AccessMode.RECONFIGURABLE.value), key


def test_proposed_values_are_plain_and_touch_nothing(make):
    device = make()
    rows = [Hash("sampleClass", "a", "alarm", "warn", "permit", False)]
    values = proposed_values(device, Hash(
        "minConfidence", 0.5, "selectedBins", [1, 2], "reactions", rows,
        "status", "not ours"))
    assert values["minConfidence"] == 0.5
    assert values["selectedBins"] == (1, 2)
    assert values["reactions"] == (
        {"sampleClass": "a", "alarm": "warn", "permit": False},)
    assert device.minConfidence == -1
    assert karabo_value("reactions", values["reactions"]) == [
        ("a", "warn", False)]
    assert karabo_value("selectedBins", (1, 2)) == [1, 2]


REFUSED_BY_KARABO = [
    ("minConfidence", 3.), ("minConfidence", "many"), ("decision.window", -1),
    ("selectedBins", [-1]), ("load.engine", "abacus"), ("load.threads", 0)]


def test_what_karabo_would_refuse_is_refused_by_name(make, subtests):
    for key, value in REFUSED_BY_KARABO:
        with subtests.test(key=key, value=value):
            device = make()
            with pytest.raises(ConfigurationError, match=key):
                proposed_values(device, Hash(key, value))
