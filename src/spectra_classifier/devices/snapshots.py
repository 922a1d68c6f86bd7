"""The last train with its codes, as two NeXus files."""
import os
import shutil
import time
from pathlib import Path

import numpy as np

from ..core.dataset import Dataset
from ..errors import ConfigurationError
from ..files.result_writer import ResultWriter
from ..files.writing import write_dataset

#: bytes that must stay free on the disk of the snapshots
KEEP_FREE = 2 * 1024**3


def check_directory(text):
    """The folder for snapshots, or `ConfigurationError` saying why not."""
    if not text:
        raise ConfigurationError("snapshotDirectory is empty: name the "
                                 "absolute path of a folder")
    path = Path(text) if "\0" not in text else Path()
    if not path.is_absolute() or not path.is_dir():
        raise ConfigurationError(f"snapshotDirectory {text!r}: expected the "
                                 "absolute path of a folder on this host")
    if not os.access(path, os.W_OK | os.X_OK):
        raise ConfigurationError(f"snapshotDirectory {text}: no right to "
                                 "write there")
    free = shutil.disk_usage(path).free
    if free < KEEP_FREE:
        raise ConfigurationError(
            f"snapshotDirectory {text}: {free / 1024**3:.1f} GiB are free, "
            f"{KEEP_FREE / 1024**3:.0f} must stay free")
    return path


def write_snapshot(directory, device_id, outcome):
    """Write a classified train; returns the two paths. Blocks.

    *_spectra.h5 has the raw spectra (those with NaN or Inf left out, which
    its indices tell), *_codes.h5 all codes with model and configuration.
    Raises `SpectraError` or `OSError`; nothing half-written stays.
    """
    directory = check_directory(directory)
    configuration, result = outcome.configuration, outcome.result
    definition = configuration.model.definition
    name = (f"{device_id.replace('/', '_')}_"
            f"{time.strftime('%Y%m%dT%H%M%S')}_train{result.train_id}")
    spectra = outcome.train.spectra
    finite = np.flatnonzero(np.isfinite(spectra).all(axis=1))
    source = {"device": device_id, "train_id": result.train_id,
              "pulses": result.pulses, "kind": "snapshot"}
    paths = (directory / f"{name}_spectra.h5", directory / f"{name}_codes.h5")
    write_dataset(paths[0], Dataset(
        definition.axis, spectra[finite], indices=finite, provenance=source))
    values = {key: list(value) if isinstance(value, tuple) else value
              for key, value in configuration.values.items()}
    with ResultWriter(
            paths[1], classes=definition.classes,
            model=configuration.model.loaded.manifest,
            model_id=definition.model_id,
            model_sha256=configuration.model.sha256, source=source,
            configuration=values | {"hash": configuration.hash}) as writer:
        writer.append(result)
    return paths
