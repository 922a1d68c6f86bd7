"""The Karabo devices; the only place, with the lab, that imports Karabo."""
from importlib import import_module

from .karabo_patches import (
    lost_connection_fix,
    shared_queue_limit,
    zero_copy_input,
)

#: device class -> the module below this package that defines it
MODULES = {
    "SpectraClassifier": "spectra_classifier.device",
    "SpectraCollector": "spectra_collector.device",
    "PermitGuard": "permit_guard.device",
    "SpectraTrainer": "spectra_trainer.device",
    "RecordingAdapter": "recording_adapter.device",
    "SpectrometerSimulator": "spectrometer_simulator.device",
    "SimulatedMotor": "simulated_beamline.motor",
    "SimulatedShutter": "simulated_beamline.shutter",
}

zero_copy_input.keep_views()
lost_connection_fix.mend()
shared_queue_limit.bound()


def __getattr__(name: str) -> type:
    """Import a device class when it is asked for, not before."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{MODULES[name]}", __name__), name)
