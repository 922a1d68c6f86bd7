"""Scenes: on one grid, nothing on each other, every text in its box.

What a text takes is measured in the fonts of the Karabo GUI itself.
"""
import json
import os
import re
import subprocess
from importlib.metadata import entry_points
from io import StringIO
from itertools import combinations
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
from karabo.middlelayer import read_scene

from spectra_classifier.devices.common.drawing.canvas import raster
from spectra_classifier.devices.common.scene_page import (
    COLUMNS,
    GAP,
    PAD,
    left,
    span,
)
from spectra_classifier.devices.tools.karabo_project import scenes_of
from spectra_lab.gui.person import CLIENT, gui_python

DEVICE_ID = "a/b/c"
DEVICES = [entry.load() for entry in entry_points(
    group="karabo.middlelayer_device")
    if entry.dist.name.replace("-", "_") == "spectra_classifier"]

CASES = [(cls, name) for cls in DEVICES for name in scenes_of(cls)]
#: height that a screen of 1080 lines leaves to a scene in its window
SCREEN = 1040
#: capitals that are read from two metres: 7 mm at 0.25 mm per pixel
FAR = 28
#: the longest numbers that are expected: train ids and pulses in all have
#: ten digits
LONG, SHORT = "9999999999", "99999"
COUNTED = re.compile("[tT]rain(Id|s|$)|pulses[A-Z]")
FLOATS = {"FLOAT", "DOUBLE"}
#: what the GUI keeps free to the left and right of a text; of an icon
MARGIN, BUTTON = 4, 10


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


def kind(widget):
    return type(widget).__name__.removesuffix("Model")


def named(widget):
    return getattr(widget, "keys", None) or getattr(widget, "text", "")


def apart(one, other):
    return (one.x + one.width <= other.x or other.x + other.width <= one.x
            or one.y + one.height <= other.y
            or other.y + other.height <= one.y)


def inside(one, other, room=0):
    return (other.x + room <= one.x and other.y <= one.y
            and one.x + one.width <= other.x + other.width - room
            and one.y + one.height <= other.y + other.height)


def parts(scene):
    """(cards, what lies on them or on the page)."""
    found = list(widgets(scene))
    return ([each for each in found if kind(each) == "Rectangle"],
            [each for each in found if kind(each) != "Rectangle"])


def test_everything_lies_inside_the_scene(subtests):
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            scene = scene_of(cls, name)
            assert scene.height <= SCREEN
            page = SimpleNamespace(x=0, y=0, width=scene.width,
                                   height=scene.height)
            for widget in widgets(scene):
                assert inside(widget, page), named(widget)


def test_no_two_widgets_lie_on_each_other(subtests):
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            cards, placed = parts(scene_of(cls, name))
            for one, other in combinations(cards, 2):
                assert apart(one, other)
            for one, other in combinations(placed, 2):
                # a picture covers the words that it is not there yet
                waiting = (kind(one) == "Label" and inside(one, other)
                           and kind(other) == "WebCamGraph")
                assert waiting or apart(one, other), (
                    named(one), named(other))


def test_cards_are_on_the_columns_and_what_is_in_them_on_the_grid(subtests):
    edges = {left(number) for number in range(COLUMNS)}
    widths = {span(number) for number in range(1, COLUMNS + 1)}
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            cards, placed = parts(scene_of(cls, name))
            assert {card.x for card in cards} <= edges
            assert {card.width for card in cards} <= widths
            # the right edges of all rows of cards line up
            right = max(card.x + card.width for card in cards)
            for card in cards:
                beside = [other for other in cards if other is not card
                          and other.x == card.x + card.width + GAP
                          and other.y < card.y + card.height
                          and card.y < other.y + other.height]
                assert beside or card.x + card.width == right
            for widget in placed:
                within = [card for card in cards
                          if not apart(widget, card)]
                # the header is on the columns, above all cards
                room = 0 if kind(widget) == "WebCamGraph" else PAD
                assert (widget.x in edges if not within
                        else len(within) == 1
                        and inside(widget, within[0], room)), named(widget)
                assert widget.x % 5 == 0 and widget.width > 0, named(widget)


def test_a_label_is_level_with_its_box(subtests):
    for cls, name in CASES:
        with subtests.test(cls.__name__, name=name):
            _, placed = parts(scene_of(cls, name))
            labels = [each for each in placed if kind(each) == "Label"]
            for label in labels:
                to_the_right = [
                    each for each in placed if each not in labels
                    and each.x == label.x + label.width
                    and each.y < label.y + label.height
                    and label.y < each.y + each.height]
                for box in to_the_right:
                    assert box.y == label.y, label.text
                    assert box.height >= label.height, label.text


def longest(schema, path, widget):
    """The longest text that a widget is to hold, None where it wraps."""
    attributes = schema.getAttributes(path) if path in schema else {}
    kept = str(attributes.get("valueType", ""))
    unit = str(attributes.get("metricPrefixSymbol", "")) + str(
        attributes.get("unitSymbol", ""))
    if attributes.get("options") is not None:
        return max(map(str, attributes["options"]), key=len)
    if kept in FLOATS:
        decimals = int(getattr(widget, "decimals", "1"))
        return f"{SHORT}.{'0' * decimals}{unit}"
    if "INT" in kept:
        long = "64" in kept and COUNTED.search(path)
        return f"{LONG if long else SHORT}{unit}"
    return None


def texts(cls, name):
    """[(what, room, height, text, points, bold)] of a scene."""
    schema = cls.getClassSchema().hash
    for widget in parts(scene_of(cls, name))[1]:
        path = (getattr(widget, "keys", None) or [""])[0].removeprefix(
            f"{DEVICE_ID}.")
        points = int(getattr(widget, "font_size", 10))
        bold = getattr(widget, "font_weight", "normal") == "bold"
        if kind(widget) == "Label":
            _, size, _, _, weight = widget.font.split(",")[:5]
            yield (widget.text, widget.width - 10, widget.height,
                   widget.text, int(size), int(weight) > 50)
        elif kind(widget) == "DeviceSceneLink":
            yield (widget.text, widget.width - BUTTON, widget.height,
                   widget.text, 10, False)
        elif kind(widget) == "DisplayCommand":
            yield (path, widget.width - BUTTON, widget.height,
                   schema[path, "displayedName"], 10,
                   widget.requires_confirmation)
        elif kind(widget).startswith("Display") and kind(
                widget) != "DisplayProgressBar":
            text = longest(schema, path, widget)
            if text:
                yield (path, widget.width - 2 * MARGIN, widget.height, text,
                       points, bold)


def measured(rows):
    """(width, height, height of a capital) in the GUI."""
    python = gui_python(Path(__file__).resolve().parents[2])
    if python is None:
        pytest.skip("no .venv-gui with karabo.gui: bash scripts/test.sh "
                    "installs it where it can")
    done = subprocess.run(
        [str(python), str(CLIENT / "measure.py")], check=True, text=True,
        input=json.dumps([{"text": text, "points": points, "bold": bold}
                          for text, points, bold in rows]),
        stdout=subprocess.PIPE,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"})
    return json.loads(done.stdout.splitlines()[-1])


def test_every_text_fits_into_its_box(subtests):
    rows = [(f"{cls.__name__} {name}", *row) for cls, name in CASES
            for row in texts(cls, name)]
    assert len(rows) > 300
    sizes = measured([row[-3:] for row in rows])
    for (scene, what, room, height, text, *_), (width, tall, _) in zip(
            rows, sizes, strict=True):
        with subtests.test(scene, what=what):
            assert width <= room, text
            assert tall <= height, text


def test_state_permit_and_target_are_read_from_two_metres():
    state = [widget for cls, name in CASES for widget in widgets(
        scene_of(cls, name)) if name == "overview" and any(
            key.endswith(".sampleState")
            for key in getattr(widget, "keys", None) or ())]
    assert len(state) == 2
    for widget, (_, _, capital) in zip(state, measured(
            [("A", int(widget.font_size), True) for widget in state]),
            strict=True):
        assert capital >= FAR, widget.keys
    for text in "PERMIT", "NO PERMIT", "OPEN", "CLOSED", "LATCHED":
        rows = np.flatnonzero((raster(text, "huge") > 0.5).any(axis=1))
        assert np.ptp(rows) + 1 >= FAR
        assert raster(text, "huge").shape[1] < span(4) - 2 * PAD


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
