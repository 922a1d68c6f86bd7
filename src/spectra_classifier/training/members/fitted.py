"""What goes into the fit of members, and what comes out."""
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ...core.spectra import Axis


@dataclass(frozen=True, eq=False)
class Task:
    """`raw` (N, channels) as recorded, `spectra` float32 preprocessed;
    `labels` (N,) int64; `classes` their number; `bins` (start, stop)."""
    axis: Axis
    raw: np.ndarray
    spectra: np.ndarray
    labels: np.ndarray
    classes: int
    bins: tuple


@dataclass(frozen=True, eq=False)
class Fitted:
    """`members` as the model takes them; `votes`: (P, channels) float32
    preprocessed -> (P, B, C); `accuracy` (B,) on the training spectra,
    classes counting alike; `loss` (B,) mean cross entropy."""
    members: object
    votes: Callable
    accuracy: np.ndarray
    loss: np.ndarray

    @classmethod
    def on_training(cls, members, votes, spectra, labels):
        """With accuracy and loss of the spectra (N, channels) they learnt."""
        given = votes(spectra)
        hit = given.argmax(axis=2) == labels[:, None]
        accuracy = np.mean([hit[labels == c].mean(axis=0)
                            for c in np.unique(labels)], axis=0)
        true = given[np.arange(len(labels)), :, labels]
        return cls(members, votes, accuracy,
                   -np.log(np.maximum(true, 1e-12)).mean(axis=0))
