"""The Karabo devices; the only place, with `lab`, that imports Karabo."""
from . import frugal_input, lost_connections, shared_queues
from .permit_guard import PermitGuard as PermitGuard
from .recording_adapter import RecordingAdapter as RecordingAdapter
from .simulated_motor import SimulatedMotor as SimulatedMotor
from .simulated_shutter import SimulatedShutter as SimulatedShutter
from .spectra_classifier import SpectraClassifier as SpectraClassifier
from .spectra_collector import SpectraCollector as SpectraCollector
from .spectra_trainer import SpectraTrainer as SpectraTrainer
from .spectrometer_simulator import (
    SpectrometerSimulator as SpectrometerSimulator,
)

frugal_input.keep_views()
lost_connections.mend()
shared_queues.bound()
