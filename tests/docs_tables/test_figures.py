"""Numbers in pages are those that the benchmarks have written."""
import pytest
from docs_tables import figures


def test_every_number_is_that_of_its_file(subtests):
    seen = 0
    for page in figures.pages():
        text = page.read_text()
        seen += len(figures.FIGURE.findall(text))
        # a comment that stands alone would hold nothing
        assert text.count("<!-- figure:") == len(
            figures.FIGURE.findall(text)), page
        with subtests.test(page=page.name):
            assert figures.corrected(text)[1] == [], (
                "run PYTHONPATH=scripts python -m docs_tables.figures "
                "--write")
    assert seen >= 12


def test_a_wrong_number_is_put_right():
    tail = ("<!-- figure: benchmarks/offline/interruptions.json chunks d -->"
            " chunks")
    new, wrong = figures.corrected(f"of 119{tail}")
    assert new == f"of 120{tail}"
    assert wrong == ["119 instead of 120 (benchmarks/offline/"
                     "interruptions.json, chunks)"]


#: (file, key, format), what is wrong with it
ABSENT = [
    (("nowhere/*.json", "n", "d"), "0 files fit"),
    (("benchmarks/offline/interruptions.json", "absent", "d"), "has no"),
    (("benchmarks/offline/interruptions.json", "different", "d"),
     "no number")]


def test_what_is_not_there_is_refused(subtests):
    for words, reason in ABSENT:
        with (subtests.test(key=words[1], reason=reason),
              pytest.raises(ValueError, match=reason)):
            figures.recorded(*words)
