"""What of the settings of the guard can be tested without a broker."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from karabo.middlelayer import Hash, String

from spectra_classifier.devices.permit_guard.properties import (
    TAKES,
    GuardSettings,
    drive_of,
    source_error,
    take_settings,
    time_error,
)

KEYS = tuple(GuardSettings._allattrs)


class Settings(GuardSettings):
    deviceId = String(defaultValue="a/guard/1")


@pytest.mark.parametrize(("classifier", "channels", "words"), [
    ("a/c/1", (), ""), ("a/c/1", ("a/c/1:output",), ""),
    ("", (), "classifierId is empty"),
    ("", ("a/c/1:output",), "alone names nobody"),
    ("a/c/1", ("b/c/1:output",), "names b/c/1:output, but"),
    ("a/c/1", ("a/c/1:output", "b/c/1:output"), "names b/c/1:output, but"),
    ("a/c/1", ("a/c/1:preview",), "names a/c/1:preview, but"),
    ("a/c/1", ("a/c/1",), "names a/c/1, but"),
    ("a/guard/1", (), "this guard itself"),
    *((name, (), "no device id") for name in (
        "*", "a/c/1:output", " a/c/1", "a/c/1\n", "ä", "a.b"))])
def test_whose_permit_it_is_has_to_be_clear(classifier, channels, words):
    error = source_error(Settings({"classifierId": classifier}), channels)
    assert words in error
    assert bool(error) == bool(words)


@pytest.mark.parametrize("configuration", [dict, Hash])
def test_configured_connections_never_reach_karabo(configuration):
    given = configuration()
    given["input"] = Hash("connectedOutputChannels", [" a:output "],
                          "onSlowness", "drop")
    problem, channels = take_settings(given)
    assert (problem, channels) == ("", ("a:output",))
    assert dict(given["input"]) == {"onSlowness": "drop"}


@pytest.mark.parametrize("channels", [5, [5], None, [["a:output"]]])
def test_connections_of_a_wrong_type(channels):
    problem, _ = take_settings({"input": {
        "connectedOutputChannels": channels}})
    assert "connectedOutputChannels is" in problem


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("value", [
    math.nan, math.inf, None, [True], [1.], np.array([1.]), {"a": 1}, b"x"])
def test_a_setting_of_a_wrong_type_is_named_and_left_out(key, value):
    configuration = {key: value}
    problem, _ = take_settings(configuration)
    assert problem.startswith(f"{key} is ")
    assert configuration == {}


@pytest.mark.parametrize(("key", "value"), [
    ("enableOnStart", "false"), ("latching", "true"), ("latching", 0),
    ("leaseTime", "500 ms"), ("patience", True), ("openSlot", 5),
    ("openValue", True)])
def test_nothing_is_converted(key, value):
    assert take_settings({key: value})[0].startswith(f"{key} is ")


@given(st.dictionaries(st.sampled_from(KEYS), st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(),
    st.lists(st.floats(), max_size=2))))
def test_what_is_left_has_the_types_of_the_settings(configuration):
    given = dict(configuration)
    problem, _ = take_settings(configuration)
    assert bool(problem) == (configuration.keys() != given.keys())
    for key, value in configuration.items():
        takes, _ = TAKES[type(getattr(GuardSettings, key))]
        assert takes(value)


def test_times_that_do_not_go_together():
    assert time_error(Settings({})) == ""
    assert "always seem silent" in time_error(
        Settings({"patience": 0.5, "talkPeriod": 0.5}))


def test_the_drive_has_the_settings():
    drive = drive_of(Settings({
        "targetDevice": "t", "openSlot": "o", "closeSlot": "c",
        "holdSlot": "h", "confirmProperty": "p", "confirmOpenValue": "1"}))
    assert drive.names == ("o", "c", "h", "p")
    assert drive.device == "t"
    assert drive.confirm_value == 1
