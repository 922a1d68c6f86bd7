"""Colours of states differ for every eye; texts are readable on them.

Colour vision is simulated by colorspacious (Machado et al., IEEE Trans. Vis.
Comput. Graph. 15, 1291, 2009); differences are those of CAM02-UCS, where 1
is about the smallest difference that is seen.
"""
import re
from importlib import resources
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from colorspacious import cspace_convert
from rich.color import Color

import spectra_classifier
from spectra_classifier.colours import (
    BLACK,
    CLASSES,
    CODES,
    FAINT,
    GRID,
    INK,
    NO_PERMIT,
    PAPER,
    PERMIT,
    class_colour,
    contrast,
    rgb,
    text_on,
)
from spectra_classifier.core.spectra import Code
from spectra_lab.demo.view import Snapshot, colour_of, style_on

#: clearly different colours
CLEAR = 12.
#: least contrast of texts (WCAG 2.2, AA)
READABLE = 4.5
EYES = {"normal": None, "deuteranopia": "deuteranomaly",
        "protanopia": "protanomaly"}


def seen(colours, eye):
    """CAM02-UCS coordinates of colours as an eye sees them."""
    light = np.array([rgb(colour) for colour in colours]) / 255
    if eye is not None:
        light = np.clip(cspace_convert(light, {
            "name": "sRGB1+CVD", "cvd_type": eye, "severity": 100}, "sRGB1"),
            0, 1)
    return cspace_convert(light, "sRGB1", "CAM02-UCS")


@pytest.mark.parametrize("eye", EYES)
def test_all_states_differ_for_every_eye(eye, subtests):
    states = dict(enumerate(CLASSES)) | {
        code.name: colour for code, colour in CODES.items()}
    for group in states, {"permit": PERMIT, "none": NO_PERMIT}:
        places = seen(group.values(), EYES[eye])
        for (one, a), (other, b) in combinations(
                zip(group, places, strict=True), 2):
            with subtests.test(one=str(one), other=str(other)):
                assert np.linalg.norm(a - b) >= CLEAR


def test_the_simulation_sees_what_a_colour_deficient_eye_does_not():
    red, green = "#B03A00", "#6B7A00"
    for eye, differ in ("normal", True), ("deuteranopia", False):
        one, other = seen([red, green], EYES[eye])
        assert (np.linalg.norm(one - other) >= CLEAR) == differ


def test_texts_are_readable_on_every_colour(subtests):
    page = [(INK, PAPER), (FAINT, PAPER), (INK, GRID)]
    tiles = [(text_on(colour), colour) for colour in (
        *CLASSES, *CODES.values(), PERMIT, NO_PERMIT)]
    for text, colour in page + tiles:
        with subtests.test(text=text, colour=colour):
            assert contrast(text, colour) >= READABLE


def test_contrast_is_that_of_the_standard():
    # values of the examples of WCAG 2.2, technique G18
    assert contrast(BLACK, PAPER) == pytest.approx(21)
    assert contrast("#777777", PAPER) == pytest.approx(4.48, abs=0.01)
    assert contrast(PAPER, PAPER) == 1


def test_the_demonstration_has_the_colours_of_the_scenes(subtests):
    for index in range(Code.UNKNOWN, len(CLASSES) + 1):
        with subtests.test(index=index):
            assert Color.parse(colour_of(index)).get_truecolor().hex == (
                class_colour(index).lower())
    assert style_on(PERMIT).endswith(f"on {PERMIT}")
    assert Snapshot().sample_state == "unknown"


def test_colours_have_one_home():
    root = Path(str(resources.files(spectra_classifier))).parent
    found = [str(path.relative_to(root)) for path in root.rglob("*.py")
             if re.search(r'"#[0-9A-Fa-f]{6}"', path.read_text())]
    assert sorted(found) == ["spectra_classifier/colours.py"]
