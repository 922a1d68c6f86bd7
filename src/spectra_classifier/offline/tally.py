"""Numbers of spectra and trains by fate and by class."""
from collections.abc import Sequence

import numpy as np

from ..core.decision.mean_verdict import MeanCode
from ..core.spectra import Code
from ..files.results.columns import NO_DATA, UNUSABLE, Chunk
from ..model.strict_json import JsonObject

_REJECTED = (Code.LOW_INTENSITY, Code.SATURATED, Code.BAD_DATA, Code.SKIPPED)


class Tally:
    """Adds up the chunks of a result."""

    def __init__(self, classes: Sequence[str]) -> None:
        self._classes = classes
        self._labels = np.zeros(len(classes) - min(Code), np.int64)
        self._trains = np.zeros(3, np.int64)
        self._means = np.zeros(len(MeanCode), np.int64)
        self._suspect, self._seconds, self._waited = 0, 0., 0.

    def add(self, chunk: Chunk) -> None:
        """Count the pulses and trains of a chunk."""
        label = chunk.pulses["label"].astype(np.int64) - min(Code)
        self._labels += np.bincount(label, minlength=len(self._labels))
        self._trains += np.bincount(chunk.trains["status"], minlength=3)
        self._means += np.bincount(chunk.trains["mean_code"],
                                   minlength=len(self._means))
        self._suspect += int(chunk.trains["suspect"].sum())
        self._seconds += chunk.seconds
        self._waited += chunk.waited

    def report(self) -> JsonObject:
        """JSON values; the fates of the spectra add up to `spectra`."""
        def number(code: int) -> int:
            return int(self._labels[code - min(Code)])

        found = [number(index) for index in range(len(self._classes))]
        spectra = int(self._labels.sum())
        return {
            "spectra": spectra,
            "classified": sum(found) + number(Code.UNKNOWN),
            "unknown": number(Code.UNKNOWN),
            **{code.name.lower(): number(code) for code in _REJECTED},
            "trains": int(self._trains.sum()),
            "trains_without_data": int(self._trains[NO_DATA]),
            "trains_unusable": int(self._trains[UNUSABLE]),
            "trains_suspect": self._suspect,
            "trains_judged": int(self._means[MeanCode.TAUGHT]
                                 + self._means[MeanCode.FOREIGN]),
            "trains_foreign": int(self._means[MeanCode.FOREIGN]),
            "classes": dict(zip(self._classes, found, strict=True)),
            "seconds": self._seconds, "waiting_seconds": self._waited,
            "spectra_per_second":
                spectra / self._seconds if self._seconds else None}
