"""What is known about the stream: accounting, decision, statistics.

One object per device, used from its event loop alone. Nothing here knows
Karabo, so that all of it is tested without a broker.
"""
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from ..core import decision as rules
from ..core.decision import NOTHING_KNOWN, Presence
from ..core.drift import DriftReport
from ..core.spectra import Code


@dataclass(frozen=True, eq=False)
class Finished:
    """A train that is ready to be published; times in ms.

    `problem`: what was wrong with it or with the accounts; `drift`: the
    newest `DriftReport`; `gate`: minimum intensity in force.
    """
    outcome: object
    decision: rules.Decision
    latency: float
    train_age: float
    problem: str = ""
    drift: DriftReport = DriftReport()      # noqa: RUF009 (immutable)
    gate: float = 0.


def labels_of(outcome):
    """(P,) int8 codes of a train, also where no engine saw it."""
    if outcome.fate is Fate.CLASSIFIED:
        return outcome.result.label
    code = (Code.BAD_DATA if outcome.fate is Fate.REJECTED else Code.SKIPPED)
    return np.full(outcome.incoming.pulses, code, np.int8)


@dataclass(frozen=True)
class Layout:
    """Paths of the arrays in the data of the source; "" where there is none.

    `calibrated`: counts are corrected per strip and gain stage, so that a
    switched strip is as good as any.
    """
    data: str = "data.adc"
    mask: str = ""
    pulse_id: str = "data.bunchId"
    valid: str = ""
    gain: str = "data.gain"
    frame_number: str = "data.frameNumber"
    calibrated: bool = False


@dataclass(frozen=True, eq=False)
class Incoming:
    """A train as it came in; times in seconds.

    `received` is the handler entry on the monotonic clock, `source_time`
    the source's own time stamp; `arrival` what `accounting` makes of the
    train id; `arrays` maps the names of `Layout` to
    undecided views. `problem` says why the spectra cannot be used, "" if
    they can, and `reason` the same for counting; `pulses` is 0 where even
    their number is unknown; `source`: name of what has sent it. `parts`:
    what was joined to it, `missing`: why not, both by stream; `waited` for
    that.
    """
    train_id: int
    pulses: int
    received: float
    timestamp: object = None
    source_time: float = float("nan")
    arrays: dict = field(default_factory=dict)
    problem: str = ""
    arrival: object = None
    reason: str = "unusable payload"
    parts: dict = field(default_factory=dict)
    missing: dict = field(default_factory=dict)
    waited: float = 0.
    source: str = ""

    def without_data(self):
        """The same train when its spectra will not be looked at."""
        return replace(self, arrays={}, parts={})


class Fate(StrEnum):
    """What became of a train as a whole."""
    CLASSIFIED = "classified"    # the engine had it
    REJECTED = "rejected"        # of no use
    SKIPPED = "skipped"          # good, and not looked at


@dataclass(frozen=True, eq=False)
class Outcome:
    """What became of a train.

    `reason`: why it was rejected or skipped, for counting; `problem`: the
    same as a sentence with its numbers. `result`: `TrainResult` of a
    classified train; `configuration`: the one that was live, or None;
    `coverage`: share of the selected pulses that were looked at;
    `switched`: strips outside gain stage 0; `train` and `settings`: what the
    engine got; `degraded`: pulses of it left out for want of time; `drift`:
    the `DriftReport` behind this train; `presence`: what monitor and shutter
    make of it; `remark`: a sentence on the source that is no fault.
    """
    incoming: object
    configuration: object
    fate: Fate
    reason: str = ""
    problem: str = ""
    result: object = None
    coverage: float = 0.
    switched: int = 0
    train: object = None
    settings: object = None
    degraded: int = 0
    drift: object = None
    preview: object = None
    presence: Presence = NOTHING_KNOWN
    remark: str = ""


@dataclass(frozen=True, eq=False)
class Committed:
    """A configuration has become live; all later outcomes are its own."""
    configuration: object
