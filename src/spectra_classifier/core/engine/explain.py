"""Explanation of the code of a pulse: the vote of every bin, and a sentence.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..model_definition import ModelDefinition, Settings, active_weights
from ..preprocessing.quality import gate, saturation_level, too_few_strips
from ..spectra import Code, TrainResult
from .labels import least_confidence

#: bins that carry less than this share of the vote are not worth a word
WORTH_NAMING = 0.05


@dataclass(frozen=True, eq=False)
class Explanation:
    """One pulse, explained.

    Attributes
    ----------
    pulse
        Position in the train.
    label
        Class index or `Code`.
    votes
        (B, C) share of each class in the vote of a bin; rows sum to 1, or are
        0 where the bin did not vote.
    share
        (B,) part of the whole vote that a bin has, 0 where it is not selected.
    winner
        (B,) class with most of the votes of the bin, -1 where it has none.
    reason
        Plain sentences.
    """
    pulse: int
    label: int
    confidence: float
    votes: NDArray[np.float32]
    share: NDArray[np.float64]
    winner: NDArray[np.intp]
    reason: str


def explain(result: TrainResult, pulse: int, definition: ModelDefinition,
            settings: Settings) -> Explanation:
    """Return the explanation of the pulse at position `pulse` of a result."""
    cast = result.votes[pulse].astype(np.float64)
    total = cast.sum(axis=1, keepdims=True)
    votes = np.divide(cast, total, out=np.zeros_like(cast), where=total > 0)
    share = active_weights(definition, settings) * definition.members.mass(
        definition.bins)
    share = share / share.sum() if share.sum() > 0 else share
    winner = np.where(total[:, 0] > 0, votes.argmax(axis=1), -1)
    return Explanation(
        pulse, int(result.label[pulse]), float(result.confidence[pulse]),
        votes.astype(np.float32), share, winner,
        _reason(result, pulse, definition, settings, share, winner))


def least_confident(result: TrainResult) -> int:
    """Return the position of the eligible pulse with the least confidence.

    0 where no pulse is eligible.

    Raises
    ------
    ValueError
        For a train without pulses.
    """
    if not result.pulses:
        raise ValueError("a train without pulses has no least confident pulse")
    eligible = result.label >= Code.UNKNOWN
    if not eligible.any():
        return 0
    return int(np.where(eligible, result.confidence, np.inf).argmin())


def _reason(result: TrainResult, pulse: int, definition: ModelDefinition,
            settings: Settings, share: NDArray[np.float64],
            winner: NDArray[np.intp]) -> str:
    label = int(result.label[pulse])
    where = f"Pulse {pulse} of train {result.train_id}: "
    if label >= 0:
        return where + _of_class(label, result, pulse, definition, share,
                                 winner)
    return where + {
        Code.UNKNOWN: _of_unknown, Code.LOW_INTENSITY: _of_low_intensity,
        Code.SATURATED: _of_saturated, Code.BAD_DATA: _of_bad_data,
        Code.SKIPPED: _of_skipped}[Code(label)](
            result, pulse, definition, settings)


def _of_class(label: int, result: TrainResult, pulse: int,
              definition: ModelDefinition, share: NDArray[np.float64],
              winner: NDArray[np.intp]) -> str:
    name = definition.classes[label]
    voting = share > 0
    agree = voting & (winner == label)
    text = (f"{name!r} with confidence {result.confidence[pulse]:.2f}. "
            f"{np.count_nonzero(agree)} of {np.count_nonzero(voting)} bins "
            f"vote for it, with {share[agree].sum():.0%} of the weight.")
    against = np.where(voting & (winner >= 0) & ~agree, share, 0.)
    worst = int(against.argmax())
    if against[worst] >= WORTH_NAMING:
        text += (f" Bin {worst} ({_range(definition, worst)}) votes "
                 f"for {definition.classes[winner[worst]]!r}, with "
                 f"{against[worst]:.0%} of the weight.")
    return text


def _of_unknown(result: TrainResult, pulse: int, definition: ModelDefinition,
                settings: Settings) -> str:
    rule = definition.unknown
    residual = float(result.residual[pulse])
    sure = float(result.confidence[pulse])
    scores = np.sort(result.scores[pulse])[::-1]
    if not np.isfinite(residual):
        return "unknown. Nothing is left of it to be compared with a class."
    if not scores.any():
        return "unknown. No selected bin has any weight."
    if not residual <= rule.max_residual:
        varies = ("" if definition.variation is None else
                  ", nor by how spectra of one state vary")
        return (f"unknown. {_percent(residual)} of the spectrum is explained "
                f"by no mixture of the training states{varies}; at most "
                f"{_percent(rule.max_residual)} may be.")
    if (result.distance is not None
            and not result.distance[pulse] <= rule.max_distance
            and definition.texture is not None):
        return (f"unknown. Its texture lies {result.distance[pulse]:.3g} "
                "from that of the nearest training state; at most "
                f"{rule.max_distance:.3g} may be.")
    if scores[0] == scores[1]:
        return "unknown. The best two classes have the same score."
    best = definition.classes[int(result.scores[pulse].argmax())]
    return (f"unknown. {best!r} comes nearest, but its confidence is "
            f"{sure:.2f}; {least_confidence(definition, settings):.2f} is "
            "needed.")


def _percent(share: float) -> str:
    """Limits are between some thousandths and one."""
    return f"{100 * share:.3g}%"


def _of_low_intensity(result: TrainResult, pulse: int,
                      definition: ModelDefinition, settings: Settings) -> str:
    return (f"low intensity. Its mean is {result.intensity[pulse]:.1f} above "
            f"the dark, the gate is {gate(definition, settings):.1f}: too "
            "little signal to be classified.")


def _of_saturated(result: TrainResult, pulse: int, definition: ModelDefinition,
                  settings: Settings) -> str:
    level = saturation_level(definition, settings)
    limit = f"reaches the level of {level:g}" if np.isfinite(level) else (
        "is saturated")
    return (f"saturated. A strip {limit}, or has switched its gain while "
            "the counts are not calibrated.")


def _of_bad_data(result: TrainResult, pulse: int, definition: ModelDefinition,
                 settings: Settings) -> str:
    if too_few := too_few_strips(definition, settings):
        return f"bad data. There is too little to judge: {too_few}."
    return ("bad data. The frame was never received, or holds NaN, Inf, "
            "values too large to be measured, or strips that are masked in "
            "this pulse alone.")


def _of_skipped(result: TrainResult, pulse: int, definition: ModelDefinition,
                settings: Settings) -> str:
    return "skipped. It is not selected, or there was no time for it."


def _range(definition: ModelDefinition, number: int) -> str:
    start, stop = definition.bins[number]
    values = definition.axis.values
    return (f"{values[start]:.5g} to {values[stop - 1]:.5g} "
            f"{definition.axis.unit}")
