"""The scenes show what there is, and nothing overlaps the edge."""
from io import StringIO

import pytest
from karabo.middlelayer import read_scene

from spectra_classifier.devices.scenes import SCENES
from spectra_classifier.devices.spectra_classifier import SpectraClassifier

DEVICE = "SPB/CLASSIFIER/1"


def widgets(model):
    for child in model.children:
        yield child
        if hasattr(child, "children"):
            yield from widgets(child)


@pytest.mark.parametrize("name", SCENES)
def test_every_key_is_in_the_schema(name):
    paths = set(SpectraClassifier.getClassSchema().hash.paths())
    scene = read_scene(StringIO(SCENES[name](DEVICE)))
    keys = [key for widget in widgets(scene)
            for key in getattr(widget, "keys", [])]
    assert len(keys) > 20
    for key in keys:
        device, _, path = key.partition(".")
        assert device == DEVICE
        assert path in paths, path


@pytest.mark.parametrize("name", SCENES)
def test_everything_lies_inside_the_scene(name):
    scene = read_scene(StringIO(SCENES[name](DEVICE)))
    for widget in widgets(scene):
        assert widget.x + widget.width <= scene.width
        assert widget.y + widget.height <= scene.height


def test_the_scenes_are_offered():
    offered = SpectraClassifier.availableScenes.defaultValue
    assert list(offered) == list(SCENES)
