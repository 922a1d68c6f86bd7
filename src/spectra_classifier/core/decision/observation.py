"""What the decision is told about one train and about the model."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..trains.accounting import TrainKind
from .presence import NOTHING_KNOWN, Presence


@dataclass(frozen=True)
class ModelStanding:
    """What speaks for the live model; by default nothing does.

    `verified`: loaded and proved against its golden input; `min_intensity`:
    the gate in force; `reactions_confirmed`: an operator has set the
    reactions for exactly these classes; `objection`: a sentence where the
    model must not be armed for another reason (its null test, for one).
    """
    verified: bool = False
    min_intensity: float = 0.
    reactions_confirmed: bool = False
    objection: str = ""


@dataclass(frozen=True, eq=False)
class Observation:
    """One finished train.

    `labels` (P,) int8: class index or `Code`; `time`: monotonic seconds at
    which its output was ready; `kind` from `accounting`; `lost`: trains lost,
    or skipped by us, since the one observed before;
    `latency` and `train_age` ms, `coverage` share of pulses looked at,
    `drift` the drift score: NaN where not known, which never permits, and
    `drift_reason` the sentence to it;
    `accounting`: "" where the sums hold, else the sentence that says why
    not; `fault`: any other trouble, as a sentence; `pulse_numbers` (P,)
    uint64 that the pulse patterns select from, None for 0 ... P - 1;
    `confidence` (P,) float32 or None; `presence`: what monitor and shutter
    make of a train without signal; `basis`: hash of the configuration that
    the labels were made under.
    """
    train_id: int
    labels: NDArray[np.int8]
    time: float
    model: ModelStanding
    kind: TrainKind = TrainKind.NEW
    lost: int = 0
    latency: float = np.nan
    train_age: float = np.nan
    coverage: float = np.nan
    drift: float = np.nan
    drift_reason: str = ""
    accounting: str = ""
    fault: str = ""
    pulse_numbers: NDArray[np.uint64] | None = None
    confidence: NDArray[np.float32] | None = None
    presence: Presence = NOTHING_KNOWN
    basis: str = ""
