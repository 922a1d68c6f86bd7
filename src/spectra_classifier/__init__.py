"""Live classification of X-ray spectra, pulse by pulse, as Karabo devices."""
from importlib.metadata import PackageNotFoundError, version

try:
    #: of the tag of the release (setuptools-scm), or after it
    __version__ = version("spectra_classifier")
except PackageNotFoundError:    # a source tree that was never installed
    __version__ = "0+unknown"
