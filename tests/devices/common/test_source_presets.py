"""A preset fills in the paths of a source."""
import pytest
from karabo.middlelayer import Hash

from spectra_classifier.core.preprocessing.source_layout import (
    PRESETS,
    RECEIVER,
    Layout,
)
from spectra_classifier.devices.common.property_paths import (
    descriptor_at,
    flat,
)
from spectra_classifier.devices.common.source_presets import with_preset
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_trainer.device import SpectraTrainer
from spectra_classifier.live.configuration.property_map import LAYOUT_KEYS


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_sets_every_path(name):
    values = flat(with_preset(Hash("source.preset", name)))
    assert values.pop("source.preset") == name
    assert {LAYOUT_KEYS[key]: value for key, value in values.items()} == vars(
        PRESETS[name])


def test_a_path_that_is_given_wins():
    values = with_preset(Hash(
        "source.preset", "gotthard2 corrected", "source.maskPath", "",
        "minConfidence", 0.5))
    assert values["source.maskPath"] == ""
    assert values["source.countsCalibrated"] is True
    assert values["minConfidence"] == 0.5


def test_without_a_preset_nothing_is_changed():
    values = Hash("source.maskPath", "data.mask")
    assert flat(with_preset(values)) == {"source.maskPath": "data.mask"}


def test_the_defaults_of_the_properties_are_those_of_the_default_preset():
    assert PRESETS[RECEIVER] == Layout()
    for device in SpectraClassifier, SpectraTrainer:
        preset = descriptor_at(device, "source.preset")
        assert preset.defaultValue == RECEIVER
        assert list(preset.options) == list(PRESETS)
    for key, name in LAYOUT_KEYS.items():
        assert descriptor_at(SpectraClassifier, key).defaultValue == getattr(
            Layout(), name)
