"""Libraries that only some functions need."""
from importlib import import_module
from types import ModuleType

from ..errors import ConfigurationError

#: {module: package that has it, where it is called otherwise}
_PACKAGES = {"sklearn": "scikit-learn"}


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
    package = _PACKAGES.get(module, module)
    return ConfigurationError(
        f"{purpose} needs {package}, which is not installed: pip install "
        f"{package}")
