"""What is recorded of a train on its way: from arrival to result.

Immutable records; nothing here depends on Karabo.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..core import decision as rules
from ..core.decision import NOTHING_KNOWN, Presence
from ..core.decision.beam_state import Beam
from ..core.decision.mean_verdict import MeanVerdict
from ..core.drift import DriftReport
from ..core.engine.mean_mixture import MeanMixture
from ..core.model_definition import Settings
from ..core.preprocessing.detector_modules import OFF, join_modules
from ..core.spectra import Code, Train, TrainResult
from ..core.trains.accounting import Arrival
from ..core.trains.bunch_pattern import FramePulses
from ..errors import InputError

if TYPE_CHECKING:       # a configuration imports this module
    from .configuration.configuration import Configuration


class SourceTimestamp(Protocol):
    """Time stamp of the source, in Karabo's type; passed on unchanged."""

    def toTimestamp(self) -> float:
        """Seconds since 1970."""


class Timestamp(SourceTimestamp, Protocol):
    """A time stamp with its train id."""

    @property
    def tid(self) -> int:
        """The train id."""


@dataclass(frozen=True, eq=False)
class Incoming:
    """A train as it arrived.

    Attributes
    ----------
    pulses
        Number of pulses; 0 where it is unknown.
    received
        Entry of the input handler, monotonic s.
    timestamp, source_time
        Time stamp of the source, and the same in s since 1970.
    arrays
        Arrays by field of `Layout`, as views: "data" is (pulses, channels).
    problem, reason
        Why the spectra cannot be used, "" if they can; the same in short,
        for counting.
    arrival
        Result of the accounting for the train id; None before.
    follower, join
        The train of a second module, and how the strips of both are joined,
        one of `core.preprocessing.detector_modules.JOINS`.
    beam, beam_problem
        Monitor and shutter, and why they are not known; None and "" where
        there are none.
    machine, machine_problem
        What the machine reports about the frames, and why that is not known;
        None and "" where it is not asked.
    waited
        Time spent waiting for parts, s.
    source
        Name of the sender.
    """
    train_id: int
    pulses: int
    received: float
    timestamp: SourceTimestamp | None = None
    source_time: float = float("nan")
    arrays: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    problem: str = ""
    arrival: Arrival | None = None
    reason: str = "unusable payload"
    follower: "Incoming | None" = None
    join: str = OFF
    beam: Beam | None = None
    beam_problem: str = ""
    machine: FramePulses | None = None
    machine_problem: str = ""
    waited: float = 0.
    source: str = ""

    def without_data(self) -> "Incoming":
        """The same train without its spectra."""
        return replace(self, arrays={}, follower=None, join=OFF, beam=None,
                       machine=None)

    def joined_arrays(self) -> Mapping[str, NDArray[Any]]:
        """The arrays of the whole train, those of two modules as one.

        Copies spectra: not for the event loop. Raises `InputError` where the
        follower cannot be used.
        """
        if self.join == OFF:
            return self.arrays
        if self.follower is None:
            raise InputError("the follower is missing")
        if self.follower.problem:
            raise InputError(f"the follower: {self.follower.problem}")
        return join_modules(self.arrays, self.follower.arrays, self.join)


class Fate(StrEnum):
    """Result for a train as a whole."""
    CLASSIFIED = "classified"    # processed by the engine
    REJECTED = "rejected"        # unusable
    SKIPPED = "skipped"          # usable, but not processed


@dataclass(frozen=True, eq=False)
class Outcome:
    """Result for one train.

    Attributes
    ----------
    configuration
        The configuration that was live, None before the first.
    reason, problem
        Why the train was rejected or skipped: in short, for counting, and as
        a sentence with its numbers.
    result
        Set for every classified train, None for all others; as are `train`
        and `settings`, which the engine was given, and `drift`, the report
        that includes this train.
    coverage
        Share of the selected pulses that were processed.
    switched
        Number of strips outside gain stage 0.
    degraded
        Number of pulses left out to save time.
    presence
        Beam and sample according to monitor and shutter.
    light_problem
        Why the pulses of a classified train are not known to have X-rays or
        laser, although the machine is asked; "" for no reason.
    remark
        A sentence about the source that is no fault.
    means
        Whether those of the pulse patterns are like taught states.
    mixture
        Mean of the pulse pattern that decides; None where not known.
    """
    incoming: Incoming
    configuration: "Configuration | None"
    fate: Fate
    reason: str = ""
    problem: str = ""
    result: TrainResult | None = None
    coverage: float = 0.
    switched: int = 0
    train: Train | None = None
    settings: Settings | None = None
    degraded: int = 0
    drift: DriftReport | None = None
    presence: Presence = NOTHING_KNOWN
    light_problem: str = ""
    remark: str = ""
    means: MeanVerdict = MeanVerdict()      # noqa: RUF009 (immutable)
    mixture: MeanMixture | None = None

    @property
    def light(self) -> NDArray[np.uint8] | None:
        """What the decision may rely on: (pulses,) bits, or None."""
        if self.train is None or self.light_problem:
            return None
        return self.train.light


@dataclass(frozen=True, eq=False)
class Finished:
    """A train that is ready to be published.

    Attributes
    ----------
    latency, train_age
        In ms.
    problem
        What was wrong with the train or with the accounting, "" for nothing.
    drift
        The newest report.
    gate
        Minimum intensity in force.
    """
    outcome: Outcome
    decision: rules.Decision
    latency: float
    train_age: float
    problem: str = ""
    drift: DriftReport = DriftReport()      # noqa: RUF009 (immutable)
    gate: float = 0.


def labels_of(outcome: Outcome) -> NDArray[np.int8]:
    """The codes of a train, shape (pulses,), whether classified or not."""
    if outcome.fate is Fate.CLASSIFIED and outcome.result is not None:
        return outcome.result.label
    code = (Code.BAD_DATA if outcome.fate is Fate.REJECTED else Code.SKIPPED)
    return np.full(outcome.incoming.pulses, code, np.int8)
