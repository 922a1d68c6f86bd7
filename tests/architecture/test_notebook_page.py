"""docs/notebook.md is a notebook that runs."""
import json
import re
import subprocess
import sys
from pathlib import Path

import run_notebook

SCRIPT = Path(run_notebook.__file__)


def test_the_page_runs_as_a_notebook(tmp_path):
    subprocess.run([sys.executable, SCRIPT, "--folder", tmp_path],
                   check=True, capture_output=True, timeout=1800)
    notebook = json.loads((tmp_path / run_notebook.NOTEBOOK).read_text())
    outputs = [cell["outputs"] for cell in notebook["cells"]]
    assert len(outputs) == len(run_notebook.blocks("python")) > 8
    first = outputs[0][-1]["data"]
    assert re.match(r"<Classification: spectra: \d+; labels: high pressure "
                    r"\d+, low pressure \d+(, unknown \d+)?; model: model-",
                    first["text/plain"][0])
    assert "<table>" in first["text/html"][0]
    drawn = [output for cell in outputs for output in cell
             if "image/png" in output.get("data", {})]
    assert len(drawn) == 2
    assert "channels" in "".join(outputs[-1][0]["text"])


def test_the_figures_of_the_page_are_there():
    page = run_notebook.PAGE.read_text()
    for number in 1, 2:
        assert f"(figures/notebook-{number}.png)" in page
        assert (run_notebook.FIGURES / f"notebook-{number}.png").is_file()
