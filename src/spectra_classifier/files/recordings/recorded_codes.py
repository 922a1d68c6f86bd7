"""Live codes, recorded by karabo-hdf5writer from a RecordingAdapter."""
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DataFileError, InputError
from ...model.plain import AnyPath
from ..runs.run_opening import explained, keys_of_source, open_run, places_of
from ..runs.runs import run_path
from .int32_packing import Field, read_layout, unpack

if TYPE_CHECKING:
    from extra_data import DataCollection

#: where the channel's node `data` is under a source of the writer
_NODE = "data.data."
_LAYOUT = "layout"
#: codes of a result that are recorded, and under which name
PER_PULSE = {"label": "label", "confidence": "confidence",
             "residual": "residual", "intensity": "intensity",
             "pulse_id": "pulseId", "scores": "scores", "mixture": "mixture"}


class RecordedCodes:
    """Trains of the channel `output` of a `RecordingAdapter` in a run.

    Parameters
    ----------
    path
        The run.
    source
        "" where the run has only one such channel.

    Attributes
    ----------
    train_ids
        (T,), the trains that the recorder got, in rising order.

    Raises
    ------
    DataFileError
        If nothing of the kind is recorded.
    """

    def __init__(self, path: AnyPath, source: str = "") -> None:
        self.path = run_path(path)
        with explained(self.path):
            run, _ = open_run(self.path)
            self.source = source or self._only(run)
            if self.source not in run.instrument_sources:
                raise DataFileError(
                    f"{self.path}: has no source {self.source}; its sources "
                    f"are {', '.join(sorted(run.instrument_sources))}")
            self._keys = {
                key.removeprefix(_NODE): run[self.source, key] for key
                in keys_of_source(run, self.source) if key.startswith(_NODE)}
            if _LAYOUT not in self._keys:
                raise DataFileError(
                    f"{self.path}: {self.source} has no {_NODE}{_LAYOUT}; "
                    "record the output of a RecordingAdapter")
            self._places = {name: places_of(key)
                            for name, key in self._keys.items()}
        self.train_ids = np.array(sorted(self._places[_LAYOUT]), np.uint64)
        if not len(self.train_ids):
            raise DataFileError(f"{self.path}: {self.source} has no train")

    @cached_property
    def layout(self) -> dict[str, Field]:
        """{name: field} that the recording states."""
        try:
            return read_layout(self._words(_LAYOUT, self.train_ids[0]))
        except InputError as error:
            raise DataFileError(f"{self.path}: {error}") from None

    def train(self, train_id: int) -> dict[str, Any]:
        """{name: value} of a train as the classifier sent it, padded."""
        return {name: unpack(field, self._words(name, train_id))
                for name, field in self.layout.items()}

    def pulses(self, train_id: int) -> dict[str, NDArray[Any]]:
        """{column of a result: array} of the pulses of a train.

        `scores` and `mixture` have as many columns as the channel.
        """
        fields = self.train(train_id)
        count = int(fields["pulseCount"])
        return {column: fields[name][:count]
                for column, name in PER_PULSE.items()}

    def _words(self, name: str, train_id: int) -> NDArray[np.int32]:
        place = self._places.get(name, {}).get(int(train_id))
        if place is None:
            raise DataFileError(f"{self.path}: {self.source} has no {name} "
                                f"in train {train_id}")
        file, row, _ = place
        with explained(self.path):
            return file.file[self._keys[name].hdf5_data_path][row]

    def _only(self, run: "DataCollection") -> str:
        have = sorted(name for name in run.instrument_sources
                      if _NODE + _LAYOUT in keys_of_source(run, name))
        if len(have) != 1:
            raise DataFileError(
                f"{self.path}: {len(have)} sources are outputs of a "
                "RecordingAdapter; name one with --source"
                + (": " if have else "") + ", ".join(have))
        return have[0]
