"""The guide has every screen, and pictures of those that there are."""
import re
from pathlib import Path

from spectra_classifier.devices.spectra_classifier.scenes import SCENES
from spectra_lab.gui.__main__ import FILES
from spectra_lab.gui.plant import CLASSIFIER

DOCS = Path(__file__).resolve().parents[2] / "docs"
GUIDE = (DOCS / "operator.md").read_text()


def test_every_scene_has_its_chapter():
    assert re.findall(r"^## (\w+):", GUIDE, re.M) == list(SCENES)


def test_every_scene_has_its_picture():
    shown = re.findall(r"!\[(\w+)\]\((images/[\w-]+\.png)\)", GUIDE)
    assert {name for name, _ in shown} == {*SCENES, "teach"}
    for name, path in shown:
        assert (DOCS / path).read_bytes().startswith(b"\x89PNG"), name
        if name in SCENES:
            assert path == f"images/{FILES[CLASSIFIER]}-{name}.png"
