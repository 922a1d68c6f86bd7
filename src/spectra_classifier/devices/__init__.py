"""The Karabo devices; the only place, with the lab, that imports Karabo."""
from importlib import import_module

#: device class -> the module below this package that defines it
MODULES = {
    "SpectraClassifier": "spectra_classifier.device",
    "SpectraCollector": "spectra_collector.device",
    "PermitGuard": "permit_guard.device",
    "SpectraTrainer": "spectra_trainer.device",
    "StateScan": "state_scan.device",
    "PeakMonitor": "peak_monitor.device",
    "RecordingAdapter": "recording_adapter.device",
    "SpectrometerSimulator": "spectrometer_simulator.device",
    "SimulatedMotor": "simulated_beamline.motor",
    "SimulatedShutter": "simulated_beamline.shutter",
    "SimulatedTimeServer": "simulated_beamline.time_server",
    "SimulatedPulsePatternDecoder":
        "simulated_beamline.pulse_pattern_decoder",
    "SimulatedXgm": "simulated_beamline.gas_monitor",
    "SimulatedImageToSpectrum": "simulated_beamline.image_to_spectrum",
    "SimulatedWatchdog": "simulated_beamline.watchdog",
    "SimulatedDigitalOutput": "simulated_beamline.digital_output",
    "SimulatedSoftInterlock": "simulated_beamline.soft_interlock",
}


def __getattr__(name: str) -> type:
    """Import a device class when it is asked for, not before."""
    if name not in MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{MODULES[name]}", __name__), name)
