"""What the classifier said of every pulse, as NeXus/HDF5."""
from pathlib import Path

import h5py
import numpy as np

from .. import __version__
from ..core.spectra import Code
from .atomic import check_target, publish, temporary_name
from .nexus_groups import PROGRAM, add_group, add_note, now, start_file
from .reading import HDF5_SUFFIXES

_CHUNK = 4096      # pulses
#: per pulse: dtype, long name, unit
_VECTORS = {
    "label": (np.int8, "class index, or a negative code", ""),
    "confidence": (np.float32, "calibrated confidence", ""),
    "residual": (np.float32, "share that no mixture explains", ""),
    "intensity": (np.float32, "mean intensity above the dark", "counts"),
    "pulse_id": (np.uint64, "pulse id", ""),
    "train_id": (np.uint64, "train id", ""),
}
_MATRICES = {
    "scores": "share of the vote of each class",
    "mixture": "fraction of each taught state",
}


class ResultWriter:
    """Writes `TrainResult`s one after the other; a context manager.

    The file takes its name when the block ends well; after an exception
    nothing is left and a file of that name stays as it was.

    path : file to write, NeXus/HDF5.
    classes : class names in order of their index.
    model : manifest of the model, JSON values; `model_id` and
        `model_sha256` name it.
    source : provenance of the spectra (`Dataset.provenance`).
    configuration : settings that the results depend on, JSON values.

    In the file: /entry/result (NXdata) has label, confidence, residual,
    intensity, pulse_id, train_id, one value per pulse; /entry/scores
    (NXdata) has scores and mixture (pulses, classes); /entry/process
    (NXprocess) says which program, configuration, model and input made them.
    """

    def __init__(self, path, *, classes, model, model_id, model_sha256,
                 source, configuration):
        self.path = Path(path)
        self.pulses = 0
        check_target(self.path, HDF5_SUFFIXES)
        self._temporary = temporary_name(self.path)
        self._file = h5py.File(self._temporary, "x")
        try:
            entry = start_file(self._file, self.path,
                               "classification of spectra")
            entry.attrs["default"] = "result"
            self._add_results(entry, tuple(classes))
            _add_process(entry, model, model_id, model_sha256, source,
                         configuration)
        except BaseException:
            self._discard()
            raise

    def append(self, result, indices=None):
        """Adds the pulses of a `TrainResult`.

        `indices`: number of each spectrum in its source, or None to count.
        """
        start, stop = self.pulses, self.pulses + result.pulses
        if indices is None:
            indices = np.arange(start, stop)
        columns = {
            "index": indices, "label": result.label,
            "confidence": result.confidence, "residual": result.residual,
            "intensity": result.intensity, "pulse_id": result.pulse_ids,
            "train_id": np.full(result.pulses, result.train_id, np.uint64)}
        for name, values in columns.items():
            _extend(self._result[name], start, stop, values)
        for name in _MATRICES:
            _extend(self._scores[name], start, stop, getattr(result, name))
        self.pulses = stop

    def __enter__(self):
        return self

    def __exit__(self, kind, error, traceback):
        if kind is not None:
            self._discard()
            return
        try:
            self._file.close()
            publish(self._temporary, self.path)
        finally:
            self._temporary.unlink(missing_ok=True)

    def _discard(self):
        self._file.close()
        self._temporary.unlink(missing_ok=True)

    def _add_results(self, entry, classes):
        self._result = group = add_group(
            entry, "result", "NXdata", signal="label", axes=["index"],
            auxiliary_signals=["confidence", "residual"])
        _empty(group, "index", np.int64, "spectrum number in the input")
        for name, (dtype, long_name, unit) in _VECTORS.items():
            _empty(group, name, dtype, long_name, unit)
        group["label"].attrs["class_names"] = list(classes)
        group["label"].attrs["codes"] = ", ".join(
            f"{code.value} {code.name.lower()}" for code in Code)
        self._scores = group = add_group(
            entry, "scores", "NXdata", signal="scores",
            axes=["index", "class_index"], auxiliary_signals=["mixture"])
        group["index"] = self._result["index"]
        group["class_index"] = np.arange(len(classes))
        group["class_index"].attrs["class_names"] = list(classes)
        for name, long_name in _MATRICES.items():
            _empty(group, name, np.float32, long_name, "", len(classes))


def _empty(group, name, dtype, long_name, unit="", *more):
    item = group.create_dataset(
        name, (0, *more), dtype, maxshape=(None, *more),
        chunks=(_CHUNK, *more))
    item.attrs["long_name"] = long_name
    if unit:
        item.attrs["units"] = unit


def _extend(item, start, stop, values):
    item.resize(stop, axis=0)
    item[start:stop] = values


def _add_process(entry, model, model_id, model_sha256, source,
                 configuration):
    process = add_group(entry, "process", "NXprocess")
    process["program"] = PROGRAM
    process["version"] = __version__
    process["date"] = now()
    process["sequence_index"] = 1
    add_note(process, "configuration", configuration,
             description="settings of the engine")
    add_note(process, "model", model, description="manifest of the model",
             identifier=model_id, checksum=model_sha256, algorithm="sha256")
    add_note(process, "input", source, description="origin of the spectra",
             file_name=source.get("path", ""),
             checksum=source.get("sha256", ""), algorithm="sha256")
