"""What the base of all devices relies on in its subclasses."""
from itertools import product

from spectra_classifier.devices.common.checked_device import CheckedDevice
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_collector.device import (
    SpectraCollector,
)
from spectra_classifier.devices.spectra_trainer.device import SpectraTrainer

DEVICES = PermitGuard, SpectraClassifier, SpectraCollector, SpectraTrainer


def test_a_device_does_not_shadow_what_its_base_calls(subtests):
    for device, name in product(DEVICES, ("refusal", "slotKillDevice")):
        with subtests.test(device=device.__name__, name=name):
            assert getattr(device, name) is getattr(CheckedDevice, name)
