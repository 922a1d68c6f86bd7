"""What of the guard can be tested without a broker."""
from types import SimpleNamespace

import pytest

from spectra_classifier.devices.guard_properties import configuration_error

NOTHING = dict.fromkeys(("classifierId", "targetDevice", "openSlot",
                         "closeSlot", "targetProperty"), "")
GOOD = NOTHING | {"classifierId": "c", "targetDevice": "t"}
SLOTS = {"openSlot": "open", "closeSlot": "close"}


@pytest.mark.parametrize(("settings", "words"), [
    (SLOTS, ""), ({"targetProperty": "position"}, ""),
    (SLOTS | {"classifierId": ""}, "classifierId is empty"),
    (SLOTS | {"targetDevice": ""}, "targetDevice is empty"),
    ({"openSlot": "open"}, "give both or none"),
    ({"closeSlot": "close"}, "give both or none"),
    ({}, "one way to drive"),
    (SLOTS | {"targetProperty": "position"}, "one way to drive")])
def test_a_configuration_that_cannot_work_is_named(settings, words):
    error = configuration_error(SimpleNamespace(**GOOD | settings))
    assert words in error
    assert bool(error) == bool(words)
