"""Run docs/notebook.md as a notebook.

    python scripts/run_notebook.py [--write] [--folder FOLDER]

The console blocks of the page are run first, then its Python blocks as the
cells of one notebook, in a kernel of their own. `--write` puts the plots into
docs/figures; with `--folder` the executed notebook stays there.
"""
import argparse
import base64
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "notebook.md"
FIGURES = ROOT / "docs" / "figures"
NOTEBOOK = "notebook.ipynb"
_COMMAND = "from spectra_classifier.cli.main import app; app()"
#: s for one cell: the first one compiles the engine
_PATIENCE = 600


def blocks(kind: str) -> list[str]:
    """The blocks of the page in that language."""
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE.read_text(),
                      re.MULTILINE | re.DOTALL)


def run(folder: Path) -> Any:
    """The executed notebook, which is also written to the folder."""
    # a kernel of this user that nobody else has configured
    os.environ |= {name: str(folder / name.lower()) for name in (
        "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR",
        "JUPYTER_DATA_DIR")}
    import nbformat
    from nbclient import NotebookClient

    for line in "".join(blocks("console")).splitlines():
        _, *words = shlex.split(line)
        subprocess.run([sys.executable, "-c", _COMMAND, *words], cwd=folder,
                       check=True, stdout=subprocess.DEVNULL)
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(text.rstrip())
        for text in blocks("python")])
    NotebookClient(
        notebook, timeout=_PATIENCE, kernel_name="python3",
        resources={"metadata": {"path": str(folder)}}).execute()
    nbformat.write(notebook, folder / NOTEBOOK)
    return notebook


def plots(notebook: Any) -> list[bytes]:
    """The figures of all cells, PNG."""
    return [base64.b64decode(output["data"]["image/png"])
            for cell in notebook.cells for output in cell.outputs
            if "image/png" in output.get("data", {})]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        found = plots(run((words.folder or Path(temporary)).resolve()))
    if words.write:
        for number, image in enumerate(found, 1):
            (FIGURES / f"notebook-{number}.png").write_bytes(image)
            print(f"docs/figures/notebook-{number}.png")


if __name__ == "__main__":
    main()
