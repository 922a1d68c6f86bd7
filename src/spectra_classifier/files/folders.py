"""One capture being taken: from the trains of the source to the disk."""
import os
from pathlib import Path

from ..errors import ConfigurationError


def check_folder(name, text):
    """The writable folder that a property names, or `ConfigurationError`."""
    if not text:
        raise ConfigurationError(f"{name} is empty: name the absolute path "
                                 "of a folder on this host")
    path = Path(text) if "\0" not in text else Path()
    if not path.is_absolute() or not path.is_dir():
        raise ConfigurationError(f"{name} {text!r}: expected the absolute "
                                 "path of a folder on this host")
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"{name} {text}: no right to write there")
    return path
