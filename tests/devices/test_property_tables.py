"""The guide says what the schema says."""
from pathlib import Path

import pytest

from spectra_classifier.devices import SpectraClassifier
from spectra_classifier.devices.property_tables import in_page, tables

PAGES = Path(__file__).resolve().parents[2] / "docs" / "devices"


def test_the_page_is_current():
    text = (PAGES / "spectra_classifier.md").read_text()
    assert text == in_page(text, SpectraClassifier), (
        "run python -m spectra_classifier.devices.property_tables "
        "SpectraClassifier docs/devices/spectra_classifier.md")


def test_the_tables_hold_what_matters():
    text = tables(SpectraClassifier)
    assert "| `minDwell` | double, s | 0 | >= 0 | expert |" in text
    assert "| `maxPulses` |" in text
    assert "*(at the start only)*" in text
    assert "| `permit` | bool | A lease" in text
    assert "| `arm` | operator |" in text


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="no place"):
        in_page("# Page\n", SpectraClassifier)
