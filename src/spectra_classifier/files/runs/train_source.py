"""Spectra train by train: the interface, and a file of spectra as trains."""
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ...core.dataset import Dataset
from ...core.decision.beam_state import Beam
from ...core.preprocessing.raw_frames import Selection
from ...core.trains.bunch_pattern import FramePulses
from ...model.strict_json import JsonObject
from ..checksum import array_sha256

#: spectra per block: as many as a full train has pulses
BLOCK = 2700


class TrainSource(Protocol):
    """Trains of a run or of a file, read one by one.

    Attributes
    ----------
    train_ids
        (T,)
    pulses
        (T,) number of pulses, 0 where there are no data.
    first
        (T,) number of the first spectrum of the train in the source.
    suspect
        (T,) whether the train id is suspect.
    channels
        Number of strips.
    dtype
        Type of the spectra.
    calibrated
        Whether counts are corrected per strip and gain stage.
    monitored
        Whether there is a monitor of the pulse energies.
    selection
        Pulses to be classified.
    """
    train_ids: NDArray[np.uint64]
    pulses: NDArray[np.int64]
    first: NDArray[np.int64]
    suspect: NDArray[np.bool_]
    channels: int
    dtype: np.dtype[Any]
    calibrated: bool
    monitored: bool
    selection: Selection

    def __len__(self) -> int:
        """Number of trains."""

    def arrays(self, position: int) -> dict[str, NDArray[Any]]:
        """{name: array} of a train for `raw_frames.prepare`."""

    def indices(self, position: int) -> NDArray[np.int64]:
        """Numbers of the spectra of a train in the source."""

    def beam(self, position: int) -> Beam | None:
        """The beam of a train, None where it is not known."""

    def machine(self, position: int) -> FramePulses | None:
        """The pulses of a train, None where they are not known.

        Raises
        ------
        InputError
            Where the bunch pattern contradicts the frames.
        """

    @property
    def provenance(self) -> JsonObject:
        """Where the spectra come from, JSON values."""

    @property
    def state(self) -> str:
        """Another text whenever the spectra may have changed."""


class DatasetSource:
    """Blocks of a `Dataset`, as a `TrainSource`.

    A file of spectra has no trains: every block has train id 0, which
    means "no train id".
    """
    calibrated = True
    monitored = False
    selection = Selection()

    def __init__(self, dataset: Dataset, block: int = BLOCK) -> None:
        self._dataset = dataset
        self._indices = (np.arange(len(dataset)) if dataset.indices is None
                         else dataset.indices)
        self.first = np.arange(0, len(dataset), block)
        self.pulses = np.minimum(len(dataset) - self.first, block)
        self.train_ids = np.zeros(len(self.first), np.uint64)
        self.suspect = np.zeros(len(self.first), bool)
        self.axis, self.channels = dataset.axis, len(dataset.axis)
        self.dtype = dataset.spectra.dtype

    def __len__(self) -> int:
        return len(self.first)

    def arrays(self, position: int) -> dict[str, NDArray[Any]]:
        """{name: array} of a block for `raw_frames.prepare`."""
        return {"data": self._dataset.spectra[self._rows(position)],
                "pulse_id": self.indices(position)}

    def indices(self, position: int) -> NDArray[np.int64]:
        """Numbers of the spectra of a block in their file."""
        return self._indices[self._rows(position)]

    def beam(self, position: int) -> None:
        """A file of spectra has no monitor."""

    def machine(self, position: int) -> None:
        """Nor a bunch pattern."""

    def _rows(self, position: int) -> slice:
        first = self.first[position]
        return slice(first, first + self.pulses[position])

    @property
    def provenance(self) -> JsonObject:
        """Where the spectra come from, JSON values."""
        return dict(self._dataset.provenance)

    @cached_property
    def state(self) -> str:
        """The checksum of the spectra: a file may refer to other files."""
        return array_sha256(self._dataset.spectra)
