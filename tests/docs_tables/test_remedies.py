"""The runbook knows every alarm, and its consumer keeps the contract."""
import re
from pathlib import Path

from docs_tables.remedies import REMEDIES, markdown

from spectra_classifier.core.decision.alarms import NAMES

PAGE = Path(__file__).parents[2] / "docs" / "runbook.md"


def test_every_alarm_has_a_remedy_and_no_other():
    assert list(REMEDIES) == list(NAMES)
    assert all(text for remedy in REMEDIES.values() for text in remedy)


def test_the_page_holds_the_table():
    assert markdown() in PAGE.read_text(), (
        "docs/runbook.md is out of date: paste in what `python -m "
        "docs_tables.remedies` prints")


def test_the_consumer_of_the_page_keeps_the_contract():
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.S)[1]
    names = {}
    exec(code, names)
    now = [0.]
    consumer = names["Consumer"](lambda: now[0])
    assert not consumer.allowed()
    for sequence in range(3):
        now[0] += 0.1
        consumer.word(True, sequence, 500., "all conditions hold")
    assert consumer.allowed()
    now[0] += 0.6
    assert not consumer.allowed()
    assert "silent" in consumer.why()
