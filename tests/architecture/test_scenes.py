"""Scenes show keys that exist, side by side."""
import re
from importlib.metadata import entry_points
from io import StringIO
from itertools import combinations
from xml.etree import ElementTree

from karabo.middlelayer import read_scene

from spectra_classifier.devices.tools.karabo_project import scenes_of

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


def widgets(model):
    for child in model.children:
        yield child
        if hasattr(child, "children"):
            yield from widgets(child)


def scene_of(cls, name):
    return read_scene(StringIO(scenes_of(cls)[name](DEVICE_ID)))


def apart(one, other):
    return (one.x + one.width <= other.x or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y)


def test_everything_lies_inside_the_scene(subtests):
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            scene = scene_of(cls, name)
            for widget in widgets(scene):
                assert widget.x >= 0 and widget.y >= 0
                assert widget.x + widget.width <= scene.width, widget.keys
                assert widget.y + widget.height <= scene.height, widget.keys


def test_no_two_widgets_lie_on_each_other(subtests):
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            placed = [widget for widget in widgets(scene_of(cls, name))
                      if hasattr(widget, "keys")]
            for one, other in combinations(placed, 2):
                assert apart(one, other), (one.keys or one.text,
                                           other.keys or other.text)


def test_every_key_of_a_scene_is_in_the_schema(subtests):
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            text = scenes_of(cls)[name](DEVICE_ID)
            ElementTree.fromstring(text)
            assert keys_of(text)
            assert unknown_keys(cls, text) == []


def test_what_is_offered_is_what_is_served(subtests):
    for cls in DEVICES:
        with subtests.test(cls.__name__):
            schema = cls.getClassSchema().hash
            offered = (list(schema["availableScenes", "defaultValue"])
                       if "availableScenes" in schema else [])
            assert sorted(offered) == sorted(scenes_of(cls))


def test_the_classifier_has_a_scene():
    assert "SpectraClassifier" in {cls.__name__ for cls, _ in CASES}


def test_the_check_sees_a_wrong_key():
    text = f'<svg krb:keys="{DEVICE_ID}.state,{DEVICE_ID}.nothing"/>'
    assert unknown_keys(DEVICES[0], text) == ["nothing"]
