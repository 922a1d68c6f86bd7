"""Input and output of the fit of members."""
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ...core.model_definition import (
    LinearMembers,
    MlpMembers,
    PointwiseMembers,
    ViewMembers,
)
from ...core.spectra import Axis
from ..options import TrainingOptions

#: members that can be trained
type Members = PointwiseMembers | LinearMembers | MlpMembers | ViewMembers
#: preprocessed spectra (P, channels) -> votes (P, B, C)
type Votes = Callable[[NDArray[np.float32]], NDArray[np.float32]]
#: called with the loss after every step of a fit
type Tick = Callable[[float], None]
#: called with step, number of steps and loss after every step of a training;
#: an exception that it raises ends the training
type Progress = Callable[[int, int, float], object]


@dataclass(frozen=True, eq=False)
class Task:
    """What members are fitted to.

    Attributes
    ----------
    raw : (N, channels)
        Spectra as recorded, dark subtracted.
    spectra : (N, channels)
        The same, preprocessed.
    labels : (N,)
        Class indices.
    classes
        Number of classes.
    bins
        (start, stop) in channels.
    """
    axis: Axis
    raw: NDArray[np.number]
    spectra: NDArray[np.float32]
    labels: NDArray[np.int64]
    classes: int
    bins: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False)
class Fitted:
    """Fitted members.

    Attributes
    ----------
    members
        As the model takes them.
    accuracy : (B,)
        On the training spectra, classes counting alike.
    loss : (B,)
        Mean cross entropy on the training spectra.
    """
    members: Members
    votes: Votes
    accuracy: NDArray[np.float64]
    loss: NDArray[np.float64]

    @classmethod
    def on_training(cls, members: Members, votes: Votes,
                    spectra: NDArray[np.float32],
                    labels: NDArray[np.int64]) -> Self:
        """With accuracy and loss on the training spectra (N, channels)."""
        given = votes(spectra)
        hit = given.argmax(axis=2) == labels[:, None]
        accuracy = np.mean([hit[labels == c].mean(axis=0)
                            for c in np.unique(labels)], axis=0)
        true = given[np.arange(len(labels)), :, labels]
        return cls(members, votes, accuracy,
                   -np.log(np.maximum(true, 1e-12)).mean(axis=0))


class Method(Protocol):
    """A module that fits members of one kind."""

    def steps(self, options: TrainingOptions, in_fold: bool) -> int:
        """Number of progress steps of one `fit`."""

    def fit(self, task: Task, rows: NDArray[np.int64],
            options: TrainingOptions, in_fold: bool, tick: Tick) -> Fitted:
        """Members fitted to the spectra `rows` of a task."""
