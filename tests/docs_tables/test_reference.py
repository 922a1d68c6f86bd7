"""The reference is what the program makes."""
import pytest
import typer
from docs_tables.reference import (
    CODES,
    DOCS,
    MEANINGS,
    PAGES,
    PARTS,
    with_part,
)

from spectra_classifier import __all__ as public
from spectra_classifier.cli.main import app
from spectra_classifier.core.spectra import Code
from spectra_classifier.live.records import Fate


def test_every_page_is_current(subtests):
    for name, make in PAGES.items():
        with subtests.test(page=name):
            assert (DOCS / name).read_text() == make(), (
                "run PYTHONPATH=scripts:src python -m docs_tables.reference")


def test_every_part_of_another_page_is_current(subtests):
    for (name, part), make in PARTS.items():
        with subtests.test(page=name, part=part):
            text = (DOCS / name).read_text()
            assert with_part(text, part, make()) == text, (
                "run PYTHONPATH=scripts:src python -m docs_tables.reference")
    with pytest.raises(ValueError, match="no place"):
        with_part("# Page\n", "part", "text")


def test_nothing_is_left_out():
    assert set(CODES) == set(Code) and set(MEANINGS) == set(Fate)
    page = (DOCS / "reference/command-line.md").read_text()
    for name, command in typer.main.get_command(app).commands.items():
        own = page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
        for param in command.params:
            for word in param.opts:
                assert f"`{word}`" in own or not word.startswith("-")
    python = (DOCS / "reference/python.md").read_text()
    for name in public:
        assert name.startswith("__") or f".{name}\n" in python
