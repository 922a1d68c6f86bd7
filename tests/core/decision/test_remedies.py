"""The runbook knows every alarm, and every alarm is in the runbook."""
from pathlib import Path

from spectra_classifier.core.decision.alarms import NAMES
from spectra_classifier.core.decision.remedies import REMEDIES, markdown

PAGE = Path(__file__).parents[3] / "docs" / "runbook.md"


def test_every_alarm_has_a_remedy_and_no_other():
    assert list(REMEDIES) == list(NAMES)
    assert all(text for remedy in REMEDIES.values() for text in remedy)


def test_the_page_holds_the_table():
    assert markdown() in PAGE.read_text(), (
        "docs/runbook.md is out of date: paste in what `python -m "
        "spectra_classifier.core.decision.remedies` prints")
