"""Live classification of X-ray spectra, pulse by pulse, as Karabo devices."""

__version__ = "0.1.0"
