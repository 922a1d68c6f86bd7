"""Input of the decision about one train and about the model."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..trains.accounting import TrainKind
from .mean_verdict import MeanVerdict
from .presence import NOTHING_KNOWN, Presence


@dataclass(frozen=True)
class ModelStanding:
    """Qualification of the live model; by default it has none.

    Attributes
    ----------
    verified
        Whether it was loaded and verified with its golden input.
    min_intensity
        The gate in force.
    reactions_confirmed
        Whether an operator has set the reactions for exactly these classes.
    objection
        Why the model must not be armed for another reason (its null test, for
        example), "" for none.
    """
    verified: bool = False
    min_intensity: float = 0.
    reactions_confirmed: bool = False
    objection: str = ""


@dataclass(frozen=True, eq=False)
class Observation:
    """One finished train.

    Attributes
    ----------
    labels
        (P,) class index or `Code`.
    time
        Monotonic seconds at which its output was ready.
    lost
        Trains lost or skipped since the one observed before.
    latency, train_age
        ms. NaN where not known, which never permits; so are the next two.
    coverage
        Share of the pulses that were classified.
    drift
        Drift score, with the sentence `drift_reason`.
    accounting
        "" where the sums are correct, else one sentence.
    fault
        Any other fault, as a sentence.
    pulse_numbers
        (P,) that the pulse patterns select from, None for 0 ... P - 1.
    light
        (P,) as in `Train`; None where not known.
    light_problem
        Why the light is not known although it should be, "" for no reason.
    confidence
        (P,) or None.
    presence
        Beam and sample according to monitor and shutter.
    means
        Of every pulse pattern; a pattern whose mean is like no taught state
        votes unknown.
    basis
        Hash of the configuration under which the labels were made.
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
    light: NDArray[np.uint8] | None = None
    light_problem: str = ""
    confidence: NDArray[np.float32] | None = None
    presence: Presence = NOTHING_KNOWN
    means: MeanVerdict = MeanVerdict()  # noqa: RUF009 (immutable)
    basis: str = ""
