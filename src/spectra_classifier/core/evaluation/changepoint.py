"""When did the sample change? Transitions of a sequence, with an interval.

The most probable sequence of states that may switch only seldom (A. J.
Viterbi, IEEE Trans. Inf. Theory 13, 260, 1967) gives the transitions; the
posterior of the switch between two neighbouring states gives the interval.
Neighbouring spectra are not independent: their log-odds are divided by the
autocorrelation time of what is left after the two levels, so that a slow
wave does not pass for many observations.

The posterior asks where a sharp switch lies. A sample changes gradually, and
where labels put the boundary inside the change is a matter of definition: so
the interval also covers the time in which the fraction of the new state, of
the two, rises from 10 to 90 %.
"""
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

#: probability per step that the state changes
SWITCH = 1e-3
#: probability that the interval is to hold
COVERAGE = 0.95
#: fraction of the new state at which a change begins and has ended
BEGUN, ENDED = 0.1, 0.9
_SMALLEST = 1e-3
# no calibration is good enough for the posterior to be sharper than this
_LEAST_HALF_WIDTH = 1


@dataclass(frozen=True)
class Transition:
    """A change of the sample state.

    Attributes
    ----------
    before, after
        Class indices.
    at
        First step of `after`.
    low, high
        Steps that contain the transition with 95 % probability, and the whole
        change where a mixture is known.
    correlation
        Autocorrelation time in steps.
    begin, end
        Steps of the change according to the mixture, None without one.
    """
    before: int
    after: int
    at: int
    low: int
    high: int
    correlation: float
    begin: int | None = None
    end: int | None = None

    def as_dict(self) -> dict[str, int | float | None]:
        """Return the fields by name."""
        return asdict(self)


def transitions(scores: ArrayLike,
                mixture: ArrayLike | None = None) -> list[Transition]:
    """Return the transitions of a sequence, in order.

    Parameters
    ----------
    scores
        (N, C) probabilities. Rows of zeros or with NaN carry no information.
    mixture
        (N, C) fractions of the states, if known.
    """
    odds = _log(scores)
    path = most_probable(odds)
    edges = np.flatnonzero(np.diff(path)) + 1
    bounds = [0, *edges.tolist(), len(path)]
    found = [_transition(odds, path, edge, bounds[i], bounds[i + 2])
             for i, edge in enumerate(bounds[1:-1])]
    if mixture is None:
        return found
    mixture = np.nan_to_num(np.asarray(mixture, np.float64), posinf=0,
                            neginf=0)
    return [_with_change(each, mixture, bounds[i], bounds[i + 2])
            for i, each in enumerate(found)]


def _with_change(found: Transition, mixture: NDArray[np.float64], start: int,
                 stop: int) -> Transition:
    """The transition with the time in which the mixture changes."""
    old, new = mixture[start:stop, [found.before, found.after]].T
    known = np.flatnonzero(old + new > 0)
    steps = np.append(known, stop - start)
    fraction = new[known] / (old + new)[known]
    begin, end = (start + int(steps[_passes(fraction, level)])
                  for level in (BEGUN, ENDED))
    return replace(found, low=min(found.low, begin),
                   high=max(found.high, end), begin=begin, end=end)


def most_probable(odds: NDArray[np.float64],
                  switch: float = SWITCH) -> NDArray[np.intp]:
    """Return the most probable path (N,) through log scores (N, C).

    Parameters
    ----------
    switch
        Probability per step that the state changes.
    """
    count, states = odds.shape
    stay = np.log1p(-switch)
    move = np.log(switch / max(states - 1, 1))
    cost = np.full((states, states), move)
    np.fill_diagonal(cost, stay)
    best = np.zeros(states)
    origin = np.zeros((count, states), int)
    for step in range(count):
        reach = best[:, None] + cost
        origin[step] = reach.argmax(axis=0)
        best = reach.max(axis=0) + odds[step]
    path = np.empty(count, int)
    if count:
        path[-1] = best.argmax()
    for step in range(count - 1, 0, -1):
        path[step - 1] = origin[step, path[step]]
    return path


def crossing(mixture: ArrayLike) -> int | None:
    """Return the step at which a fraction crosses one half, or None.

    The split with the smallest sum of distances on the wrong side of one half,
    which single outliers do not move.

    Parameters
    ----------
    mixture
        (N,) rising or falling. A value that is not finite counts as one half.
    """
    values = np.asarray(mixture, np.float64)
    if not len(values):
        return None
    values = np.where(np.isfinite(values), values, 0.5)
    half = len(values) // 2
    falling = (values[half:] - 0.5).sum() < (values[:half] - 0.5).sum()
    best = _passes(1 - values if falling else values, 0.5)
    return best if 0 < best < len(values) else None


def _passes(rising: NDArray[np.float64], level: float) -> int:
    """The step from which a rising fraction (N,) is above `level`, with the
    smallest sum of distances on the wrong side; 0 ... N."""
    above = rising - level
    wrong = (np.append(0, np.cumsum(np.maximum(above, 0)))
             + np.append(np.cumsum(np.maximum(-above, 0)[::-1])[::-1], 0))
    return int(wrong.argmin())


def autocorrelation_time(values: ArrayLike) -> float:
    """Return the integrated autocorrelation time of values (N,), in steps.

    At least 1; summed up to the first lag whose correlation is not positive.
    """
    rest = np.asarray(values, np.float64)
    rest = rest - rest.mean()
    power = float(rest @ rest)
    total = 1.
    if power <= 0:
        return total
    for lag in range(1, len(rest) // 2):
        correlation = float(rest[lag:] @ rest[:-lag]) / power
        if correlation <= 0:
            break
        total += 2 * correlation
    return total


def _transition(odds: NDArray[np.float64], path: NDArray[np.intp], edge: int,
                start: int, stop: int) -> Transition:
    before, after = int(path[edge - 1]), int(path[edge])
    difference = odds[start:stop, after] - odds[start:stop, before]
    time = max(autocorrelation_time(difference[:edge - start]),
               autocorrelation_time(difference[edge - start:]))
    # log posterior of a switch before step k, for k = 0 ... stop - start
    known = np.append(0, np.cumsum(-difference)) / time
    share = np.exp(known - known.max())
    share /= share.sum()
    order = np.cumsum(share)
    low = start + int(np.searchsorted(order, (1 - COVERAGE) / 2))
    high = start + int(np.searchsorted(order, (1 + COVERAGE) / 2))
    return Transition(before, after, int(edge),
                      min(low, int(edge) - _LEAST_HALF_WIDTH),
                      max(high, int(edge) + _LEAST_HALF_WIDTH), float(time))


def _log(scores: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(scores, np.float64)
    usable = np.isfinite(scores).all(axis=1) & (scores.sum(axis=1) > 0)
    odds = np.zeros(scores.shape)
    odds[usable] = np.log(np.maximum(
        scores[usable] / scores[usable].sum(axis=1, keepdims=True),
        _SMALLEST))
    return odds
