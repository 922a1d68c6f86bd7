"""The scenes of the classifier show what there is."""
from io import StringIO

from karabo.middlelayer import read_scene

from spectra_classifier.core import decision
from spectra_classifier.devices.classifier_base.scene_parts import ALL_HOLD
from spectra_classifier.devices.common.scene_page import widget_size
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_classifier.properties.screens import (
    CHANNELS,
)
from spectra_classifier.devices.spectra_classifier.scenes import SCENES

DEVICE = "SPB/CLASSIFIER/1"
SCHEMA = SpectraClassifier.getClassSchema().hash
PICTURES = tuple(f"screens.{name}." for name in CHANNELS)


def scene_of(name):
    return read_scene(StringIO(SCENES[name](DEVICE)))


def widgets(model):
    for child in model.children:
        yield child
        if hasattr(child, "children"):
            yield from widgets(child)


def keys(scene):
    return [key for widget in widgets(scene)
            for key in getattr(widget, "keys", [])]


def test_every_key_is_in_the_schema(subtests):
    for name in SCENES:
        with subtests.test(name=name):
            found = keys(scene_of(name))
            assert len(found) > 12
            for key in found:
                device, _, path = key.partition(".")
                assert device == DEVICE
                assert path in SCHEMA, path


def test_a_picture_has_the_size_of_its_widget(subtests):
    for name in SCENES:
        with subtests.test(name=name):
            for widget in widgets(scene_of(name)):
                key = (getattr(widget, "keys", None) or [""])[0]
                path = key.partition(".")[2]
                if path.startswith(PICTURES):
                    height, width, _ = SCHEMA[f"{path}.pixels.shape",
                                              "defaultValue"]
                    assert widget_size((width, height)) == (
                        widget.width, widget.height)


def test_every_picture_is_in_a_scene():
    shown = {key.partition(".screens.")[2].split(".")[0]
             for name in SCENES for key in keys(scene_of(name))}
    assert set(CHANNELS) <= shown


def test_the_scenes_are_offered():
    offered = SpectraClassifier.availableScenes.defaultValue
    assert list(offered) == list(SCENES)


def test_a_button_that_disarms_asks_first():
    row = SCHEMA["model.bins", "rowSchema"].hash
    assert "confirmation=1" in row["switch", "displayType"]
    asks = {key.partition(".")[2]: widget.requires_confirmation
            for name in SCENES for widget in widgets(scene_of(name))
            if type(widget).__name__ == "DisplayCommandModel"
            for key in widget.keys}
    assert {name for name, asked in asks.items() if asked} == {
        "arm", "acknowledge", "previousModel", "captureDark"}


def test_the_green_tile_is_for_a_permit_alone():
    # the tile is chosen by the words of permitReason
    config = decision.DecisionConfig(classes=("a", "b"), reactions=(
        decision.Reaction("a", "none", True),))
    state = decision.DecisionState(armed=True)
    standing = decision.ModelStanding(
        verified=True, min_intensity=1., reactions_confirmed=True)
    said = {}
    for train in range(1, 10):
        seen = decision.Observation(
            train_id=train, labels=[0] * 9, time=train / 10, model=standing,
            latency=1., train_age=1., coverage=1., drift=0.)
        state, result = decision.step(state, seen, config)
        said.setdefault(result.permit, set()).add(result.reason)
    assert said[True] == {ALL_HOLD}
    assert ALL_HOLD not in said[False]
