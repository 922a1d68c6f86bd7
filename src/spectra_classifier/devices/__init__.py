"""The Karabo devices; the only place, with `lab`, that imports Karabo."""
from .simulated_motor import SimulatedMotor as SimulatedMotor
from .simulated_shutter import SimulatedShutter as SimulatedShutter
