"""The page on the architecture is that of the source."""
import ast
import re
from pathlib import Path

import draw_architecture
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PACKAGE = ROOT / "src" / "spectra_classifier"


def test_the_figure_is_up_to_date():
    """If it fails: python scripts/draw_architecture.py, and look at it."""
    assert (draw_architecture.FIGURE.read_text()
            == draw_architecture.picture())


def test_an_import_that_points_up_is_an_error(monkeypatch):
    monkeypatch.setattr(draw_architecture, "arrows",
                        lambda: {("core", "devices")})
    with pytest.raises(ValueError, match="points up"):
        draw_architecture.picture()


def way():
    """(file, function) of the path of a train, as the page has it."""
    part = PAGE.partition("<!-- way: begin -->")[2].partition("<!-- way")[0]
    return re.findall(r"^\| \d+ \| `(.+?)` \| `(.+?)` \|", part, re.M)


def test_the_path_of_a_train_names_functions_that_exist():
    assert len(way()) == 21
    missing = [row for row in way() if row[1] not in {
        node.name for node in ast.walk(ast.parse(
            (PACKAGE / row[0]).read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}]
    assert missing == []


def test_where_a_change_goes_names_files_that_exist():
    part = PAGE.partition("## Where does my change go?")[2]
    names = re.findall(r"`([a-z_]+/[\w/.]*)`", part)
    places = PACKAGE, ROOT
    assert len(names) > 30
    assert [name for name in names
            if not any((place / name).exists() for place in places)] == []
