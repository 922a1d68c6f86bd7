"""Scenes show keys that exist."""
import re
from importlib.metadata import entry_points
from xml.etree import ElementTree

import pytest

from spectra_classifier.devices.project import scenes_of

DEVICE_ID = "a/b/c"
DEVICES = [entry.load() for entry in entry_points(
    group="karabo.middlelayer_device")
    if entry.dist.name.replace("-", "_") == "spectra_classifier"]


CASES = [(cls, name) for cls in DEVICES for name in scenes_of(cls)]


def keys_of(text):
    """Keys of this device in the text of a scene."""
    found = re.findall(r'krb:keys="([^"]*)"', text)
    return {key.partition(".")[2] for keys in found for key in keys.split(",")
            if key.startswith(f"{DEVICE_ID}.")}


def unknown_keys(cls, text):
    schema = cls.getClassSchema().hash
    return sorted(key for key in keys_of(text) if key not in schema)


@pytest.mark.parametrize(
    "cls, name", CASES, ids=[f"{cls.__name__}-{name}" for cls, name in CASES])
def test_every_key_of_a_scene_is_in_the_schema(cls, name):
    text = scenes_of(cls)[name](DEVICE_ID)
    ElementTree.fromstring(text)
    assert keys_of(text)
    assert unknown_keys(cls, text) == []


@pytest.mark.parametrize("cls", DEVICES, ids=lambda cls: cls.__name__)
def test_what_is_offered_is_what_is_served(cls):
    schema = cls.getClassSchema().hash
    offered = (list(schema["availableScenes", "defaultValue"])
               if "availableScenes" in schema else [])
    assert sorted(offered) == sorted(scenes_of(cls))


def test_the_classifier_has_a_scene():
    assert "SpectraClassifier" in {cls.__name__ for cls, _ in CASES}


def test_the_check_sees_a_wrong_key():
    text = f'<svg krb:keys="{DEVICE_ID}.state,{DEVICE_ID}.nothing"/>'
    assert unknown_keys(DEVICES[0], text) == ["nothing"]
