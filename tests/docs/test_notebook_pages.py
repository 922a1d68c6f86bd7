"""The pages that are notebooks run, and what is shipped is what they say."""
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import run_notebook
from run_notebook import FIGURES, PAGES, ROOT

SCRIPT = Path(run_notebook.__file__)
#: page: what its first result is, and its last lines contain
SEEN = {
    "notebook": (r"<Classification: spectra: \d+; labels: high pressure "
                 r"\d+, low pressure \d+(, unknown \d+)?; model: model-",
                 "channels"),
    "first-notebook": (r"\(\{'quantity': 'wavenumber'",
                       "{'no sugar': 6, 'sugar': 6}")}


@pytest.mark.parametrize("name", PAGES)
def test_the_page_runs_as_a_notebook(name, tmp_path):
    subprocess.run([sys.executable, SCRIPT, "--folder", tmp_path, name],
                   check=True, capture_output=True, timeout=1800)
    notebook = json.loads((tmp_path / f"{name}.ipynb").read_text())
    outputs = [cell["outputs"] for cell in notebook["cells"]]
    assert len(outputs) == len(PAGES[name].blocks("python")) > 8
    first, last = SEEN[name]
    assert re.match(first, outputs[0][-1]["data"]["text/plain"][0])
    assert last in json.dumps(outputs[-1])
    drawn = [output for cell in outputs for output in cell
             if "image/png" in output.get("data", {})]
    assert len(drawn) == 2


def test_results_have_a_table_to_read(tmp_path):
    import spectra_classifier

    spectra = spectra_classifier.read(
        ROOT / "examples" / "fermentation" / "new")
    assert "<table>" in spectra._repr_html_()


def test_the_figures_of_the_pages_are_there():
    for page in PAGES.values():
        for number in 1, 2:
            assert f"figures/{page.name}-{number}.png)" in page.text
            assert (FIGURES / f"{page.name}-{number}.png").is_file()


def test_the_shipped_notebook_is_the_page():
    for page in PAGES.values():
        if page.shipped:
            assert (ROOT / page.shipped).read_text() == run_notebook.shipped(
                page), "run python scripts/run_notebook.py --write"
