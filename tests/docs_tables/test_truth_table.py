"""The documented truth table is the one that the code makes."""
from pathlib import Path

from docs_tables import alarm_tables
from docs_tables.truth_table import BREAKS, markdown, rows

from spectra_classifier.core.decision import CONDITIONS

PAGE = Path(__file__).parents[2] / "docs" / "decision.md"


def test_every_row_breaks_its_own_condition_alone():
    first, *broken = rows()
    assert first[1].permit
    assert [c.name for c, _ in broken] == [c.name for c in CONDITIONS]
    assert set(BREAKS) == {c.name for c in CONDITIONS}
    for condition, decision in broken:
        assert decision.condition == condition.name
        assert not decision.permit


def test_the_page_holds_the_table():
    assert markdown() in PAGE.read_text(), (
        "docs/decision.md is out of date: paste in what `python -m "
        "docs_tables.truth_table` prints")


def test_the_page_holds_the_tables_of_the_alarms():
    assert alarm_tables.markdown() in PAGE.read_text(), (
        "docs/decision.md is out of date: paste in what `python -m "
        "docs_tables.alarm_tables` prints")


def test_every_alarm_can_be_raised_by_its_own_case():
    silent = {name for name, level, _ in alarm_tables.alarm_rows()
              if level == "none"}
    assert silent == {"gate", "reactions", "objection", "armed", "decided",
                      "reaction", "granted"}
