"""Libraries that only some functions need."""
from importlib import import_module
from types import ModuleType

from ..errors import ConfigurationError

#: {module: (package, extra of this package that has it)}
_PACKAGES = {"sklearn": ("scikit-learn", "notebook"),
             "torch": ("torch", "train")}


def library(name: str, purpose: str) -> ModuleType:
    """Import a module.

    Parameters
    ----------
    name
        Its name.
    purpose
        What needs it, for the message.

    Raises
    ------
    ConfigurationError
        If it is not installed.
    """
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        raise missing(error, purpose) from None


def missing(error: ModuleNotFoundError, purpose: str) -> ConfigurationError:
    """The error that names the package to install."""
    module = (error.name or "a library").partition(".")[0]
    package, extra = _PACKAGES.get(module, (module, "notebook"))
    return ConfigurationError(
        f"{purpose} needs {package}, which is not installed: pip install "
        f"{package}, or install the extra spectra_classifier[{extra}]")
