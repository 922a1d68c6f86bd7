"""The spectra of a file as if they were trains, for `offline`."""
import numpy as np

from ...core.preprocessing.raw_frames import Selection

#: spectra per block: as many as a full train has pulses
BLOCK = 2700


class DatasetSource:
    """Blocks of a `Dataset`, with the interface of `runs.RunSource`.

    A file of spectra has no trains: every block has train id 0, which
    stands for "no train id".
    """
    calibrated = True
    monitored = False
    selection = Selection()

    def __init__(self, dataset, block=BLOCK):
        self._dataset, self._block = dataset, block
        self.first = np.arange(0, len(dataset), block)
        self.pulses = np.minimum(len(dataset) - self.first, block)
        self.train_ids = np.zeros(len(self.first), np.uint64)
        self.suspect = np.zeros(len(self.first), bool)
        self.axis, self.channels = dataset.axis, len(dataset.axis)
        self.dtype = dataset.spectra.dtype

    def __len__(self):
        return len(self.first)

    def arrays(self, position):
        """{name: array} of a block as `core.frames.prepare` takes them."""
        return {"data": self._dataset.spectra[self._rows(position)],
                "pulse_id": self.indices(position)}

    def indices(self, position):
        """Numbers of the spectra of a block in their file."""
        return self._dataset.indices[self._rows(position)]

    def _rows(self, position):
        first = self.first[position]
        return slice(first, first + self.pulses[position])

    @property
    def provenance(self):
        """Where the spectra come from, plain JSON values."""
        return self._dataset.provenance
