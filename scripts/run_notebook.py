"""Run the pages that are notebooks, and write their figures.

    python scripts/run_notebook.py [--write] [--folder FOLDER] [PAGE ...]

PAGE: notebook, first-notebook; both by default. The console blocks of a page
are run first, except those that a comment exempts, then its Python blocks as
the cells of one notebook, in a kernel of their own. `--write` puts the plots
into docs/figures and, where the page is shipped as a notebook, its cells
into examples; with `--folder` the executed notebook stays there.
"""
import argparse
import base64
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
FIGURES = ROOT / "docs" / "figures"
_COMMAND = "from spectra_classifier.cli.main import app; app()"
#: s for one cell: the first one compiles the engine
_PATIENCE = 600


@dataclass(frozen=True)
class Page:
    """A page that is a notebook.

    Attributes
    ----------
    path
        Of the page, in docs.
    needs
        Folder that a copy is made of for the notebook to run in, or "".
    shipped
        File with the cells, or "".
    """
    path: str
    needs: str = ""
    shipped: str = ""

    @property
    def name(self) -> str:
        """Of the page, its figures and its executed notebook."""
        return Path(self.path).stem

    @property
    def text(self) -> str:
        """What it contains."""
        return (ROOT / "docs" / self.path).read_text()

    @property
    def parts(self) -> list[tuple[str, str]]:
        """[(language or "", text)] of its blocks and what is between."""
        pieces = re.split(
            r"^((?:<!-- (?:not run|run by)[^\n]*-->\n)?```\w*\n.*?^```)$",
            self.text, flags=re.MULTILINE | re.DOTALL)
        found = []
        for piece in pieces:
            block = re.fullmatch(r"(<!-- [^\n]*-->\n)?```(\w*)\n(.*)```",
                                 piece, re.DOTALL)
            if block is None:
                found.append(("", piece))
            elif not block[1]:
                found.append((block[2], block[3]))
        return found

    def blocks(self, kind: str) -> list[str]:
        """Its blocks in that language."""
        return [text for language, text in self.parts if language == kind]


PAGES = {page.name: page for page in (
    Page("notebook.md"),
    Page("tutorials/first-notebook.md", "examples/fermentation",
         "examples/fermentation/first_model.ipynb"))}


def run(page: Page, folder: Path) -> Any:
    """The executed notebook, which is also written to the folder."""
    # a kernel of this user that nobody else has configured
    os.environ |= {name: str(folder / name.lower()) for name in (
        "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_RUNTIME_DIR",
        "JUPYTER_DATA_DIR")}
    import nbformat
    from nbclient import NotebookClient

    place = folder
    if page.needs:
        place = folder / Path(page.needs).name
        shutil.copytree(ROOT / page.needs, place)
    for line in "".join(page.blocks("console")).splitlines():
        _, *words = shlex.split(line)
        subprocess.run([sys.executable, "-c", _COMMAND, *words], cwd=place,
                       check=True, stdout=subprocess.DEVNULL)
    notebook = nbformat.v4.new_notebook(cells=[
        nbformat.v4.new_code_cell(text.rstrip())
        for text in page.blocks("python")])
    NotebookClient(
        notebook, timeout=_PATIENCE, kernel_name="python3",
        resources={"metadata": {"path": str(place)}}).execute()
    nbformat.write(notebook, folder / f"{page.name}.ipynb")
    return notebook


def plots(notebook: Any) -> list[bytes]:
    """The figures of all cells, PNG."""
    return [base64.b64decode(output["data"]["image/png"])
            for cell in notebook.cells for output in cell.outputs
            if "image/png" in output.get("data", {})]


def shipped(page: Page) -> str:
    """The notebook that readers open: the page, not yet executed."""
    import nbformat

    cells = []
    for number, (language, text) in enumerate(page.parts):
        # figures and links of the page lead nowhere from a notebook
        words = re.sub(r"!\[[^]]*\]\([^)]*\)\n*", "", text)
        words = re.sub(r"\[([^]]*)\]\((?!http)[^)]*\)", r"\1", words).strip()
        words = re.sub(r"^<!--.*?-->$", "", words, flags=re.MULTILINE)
        if language == "python":
            cell = nbformat.v4.new_code_cell(text.rstrip())
        elif language == "" and words:
            cell = nbformat.v4.new_markdown_cell(words)
        else:
            continue
        cell["id"] = f"part-{number}"
        cells.append(cell)
    book = nbformat.v4.new_notebook(cells=cells, metadata={
        "kernelspec": {"display_name": "Python 3", "language": "python",
                       "name": "python3"}})
    return nbformat.writes(book) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--folder", type=Path)
    words = parser.parse_args()
    for name in words.pages or PAGES:
        page = PAGES[name]
        with tempfile.TemporaryDirectory() as temporary:
            found = plots(run(page, (words.folder or Path(temporary)
                                     ).resolve()))
        if not words.write:
            continue
        for number, image in enumerate(found, 1):
            (FIGURES / f"{name}-{number}.png").write_bytes(image)
            print(f"docs/figures/{name}-{number}.png")
        if page.shipped:
            (ROOT / page.shipped).write_text(shipped(page))
            print(page.shipped)


if __name__ == "__main__":
    main()
