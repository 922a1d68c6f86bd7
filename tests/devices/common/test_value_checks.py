"""Every property of every device, against a second word on what it takes."""
import math
import random

import numpy as np
import pytest
from docs_tables.property_tables import device_classes
from karabo.middlelayer import AccessMode, Hash, State
from karabo.native.schema.descriptors import Number

from spectra_classifier.core.text import MAX_TEXT, is_text
from spectra_classifier.devices.common.property_paths import descriptor_at
from spectra_classifier.devices.common.value_checks import accepted
from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_trainer.device import SpectraTrainer
from spectra_classifier.devices.spectrometer_simulator.device import (
    SpectrometerSimulator,
)
from spectra_classifier.errors import ConfigurationError
from tests.broker.border_values import Values, fits, properties

TRIES = 300
#: what Karabo takes, and what became of it: (property, value)
TAKEN_BY_KARABO = [
    ("screens.previewPulse", [5]), ("screens.previewPulse", np.array([5])),
    ("screens.previewPulse", 5.5), ("screens.previewPulse", "5"),
    ("screens.previewPulse", True),
    ("expectedWrong.pulses", [27]), ("snapshots.ringTime", [5.]),
    ("conditions.latching", "false"), ("conditions.latching", 0),
    ("conditions.latching", []),
    ("snapshots.quota", math.nan), ("snapshots.quota", math.inf),
    ("conditions.staleAfter", 1e-300), ("conditions.staleAfter", 1e308),
    ("conditions.staleAfter", "2 s"),
    ("minConfidence", math.nan), ("dark.spectrum", [1., math.nan]),
    ("dark.spectrum", [[1., 2.]]), ("dark.spectrum", np.zeros((2, 2))),
    ("decision.minDwell", np.array(1.)), ("decision.minDwell", 10**400),
    ("selectedBins", [1.5]),
    ("source.dataPath", "a\0b"),
    ("source.dataPath", 5), ("source.dataPath", "x" * (MAX_TEXT + 1)),
    ("dark.spectrum", [1e39]), ("alarms.latched", ["fault"] * 33),
    ("alarms.latched", "fault"), ("alarms.latched", ["a\n"]),
    ("reactions", [Hash("sampleClass", "a", "alarm", "none",
                        "permit", "false")]),
    ("reactions", [Hash("sampleClass", "a", "alarm", "none")]),
    ("reactions", [Hash("sampleClass", "a", "alarm", "none", "permit", True,
                        "more", 1)]),
    ("decision.pulsePatterns", [Hash("name", "a", "kind", "X-ray")]),
    ("decision.pulsePatterns",
     [Hash("name", "a", "first", 1.5, "step", 1, "count", 0,
                            "required", True)])]


def test_what_karabo_would_take_is_refused_by_name(subtests):
    for key, value in TAKEN_BY_KARABO:
        with subtests.test(key=key, value=repr(value)):
            with pytest.raises(ConfigurationError, match=key) as refusal:
                accepted(SpectraClassifier, Hash(key, value), State.ON)
            assert len(str(refusal.value)) < 500
            with pytest.raises(ConfigurationError, match=key):
                accepted(SpectraClassifier, Hash(key, value), initial=True)


def test_a_table_from_before_a_column_was_there_is_taken():
    row = Hash("name", "a", "first", 1, "step", 1, "count", 0, "required",
               True)
    for rest in {"initial": True}, {"state": State.ON}:
        found = accepted(SpectraClassifier, Hash(
            "decision.pulsePatterns", [row]), **rest)
        [taken] = found["decision.pulsePatterns"]
        assert taken["kind"] == "pulse id"
    row["kind"] = "laser"
    with pytest.raises(ConfigurationError, match="expected one of pulse id"):
        accepted(SpectraClassifier, Hash("decision.pulsePatterns", [row]),
                 State.ON)


@pytest.mark.parametrize("seed", range(3))
def test_any_value_is_taken_as_it_is_or_refused(seed, subtests):
    for device_class in device_classes():
        with subtests.test(device_class.__name__):
            chance = random.Random(seed)
            values = Values(chance, [])
            settable = properties(device_class.getClassSchema().hash)
            for _ in range(TRIES):
                prop = chance.choice(settable)
                value = (values.good if chance.random() < .5
                         else values.bad)(prop)
                if value is None:       # leaves the default at a start
                    continue
                try:
                    taken = accepted(device_class, Hash(prop.path, value),
                                     initial=True)
                except ConfigurationError as error:
                    assert prop.path in str(error)
                    assert not fits(prop, value), error
                else:
                    assert fits(prop, value), (
                        f"{prop.path} has taken {value!r}")
                    assert_same(taken[prop.path], value)


def assert_same(taken, given):
    if isinstance(taken, list):
        assert len(taken) == len(given)
        for one, other in zip(taken, given, strict=True):
            assert_same(one, other)
    elif isinstance(taken, Hash):
        assert set(taken.keys()) == set(given.keys())
        for key in taken:
            assert_same(taken[key], given[key])
    else:
        assert taken == given


NOT_SETTABLE = [
    ("nothing", "no property 'nothing'"), ("__init__", "no property"),
    ("logger", "no property"), ("state", "not reconfigurable"),
    ("source.maxPulses", "not reconfigurable"),
    ("deviceId", "not reconfigurable"),
    ("arm", "is a slot"), ("output", "output is 5")]


def test_what_cannot_be_set_is_refused(subtests):
    for key, words in NOT_SETTABLE:
        with subtests.test(key=key), \
                pytest.raises(ConfigurationError, match=words):
            accepted(SpectraClassifier, Hash("decision.minDwell", 1., key, 5),
                     State.ON)


def test_what_is_no_set_of_values_is_refused(subtests):
    for values in (None, 5, "decision.minDwell", [1], b"x"):
        with subtests.test(values=values), \
                pytest.raises(ConfigurationError, match="expected properties"):
            accepted(SpectraClassifier, values, State.ON)


def test_a_state_that_forbids_is_named():
    with pytest.raises(ConfigurationError, match="MOVING"):
        accepted(SimulatedMotor, Hash("target", 1.), State.MOVING)
    assert accepted(SimulatedMotor, Hash("target", 1), State.ON)[
        "target"] == 1


def test_a_start_keeps_what_karabo_adds_and_leaves_defaults():
    given = Hash("deviceId", "a/b", "_deviceId_", "a/b", "serverId", "s",
                 "hostName", "h", "state", "anything",
                 "decision.minDwell", None)
    assert accepted(SpectraClassifier, given, initial=True) == given


@pytest.mark.parametrize(("key", "words"), [
    ("permitLease", "no property 'permitLease'"),
    ("conditions.leese", "'conditions.leese' in .*: did you mean 'lease'"),
    ("input.connectedOutputChannel", "'connectedOutputChannels'")])
def test_a_start_with_a_name_that_nothing_has_is_refused(key, words):
    """Else a setting of an old or wrong name would leave its default."""
    with pytest.raises(ConfigurationError, match=words):
        accepted(SpectraClassifier, Hash("deviceId", "a/b", key, 1.),
                 initial=True)


def test_a_misspelt_name_of_any_property_is_refused_at_a_start(subtests):
    for device_class in device_classes():
        with subtests.test(device_class.__name__):
            for prop in properties(device_class.getClassSchema().hash):
                with pytest.raises(ConfigurationError, match="no property"):
                    accepted(device_class, Hash(f"{prop.path}X", 1),
                             initial=True)


def test_all_that_a_schema_holds_may_come_back_at_a_start(subtests):
    """A client sends what it has shown, values that are read only too."""
    for device_class in device_classes():
        with subtests.test(device_class.__name__):
            schema, given = device_class.getClassSchema().hash, Hash()
            for path in schema.paths():
                if "defaultValue" in schema[path, ...]:
                    given[path] = schema[path, "defaultValue"]
            assert accepted(device_class, given, initial=True).paths() == (
                given.paths())


def test_every_number_with_a_fraction_has_two_limits(subtests):
    for device_class in device_classes():
        with subtests.test(device_class.__name__):
            for key in device_class.getClassSchema().hash.paths():
                descriptor = descriptor_at(device_class, key)
                if (isinstance(descriptor, Number)
                        and descriptor.accessMode is not AccessMode.READONLY):
                    low, high = descriptor.getMinMax()
                    assert low >= -1e12, f"{key} has no lower limit"
                    assert high <= 1e12, f"{key} has no upper limit"


TIMES = [
    (SpectraClassifier, "conditions.staleAfter"),
    (SpectraClassifier, "load.degradeAfter"),
    (SpectraTrainer, "source.timeout"), (SpectrometerSimulator, "rate")]


def test_a_time_is_not_almost_nothing(subtests):
    for device_class, key in TIMES:
        with subtests.test(key=key), \
                pytest.raises(ConfigurationError, match=key):
            accepted(device_class, Hash(key, 1e-9), State.ON)


TEXTS = [
    ("", True), ("µ 試料 /a/b", True), ("a\0", False), ("a\n", False),
    ("\ud800", False), ("x" * MAX_TEXT, True), ("x" * (MAX_TEXT + 1), False),
    (5, False), (None, False), (b"a", False)]


def test_text(subtests):
    for value, good in TEXTS:
        with subtests.test(value=repr(value)):
            assert is_text(value) is good
