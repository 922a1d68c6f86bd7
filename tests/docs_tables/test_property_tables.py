"""The guide says what the schema says: one page per device."""
from pathlib import Path

import pytest
from docs_tables.property_tables import (
    device_classes,
    in_page,
    page_of,
    tables,
)

from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)

PAGES = Path(__file__).resolve().parents[2] / "docs" / "devices"


def test_the_page_is_current(subtests):
    for device_class in device_classes():
        with subtests.test(device_class.__name__):
            text = (PAGES / page_of(device_class)).read_text()
            assert text == in_page(text, device_class), (
                "run python -m docs_tables.property_tables "
                "docs/devices")


def test_no_page_is_of_a_device_that_is_not():
    assert {path.name for path in PAGES.glob("*.md")} == {
        page_of(found) for found in device_classes()}


def test_the_tables_hold_what_matters():
    text = tables(SpectraClassifier)
    assert ("| `decision.minDwell` | double, s | 0 | >= 0, <= 3600 "
            "| expert |") in text
    assert "| `source.maxPulses` |" in text
    assert "*(at the start only)*" in text
    assert "| `permit` | bool | A lease" in text
    assert "| `arm` | operator |" in text


def test_a_page_without_marks_is_refused():
    with pytest.raises(ValueError, match="no place"):
        in_page("# Page\n", SpectraClassifier)
