"""What goes into the fit of members, and what comes out."""
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..core.spectra import Axis


@dataclass(frozen=True, eq=False)
class Task:
    """`spectra` (N, channels) float32 preprocessed; `labels` (N,) int64;
    `classes` their number; `bins` (start, stop) of equal width."""
    axis: Axis
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
