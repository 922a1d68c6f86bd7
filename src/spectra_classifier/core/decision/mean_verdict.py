"""Whether the means of a train are like those of taught states."""
from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .config import PulseKind, PulsePattern

    #: first, step, count and kind of a pulse pattern
    type Selection = tuple[int, int, int, PulseKind]

#: score of pulses that are not judged: too few, or by a model without limits
NOT_JUDGED = -1.


class MeanCode(IntEnum):
    """What the means of a train are like; as numbers for recorders."""
    TAUGHT = 0
    FOREIGN = 1
    NOT_JUDGED = 2


def foreign(score: float) -> bool:
    """Return whether a score is that of no taught state; true for NaN."""
    return score != NOT_JUDGED and not 0 <= score <= 1


@dataclass(frozen=True)
class MeanVerdict:
    """Scores of a train: residuals in units of the limit.

    Attributes
    ----------
    scores
        By the selection of a pulse pattern; NaN where the mean cannot be
        compared, `NOT_JUDGED` where it is not.
    rest
        For any other selection.
    """
    scores: Mapping[Selection, float] = field(default_factory=dict)
    rest: float = NOT_JUDGED

    def score(self, pattern: PulsePattern) -> float:
        """Return the score of a pulse pattern."""
        return self.scores.get(pattern.selection, self.rest)

    def foreign(self, pattern: PulsePattern) -> bool:
        """Return whether the mean of a pattern is like no taught state."""
        return foreign(self.score(pattern))

    @property
    def worst(self) -> float:
        """The worst of all scores; NaN if there is one."""
        return worst([*self.scores.values(), self.rest])

    @property
    def code(self) -> MeanCode:
        """The code of the worst score."""
        if self.worst == NOT_JUDGED:
            return MeanCode.NOT_JUDGED
        return MeanCode.FOREIGN if foreign(self.worst) else MeanCode.TAUGHT


def worst(scores: list[float]) -> float:
    """Return the largest score, NaN if one is; NOT_JUDGED of none."""
    if any(math.isnan(score) for score in scores):
        return math.nan
    return max(scores, default=NOT_JUDGED)


def read(score: float, code: int) -> MeanVerdict:
    """Return the verdict that another device states for all pulses.

    Where score and code contradict each other, the mean is foreign.
    """
    stated = MeanVerdict(rest=score)
    return stated if stated.code == code else MeanVerdict(rest=math.nan)
