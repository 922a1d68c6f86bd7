"""What the demonstration keeps of every train."""
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, eq=False)
class Result:
    """One train as the classifier published it.

    `received`: arrival at this process, monotonic seconds; `label` (P,) int8;
    `latency` and `train_age` in ms; `state`: index of the decided class, -1
    for unknown; `delivered`: from the time stamp of the source to the arrival
    here, ms.
    """
    train_id: int
    received: float
    label: NDArray[np.int8]
    latency: float
    train_age: float
    state: int
    permit: bool
    reason: str
    delivered: float = float("nan")


@dataclass(frozen=True, eq=False)
class Truth:
    """The same train as the source knows it.

    `label` (P,) int8: index of the true class in the order of the model, -1
    where it is not known; `distance`: trains to the nearest change, large
    where there is none; `spectrum` (P,) int64: number of the replayed
    spectrum, -1 for a simulated one.
    """
    train_id: int
    label: NDArray[np.int8]
    distance: int
    spectrum: NDArray[np.int64]

    @property
    def majority(self) -> int:
        """The most frequent known class, -1 where none is known."""
        known = self.label[self.label >= 0]
        return int(np.bincount(known).argmax()) if len(known) else -1


def in_order_of(classes: Sequence[str], labels: ArrayLike,
                order: Sequence[str]) -> NDArray[np.int8]:
    """Labels (P,) of `classes` as indices into `order`; -1 where a class is
    not among them. Negative labels stay as they are."""
    indices = np.array([order.index(name) if name in order else -1
                        for name in classes] or [-1], np.int8)
    labels = np.asarray(labels, np.int8)
    return np.where(labels >= 0, indices[labels.clip(0)], labels).astype(
        np.int8)
