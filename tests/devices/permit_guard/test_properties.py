"""What of the settings of the guard can be tested without a broker."""
import math

import numpy as np
import pytest
from karabo.middlelayer import AccessMode, Hash, KaraboError, String

from spectra_classifier.core.guard.watchdog import Watchdog
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.permit_guard.properties import (
    GuardProperties,
    drive_of,
    source_error,
    take_channels,
    time_error,
)

SCHEMA = GuardProperties.getClassSchema().hash
KEYS = tuple(path for path in SCHEMA.paths()
             if SCHEMA[path, "accessMode"] == AccessMode.INITONLY.value)


class Settings(GuardProperties):
    deviceId = String(defaultValue="a/guard/1")


NAMES = [
    ("a/c/1", (), ""), ("a/c/1", ("a/c/1:output",), ""),
    ("", (), "classifierId is empty"),
    ("", ("a/c/1:output",), "alone names nobody"),
    ("a/c/1", ("b/c/1:output",), "names b/c/1:output, but"),
    ("a/c/1", ("a/c/1:output", "b/c/1:output"), "names b/c/1:output, but"),
    ("a/c/1", ("a/c/1:preview",), "names a/c/1:preview, but"),
    ("a/c/1", ("a/c/1",), "names a/c/1, but"),
    ("a/guard/1", (), "this guard itself"),
    *((name, (), "not a device id") for name in (
        "*", "a/c/1:output", " a/c/1", "a/c/1\n", "ä", "a.b"))]


def test_whose_permit_it_is_has_to_be_clear(subtests):
    for classifier, channels, words in NAMES:
        with subtests.test(classifier=classifier, channels=channels):
            error = source_error(Settings({"classifierId": classifier}),
                                 channels)
            assert words in error
            assert bool(error) == bool(words)


@pytest.mark.parametrize("configuration", [dict, Hash])
def test_configured_connections_never_reach_karabo(configuration):
    given = configuration()
    given["input"] = Hash("connectedOutputChannels", [" a:output "],
                          "onSlowness", "drop")
    assert take_channels(given) == ("a:output",)
    assert dict(given["input"]) == {"onSlowness": "drop"}
    assert take_channels(given) == take_channels(configuration()) == ()


def test_no_guard_starts_with_a_setting_of_a_wrong_type(subtests):
    assert KEYS
    for key in KEYS:
        with subtests.test(key=key):
            for value in (math.nan, math.inf, [True], [1.], np.array([1.]),
                          b"x", 10**400, Hash("a", 1)):
                with pytest.raises(KaraboError, match=f"not started: {key}"):
                    PermitGuard(Hash("deviceId", "a/guard/1", key, value))


NOT_CONVERTED = [
    ("enableOnStart", "false"), ("conditions.latching", "true"),
    ("conditions.latching", 0), ("conditions.lease", "500 ms"),
    ("target.patience", True), ("target.openSlot", 5),
    ("target.openValue", True), ("target", True), ("conditions", [0.5]),
    ("input", Hash("connectedOutputChannels", 5)),
    ("input", Hash("connectedOutputChannels", [5])), ("input", 5)]


def test_nothing_is_converted(subtests):
    for key, value in NOT_CONVERTED:
        with subtests.test(key=key, value=repr(value)), \
                pytest.raises(KaraboError, match=f"not started: {key}"):
            PermitGuard(Hash("deviceId", "a/guard/1", key, value))


def test_times_that_do_not_go_together():
    assert time_error(Settings({})) == ""
    assert "always seem silent" in time_error(
        Settings(Hash("target", Hash("patience", 0.5, "talkPeriod", 0.5))))
    beat = {"property": "beat", "period": 0.3}
    for watchdog, target, lease, words in (
            (beat, {}, 1000., ""), (beat, {}, 600., ""),
            ({"period": 0.3}, {}, 599., ""),
            (beat, {}, 599., "half of conditions.lease, 0.599 s"),
            (beat | {"time": 0.6}, {}, 1000., ""),
            (beat | {"time": 0.59}, {}, 1000., "half of watchdog.time, 0.59"),
            (beat | {"time": 2.}, {}, 1000., ""),
            (beat | {"time": 2.}, {"confirmProperty": "x"}, 1000.,
             "2 s is not longer than watchdog.time 2 s")):
        found = time_error(Settings(Hash(
            "watchdog", Hash(watchdog), "target", Hash(target),
            "conditions", Hash("lease", lease))))
        assert words in found
        assert bool(words) == bool(found)


def test_the_drive_has_the_settings():
    drive = drive_of(Settings(Hash("targetDevice", "t", "target", Hash(
        "openSlot", "o", "closeSlot", "c", "holdSlot", "h",
        "confirmProperty", "p", "confirmOpenValue", "1"), "watchdog", Hash(
        "property", "w", "kind", "fixed", "openValue", "5", "closedValue",
        "6"))))
    assert drive.names == ("o", "c", "h", "p", "w")
    assert drive.watchdog == Watchdog("w", "fixed", "5", "6")
    assert drive.device == "t"
    assert drive.confirm_value == 1
