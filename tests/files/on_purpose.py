"""Files of ours that are changed on purpose."""
from contextlib import contextmanager

import h5py

from spectra_classifier.files.seal import NAME


@contextmanager
def changed(path):
    """The file, open for changes; it states no checksum any more."""
    with h5py.File(path, "r+") as file:
        del file.attrs[NAME]
        yield file
