"""Our channels differ from Karabo's only with versions that are known."""
from importlib.metadata import version as installed

from spectra_classifier.devices.karabo_patches.version import (
    TESTED,
    is_tested,
)


def test_the_version_of_these_tests_is_a_known_one(caplog):
    assert installed("karabo") in TESTED
    assert is_tested()
    assert not caplog.records


def test_another_version_is_logged_once(another_version, caplog):
    assert not is_tested() and not is_tested()
    record, = caplog.records
    assert record.levelname == "WARNING"
    assert "3.2.0" in record.getMessage()
