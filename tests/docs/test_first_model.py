"""A stranger with a plain Python gets from the clone to a plot."""
import csv
import re
import subprocess
import sys

import pytest
from run_notebook import ROOT

from tests.commands import invoke
from tests.fresh_environment import add_karabo, install_wheel

PAGE = ROOT / "docs" / "tutorials" / "first-model.md"
DATA = ROOT / "examples" / "fermentation"
#: what the tutorial promises not to need
FOREIGN = ("karabo", "torch", "pandas", "xarray", "sklearn")
IMPORTED = """
import sys
from spectra_classifier.cli.main import app
try:
    app(sys.argv[1:])
except SystemExit:
    pass
print(*sorted({name.split(".")[0] for name in sys.modules}))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("first") / "sugar.onnx"
    assert invoke("train", DATA / "taught", "-o", path).code == 0
    return path


def test_the_labels_are_those_that_the_page_promises(model, tmp_path):
    result, picture = tmp_path / "labels.csv", tmp_path / "labels.png"
    outcome = invoke("classify", model, DATA / "new", "-o", result,
                     "--plot", picture)
    assert outcome.code == 0 and "plot" in outcome.stdout
    assert picture.read_bytes().startswith(b"\x89PNG")
    with result.open() as file:
        rows = list(csv.DictReader(file))
    assert [row["label"] for row in rows] == 6 * ["sugar"] + 6 * ["no sugar"]
    divided = [row["file"] for row in rows
               if 0.05 < float(row["score sugar"]) < 0.95]
    assert divided == ["minute_0929.xy"]


def test_the_report_is_what_the_page_says(model):
    outcome = invoke("train", DATA / "taught", "-o", model)
    words = " ".join(outcome.stdout.split())
    for text in ("100.0% of 48 spectra (95% interval 92.6% to 100.0%",
                 "at most 4.2%", "drift not excluded; do not arm it",
                 "total intensity 85.4%", "nearest neighbour 97.9%"):
        assert text in words
        shown = re.sub(r"[`*]", "", " ".join(PAGE.read_text().split()))
        assert text in shown


def test_a_wheel_in_an_environment_of_its_own_needs_no_karabo(
        model, tmp_path):
    """The commands of the page import nothing that it says is not needed."""
    python = install_wheel(tmp_path)
    add_karabo(python)      # the libraries; Karabo among them is not used
    seen = subprocess.run(
        [python, "-E", "-c", IMPORTED, "classify", model, DATA / "new", "-o",
         tmp_path / "labels.csv", "--plot", tmp_path / "labels.png"],
        check=True, capture_output=True, text=True).stdout.split()
    assert "matplotlib" in seen and (tmp_path / "labels.png").is_file()
    assert set(seen) & set(FOREIGN) == set()


def test_what_a_plain_installation_needs_is_required():
    """Every library that the commands import is among the requirements."""
    text = (ROOT / "setup.py").read_text()
    required = re.search(r"install_requires=\[(.*?)\]", text, re.DOTALL)[1]
    assert "karabo" not in required and "torch" not in required
    for name in ("matplotlib", "numba", "onnxruntime", "h5py", "typer"):
        assert f'"{name}"' in required


def test_a_picture_that_cannot_be_written_is_refused_first(
        model, tmp_path, subtests, monkeypatch):
    result = tmp_path / "labels.csv"
    for name, words in (("labels.jpg", "ends in .png"),
                        ("nowhere/labels.png", "nowhere")):
        with subtests.test(name=name):
            outcome = invoke("classify", model, DATA / "new", "-o", result,
                             "--plot", tmp_path / name)
            assert outcome.code == 2 and words in outcome.stderr
            assert not result.exists()
    with subtests.test(name="no matplotlib"):
        monkeypatch.setitem(sys.modules, "matplotlib", None)
        outcome = invoke("classify", model, DATA / "new", "-o", result,
                         "--plot", tmp_path / "labels.png")
        assert outcome.code == 2 and "pip install matplotlib" in outcome.stderr
        assert not result.exists()


def test_of_a_large_result_an_even_part_is_drawn(monkeypatch, tmp_path):
    import numpy as np

    from spectra_classifier.cli import picture
    from spectra_classifier.files.results.columns import Chunk, of_unusable

    monkeypatch.setattr(picture, "_MOST", 10)
    drawing = picture.Drawing(None, 95, "title")
    for first in range(0, 95, 7):
        drawing.add(Chunk(of_unusable(0, np.arange(
            first, min(first + 7, 95)), 2), {}))
    kept = np.concatenate([part["index"] for part in drawing._parts])
    assert kept.tolist() == list(range(0, 95, 10))
