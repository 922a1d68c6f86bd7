"""Buffer of the last raw trains with their results, in bounded memory."""
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ..model_definition import Settings
from ..spectra import Train, TrainResult


@dataclass(frozen=True, eq=False)
class RecordedTrain[Context]:
    """A finished train with everything that its codes depend on.

    Attributes
    ----------
    time
        Monotonic seconds at which it was finished.
    context
        Model, engine and configuration that were live (opaque here).
    facts
        Plain values for display, by name.
    train, settings, result
        None where the engine did not process it. `train.verdicts` are those
        that the engine received, so that the same call gives the same codes.
    """
    train_id: int
    pulses: int
    time: float
    context: Context
    facts: Mapping[str, object] = field(default_factory=dict)
    train: Train | None = None
    settings: Settings | None = None
    result: TrainResult | None = None

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays of this train, in bytes."""
        arrays: list[object] = []
        for part in self.train, self.result:
            arrays += [] if part is None else vars(part).values()
        return sum(array.nbytes for array in arrays
                   if isinstance(array, np.ndarray))


class Ring[Context]:
    """First in, first out; bounded in trains, seconds and bytes.

    Keeps references: the arrays of a train are never modified later.
    """

    def __init__(self) -> None:
        self._trains: deque[RecordedTrain[Context]] = deque()
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._trains)

    def add(self, train: RecordedTrain[Context], count: int, seconds: float,
            nbytes: int) -> None:
        """Append a train and remove what exceeds the limits."""
        self._trains.append(train)
        self.nbytes += train.nbytes
        self.trim(train.time, count, seconds, nbytes)

    def trim(self, now: float, count: int, seconds: float,
             nbytes: int) -> None:
        """Remove trains older than `seconds`, and the oldest beyond `count`
        trains or `nbytes`.
        """
        while self._trains and (
                len(self._trains) > count
                or self.nbytes > nbytes
                or now - self._trains[0].time >= seconds):
            self.nbytes -= self._trains.popleft().nbytes

    def newest(self, count: int) -> tuple[RecordedTrain[Context], ...]:
        """Return the last `count` trains, oldest first."""
        return tuple(self._trains)[max(len(self._trains) - count, 0):]
