"""State of the sample against a value that is scanned.

Trains are put into steps: where the value rests, as long as it rests; where it
moves all the time, in bins. Steps between two turning points are a sweep, and
every sweep is fitted on its own, so that a way up and a way down show the
hysteresis.
"""
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..core.evaluation.change import GRADUAL
from ..core.evaluation.scanned_transition import (
    FRACTION_ERROR,
    NORMAL,
    ScannedTransition,
    fit,
)
from ..core.evaluation.train_answers import TrainAnswers
from ..errors import InputError
from .shapes import Array

#: a jump of the value, in units of its median change from train to train
JUMP = 8.
#: trains of a step, at least, and in units of the median step
FEWEST_TRAINS, SHORTEST = 2, 0.25
#: bins of a sweep whose value never rests
BINS = 40
#: share of the range that a value has to go back to turn
TURN = 0.25
#: trains that the pooled variance counts as, next to those of a step
POOLED = 10
#: error that the mean fractions of a scan share (`scanned_transition.fit`), in
#: units of the noise of a pulse: a state that drifts is wrong by a part of it.
#: Chosen on simulated scans of seeds 63102 to 63120
SHARED = 0.15
# of a normal number: standard deviation of what is left where it is cut below
# its mean, and mean of what is cut off
_HALF_NORMAL = float(np.sqrt(0.5 - 0.5 / np.pi))
_CUT_OFF = float(np.sqrt(2 / np.pi))


@dataclass(frozen=True, eq=False)
class Steps:
    """Where the scanned value was.

    Attributes
    ----------
    position
        (S,) median of each step, in the order of time.
    sweep
        (S,) number of its sweep.
    of
        (T,) step of each train, -1 for one that belongs to none.
    """
    position: Array
    sweep: NDArray[np.int64]
    of: NDArray[np.int64]


@dataclass(frozen=True)
class SweepTransition:
    """The transition of one sweep.

    Attributes
    ----------
    sweep
        Its number.
    rising
        Whether the value rises.
    before, after
        Classes, in the order of time.
    found
        The fit of the share of `after` in the mixture of the two.
    """
    sweep: int
    rising: bool
    before: str
    after: str
    found: ScannedTransition


@dataclass(frozen=True)
class Hysteresis:
    """Midpoint of a rising sweep minus that of a falling one next to it."""
    rising: int
    falling: int
    difference: float
    low: float
    high: float


@dataclass(frozen=True, eq=False)
class Scan:
    """A scan by steps.

    Attributes
    ----------
    name, unit
        Of the scanned value.
    classes
        Class names.
    steps
        The steps.
    columns
        {heading: (S,) values}: trains, pulses, and for each class its share of
        the pulses with an answer and its mean mixture with standard error;
        residual with standard error.
    transitions
        Those that were found, one per sweep at most.
    hysteresis
        Of neighbouring sweeps with the same two classes.
    """
    name: str
    unit: str
    classes: tuple[str, ...]
    steps: Steps
    columns: dict[str, NDArray[np.generic]]
    transitions: list[SweepTransition] = field(default_factory=list)
    hysteresis: list[Hysteresis] = field(default_factory=list)


def find_steps(value: Array, resolution: float | None = None) -> Steps:
    """Steps of a value that was recorded once a train.

    Parameters
    ----------
    value
        (T,) in the order of time, NaN where it is not known.
    resolution
        Change from train to train above which the value moves; None for
        `JUMP` times the median change.

    Raises
    ------
    InputError
        If the value does not change.
    """
    known = np.flatnonzero(np.isfinite(value))
    v = value[known]
    if len(v) < 2 or not np.ptp(v) > 0:
        raise InputError("the scanned value does not change: there is "
                         "nothing to compare")
    change = np.abs(np.diff(v))
    limit = (max(JUMP * float(np.median(change)), 1e-9 * float(np.ptp(v)))
             if resolution is None else resolution)
    stretch = np.append(0, np.cumsum(change > limit))
    size = np.bincount(stretch)
    rests = size >= max(FEWEST_TRAINS, SHORTEST * np.median(
        size[size >= FEWEST_TRAINS])) if (size >= FEWEST_TRAINS).any() else (
        np.zeros(len(size), bool))
    # more than half of all trains at rest, at more than one place
    if np.count_nonzero(rests) > 1 and size[rests].sum() > 0.5 * len(v):
        step = np.where(rests, np.cumsum(rests) - 1, -1)[stretch]
    else:
        step = _bins(v)
    count = step.max() + 1
    position = np.array([np.median(v[step == k]) for k in range(count)])
    of = np.full(len(value), -1)
    of[known] = step
    return Steps(position, _sweeps(position), of)


def _bins(value: Array) -> NDArray[np.int64]:
    """Bins (T,) of a value that moves, each within one sweep."""
    sweep = _sweeps(value)
    place = np.minimum((value - value.min()) / np.ptp(value) * BINS,
                       BINS - 1).astype(np.int64)
    new = (np.diff(sweep) != 0) | (np.diff(place) != 0)
    return np.append(0, np.cumsum(new))


def _sweeps(position: Array) -> NDArray[np.int64]:
    """Number of the sweep (S,): it ends where the value turns for good."""
    enough = TURN * np.ptp(position)
    sweep = np.zeros(len(position), np.int64)
    direction, extreme, at, start = 0, position[0], 0, 0
    for place, here in enumerate(position):
        if direction == 0:
            if abs(here - extreme) >= enough:
                direction = int(np.sign(here - extreme))
                extreme, at = here, place
        elif (here - extreme) * direction >= 0:
            extreme, at = here, place
        elif abs(here - extreme) >= enough:
            start = at + 1
            sweep[start:] += 1
            direction, extreme, at = -direction, here, place
    return sweep


def given_steps(ids: NDArray[np.int64],
                steps: Sequence[tuple[float, NDArray[np.integer]]]) -> Steps:
    """Steps as the component `Scan` of EXtra has them.

    Parameters
    ----------
    ids
        (T,) ids of trains.
    steps
        (position, train ids) of each step, in the order of time.
    """
    of = np.full(len(ids), -1)
    for number, (_, trains) in enumerate(steps):
        of[np.isin(ids, trains)] = number
    position = np.array([float(each) for each, _ in steps])
    return Steps(position, _sweeps(position), of)


def scan(answers: TrainAnswers, steps: Steps, name: str,
         unit: str = "") -> Scan:
    """Bin answers by steps, and fit the transition of every sweep."""
    columns = _columns(answers, steps)
    found = [each for number in range(int(steps.sweep.max()) + 1)
             if (each := _transition(answers, steps, number)) is not None]
    return Scan(name, unit, answers.classes, steps, columns, found,
                [_hysteresis(*pair) for pair in pairwise(found)
                 if pair[1].sweep == pair[0].sweep + 1
                 and {pair[0].before, pair[0].after}
                 == {pair[1].before, pair[1].after}])


def _columns(answers: TrainAnswers, steps: Steps
             ) -> dict[str, NDArray[np.generic]]:
    count = len(steps.position)
    kept = steps.of >= 0
    of = steps.of[kept]

    def total(values: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.bincount(of, values[kept], count).astype(np.int64)

    by_class = [total(values) for values in answers.counts.T]
    unknown = total(answers.unknown)
    answered = np.sum(by_class, axis=0) + unknown
    columns: dict[str, NDArray[np.generic]] = {
        "position": steps.position, "sweep": steps.sweep,
        "trains": np.bincount(of, minlength=count),
        "pulses": answered + total(answers.rejected)}
    with np.errstate(invalid="ignore", divide="ignore"):
        for name, number in zip((*answers.classes, "unknown"),
                                (*by_class, unknown), strict=True):
            columns[f"share {name}"] = number / answered
        for name, values in zip(
                (*(f"mixture {each}" for each in answers.classes),
                 "residual"), (*answers.mixture.T, answers.residual),
                strict=True):
            mean, variance, number = _by_step(values, steps)
            columns[name] = mean
            columns[f"{name} error"] = np.sqrt(variance / number)
    return columns


def _by_step(values: Array, steps: Steps) -> tuple[Array, Array,
                                                   NDArray[np.int64]]:
    """Mean, variance of a train and number of trains (S,) of each step."""
    kept = (steps.of >= 0) & np.isfinite(values)
    of, mine, count = steps.of[kept], values[kept], len(steps.position)
    number = np.bincount(of, minlength=count)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(of, mine, count) / number
        square = np.bincount(of, np.square(mine - mean[of]), count)
        return mean, square / (number - 1), number


def _transition(answers: TrainAnswers, steps: Steps,
                sweep: int) -> SweepTransition | None:
    """The transition of one sweep, None where nothing changes."""
    own = np.flatnonzero(steps.sweep == sweep)
    if len(own) < 2 or len(answers.classes) < 2:
        return None
    mixture = np.stack([_by_step(each, steps)[0][own]
                        for each in answers.mixture.T], axis=1)
    part = max(len(own) // 4, 1)
    with np.errstate(invalid="ignore"):
        rise = np.nan_to_num(np.nanmean(mixture[-part:], axis=0)
                             - np.nanmean(mixture[:part], axis=0))
    before, after = int(rise.argmin()), int(rise.argmax())
    if before == after:
        return None
    pair = answers.mixture[:, [before, after]].sum(axis=1)
    fraction = np.divide(answers.mixture[:, after], pair, where=pair > 0,
                         out=np.full(len(pair), np.nan))
    noise, lost = _cut_off(answers, steps, before, after)
    mean, variance, number = _by_step(fraction + lost, steps)
    found = fit(steps.position[own], mean[own],
                _errors(variance[own], number[own]),
                SHARED * noise if noise > 0 else FRACTION_ERROR)
    if found is None or found.evidence < GRADUAL:
        return None
    return SweepTransition(
        sweep, bool(steps.position[own[-1]] > steps.position[own[0]]),
        answers.classes[before], answers.classes[after], found)


def _cut_off(answers: TrainAnswers, steps: Steps, before: int,
             after: int) -> tuple[float, Array]:
    """What fractions of single pulses have lost by being cut at 0 and 1.

    Noise moves the mean of pulses of a pure state inwards, where half of them
    are cut, and a transition seems to be shorter. A pulse that is cut has lost
    as much as one of a pure state on average: `_CUT_OFF` times the noise. The
    noise is that of the steps in which pulses are cut at one end, which are
    those near a pure state.

    Returns
    -------
    noise : float
        Standard deviation of the fraction of a pulse of a pure state; 0 where
        it is not known.
    lost : (T,)
        What is to be added to the fraction of `after` of each train.
    """
    at_one_end = answers.absent[:, before] - answers.absent[:, after]
    spread = np.sqrt(_by_step(np.square(answers.spread[:, after]), steps)[0])
    weight = np.abs(_by_step(at_one_end, steps)[0])
    order = np.argsort(spread)[:np.isfinite(spread).sum()]
    if not len(order):
        return 0., np.zeros(len(at_one_end))
    below = np.cumsum(weight[order])
    noise = float(spread[order][np.searchsorted(below, below[-1] / 2)]
                  ) / _HALF_NORMAL
    return noise, _CUT_OFF * noise * at_one_end


def _errors(variance: Array, number: NDArray[np.int64]) -> Array:
    """Variance (S,) of the mean of each step.

    That of few trains is hardly known: it is drawn to the pooled one.
    """
    free = np.maximum(number - 1, 0)
    own = np.where(free > 0, np.nan_to_num(variance), 0) * free
    pooled = own.sum() / max(int(free.sum()), 1) or 1.
    with np.errstate(divide="ignore"):
        return (own + POOLED * pooled) / (free + POOLED) / number


def _hysteresis(one: SweepTransition, other: SweepTransition) -> Hysteresis:
    up, down = (one, other) if one.rising else (other, one)
    difference = up.found.midpoint - down.found.midpoint
    error = float(np.linalg.norm([
        each.found.midpoint_high - each.found.midpoint_low
        for each in (up, down)])) / (2 * NORMAL)
    return Hysteresis(up.sweep, down.sweep, difference,
                      difference - NORMAL * error,
                      difference + NORMAL * error)
