"""docs/accuracy.md has the figures of the results in the repository."""
import importlib
import json
import re
from pathlib import Path

import pytest

ACCURACY = Path(__file__).parents[2] / "benchmarks" / "accuracy"


@pytest.fixture
def document(monkeypatch):
    monkeypatch.syspath_prepend(str(ACCURACY))
    return importlib.import_module("document")


def test_every_section_with_results_is_what_they_say(document, subtests):
    page = document.TARGET.read_text()
    names = [path.stem for path in document.RESULTS.glob("*.json")]
    assert names
    for name in names:
        with subtests.test(name):
            found = json.loads((document.RESULTS / f"{name}.json").read_text())
            assert document.kept(page, name) == document.section(name, found)


def test_every_section_of_the_page_is_known(document):
    marks = re.findall("<!-- (.*): begin -->", document.TARGET.read_text())
    assert marks == [name for name in document.SECTIONS if name in marks]
    assert set(document.SECTIONS) >= {
        path.stem for path in document.RESULTS.glob("*.json")}
