"""Spectra train by train: the interface, and spectra in memory as trains."""
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ...core.dataset import Dataset
from ...core.decision.beam_state import Beam
from ...core.preprocessing.raw_frames import Selection
from ...core.spectra import Axis
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
    files
        Name of the file of each spectrum, None where they are not in files
        of their own.
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
    files: tuple[str, ...] | None

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


class ArraySource:
    """Blocks of spectra in memory, as a `TrainSource`.

    A file of spectra has no trains: every block has train id 0, which
    means "no train id".

    Parameters
    ----------
    spectra
        (N, channels); NaN and Inf are bad data.
    axis
        Their axis, None where it is not known.
    indices
        (N,) number of each spectrum in its file, None to count.
    provenance
        Where they come from.
    files
        (N,) names of their files, or None.
    block
        Spectra per block.
    """
    calibrated = True
    monitored = False
    selection = Selection()

    def __init__(self, spectra: NDArray[Any], axis: Axis | None = None,
                 indices: NDArray[np.int64] | None = None,
                 provenance: Mapping[str, object] | None = None,
                 files: tuple[str, ...] | None = None,
                 block: int = BLOCK) -> None:
        self._spectra, self.axis, self.files = spectra, axis, files
        self._provenance = provenance or {}
        self._indices = (np.arange(len(spectra)) if indices is None
                         else indices)
        self.first = np.arange(0, len(spectra), block)
        self.pulses = np.minimum(len(spectra) - self.first, block)
        self.train_ids = np.zeros(len(self.first), np.uint64)
        self.suspect = np.zeros(len(self.first), bool)
        self.channels, self.dtype = spectra.shape[1], spectra.dtype

    @classmethod
    def of(cls, dataset: Dataset) -> Self:
        """The blocks of a data set."""
        return cls(dataset.spectra, dataset.axis, dataset.indices,
                   dataset.provenance, dataset.files)

    def __len__(self) -> int:
        return len(self.first)

    def arrays(self, position: int) -> dict[str, NDArray[Any]]:
        """{name: array} of a block for `raw_frames.prepare`."""
        return {"data": self._spectra[self._rows(position)],
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
        return dict(self._provenance)

    @cached_property
    def state(self) -> str:
        """The checksum of the spectra: a file may refer to other files."""
        return array_sha256(self._spectra)
