import pytest
from karabo.middlelayer import Device

from spectra_classifier.devices.karabo_patches import version


@pytest.fixture
def another_version(monkeypatch):
    """A Karabo whose inner workings nobody has looked at."""
    monkeypatch.setattr(Device, "__version__", "3.2.0")
    version._log_once.cache_clear()
    yield
    version._log_once.cache_clear()
