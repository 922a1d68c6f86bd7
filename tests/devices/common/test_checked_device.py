"""What the base of all devices relies on in its subclasses."""
import pytest

from spectra_classifier.devices.common.checked_device import CheckedDevice
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_collector.device import (
    SpectraCollector,
)
from spectra_classifier.devices.spectra_trainer.device import SpectraTrainer


@pytest.mark.parametrize("name", ["refusal", "_end"])
@pytest.mark.parametrize("device", [
    PermitGuard, SpectraClassifier, SpectraCollector, SpectraTrainer])
def test_a_device_does_not_shadow_what_its_base_calls(device, name):
    assert getattr(device, name) is getattr(CheckedDevice, name)
