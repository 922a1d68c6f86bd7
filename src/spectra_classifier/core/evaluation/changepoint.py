"""When did the sample change? Transitions of a sequence, with an interval.

*How many.* The most probable sequence of states that may switch only seldom
(A. J. Viterbi, IEEE Trans. Inf. Theory 13, 260, 1967). Neighbouring spectra
are not independent: log-odds are divided by the autocorrelation time of what
is left after the states, until both agree, so that a slow wave does not pass
for many observations. A wave goes back and forth; a sequence that passes
through several states and returns to none is no wave: what is correlated there
are the changes themselves, which would take short states away.

*When.* See `change`.
"""
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .change import ROUNDING, Change, fit

#: probability per step that the state changes
SWITCH = 1e-4
_SMALLEST = 1e-3
# rounds in which path and correlation come to agree
_ROUNDS = 8


@dataclass(frozen=True)
class Transition:
    """A change of the sample state.

    Attributes
    ----------
    before, after
        Class indices.
    at
        First step at which half of the change has happened.
    low, high
        Steps among which `at` is with 95 % probability.
    correlation
        Autocorrelation time of the noise, in steps.
    begin, end
        First steps at which 10 and 90 % have happened; `at` where the change
        is not known to be gradual.
    """
    before: int
    after: int
    at: int
    low: int
    high: int
    correlation: float
    begin: int
    end: int

    def as_dict(self) -> dict[str, int | float]:
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
    path = _path(odds)
    edges = (np.flatnonzero(np.diff(path)) + 1).tolist()
    pairs = [(int(path[edge - 1]), int(path[edge])) for edge in edges]
    if not edges:
        return []
    begin = end = edges
    found: list[Change] = []
    # a second time, without what belongs to the neighbours
    for _ in range(2 if len(edges) > 1 else 1):
        bounds = zip([0, *end[:-1]], [*begin[1:], len(path)], strict=True)
        found = [_located(odds, mixture, pair, edge, *bound)
                 for pair, edge, bound in zip(pairs, edges, bounds,
                                              strict=True)]
        begin, end = ([getattr(each, name) for each in found]
                      for name in ("begin", "end"))
    return [Transition(*pair, each.at, each.low, each.high,
                       each.correlation, each.begin, each.end)
            for pair, each in zip(pairs, found, strict=True)]


def _located(odds: NDArray[np.float64], mixture: ArrayLike | None,
             pair: tuple[int, int], edge: int, start: int,
             stop: int) -> Change:
    """The change near `edge`, in steps of the whole sequence.

    Where the mixture shows that it is gradual, it also tells when it was.
    Else log-odds do: they have the least noise, which no limit at 0 and 1
    cuts, but cross their half in a part of a gradual change.
    """
    start, stop = min(start, edge - 1), max(stop, edge + 1)
    found = None if mixture is None else fit(
        _fraction(mixture, pair)[start:stop])
    if found is None or not found.gradual:
        old, new = odds[start:stop, list(pair)].T
        likely = 0.5 + (new - old) / (2 * np.log(1 / _SMALLEST))
        # without scores all are 0
        likely[(odds[start:stop] == 0).all(axis=1)] = np.nan
        found = fit(likely) or found
    return (Change(edge, start, stop - 1, 1., edge, edge) if found is None
            else found.moved(start))


def _fraction(mixture: ArrayLike,
              pair: tuple[int, int]) -> NDArray[np.float64]:
    """(N,) share of the second class of a pair; NaN where not known."""
    old, new = np.asarray(mixture, np.float64)[:, list(pair)].T
    total = old + new
    known = np.isfinite(total) & (total > 0)
    return np.divide(new, total, out=np.full(len(total), np.nan),
                     where=known)


def _path(odds: NDArray[np.float64]) -> NDArray[np.intp]:
    """The most probable path, consistent with the correlation around it."""
    path, time = most_probable(odds), 1.
    passed = path[np.append(True, np.diff(path) != 0)] if len(path) else path
    if len(np.unique(passed)) == len(passed) > 2:
        return path
    for _ in range(_ROUNDS):
        if not np.diff(path).any():
            break
        longer = _correlation(odds, path)
        if longer <= time:
            break
        time = longer
        path = most_probable(odds / time)
    return path


def _correlation(odds: NDArray[np.float64],
                 path: NDArray[np.intp]) -> float:
    """Autocorrelation time of the probabilities about each segment's mean."""
    share = np.exp(odds - odds.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    rest = [part - part.mean(axis=0) for part in np.split(
        share, np.flatnonzero(np.diff(path)) + 1)]
    return _time(rest)


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
    above = (1 - values if falling else values) - 0.5
    wrong = (np.append(0, np.cumsum(np.maximum(above, 0)))
             + np.append(np.cumsum(np.maximum(-above, 0)[::-1])[::-1], 0))
    best = int(wrong.argmin())
    return best if 0 < best < len(values) else None


def autocorrelation_time(values: ArrayLike) -> float:
    """Return the integrated autocorrelation time of values (N,), in steps.

    At least 1; summed up to the first lag whose correlation is not positive.
    """
    rest = np.asarray(values, np.float64)
    return _time([(rest - rest.mean())[:, None]])


def _time(rest: list[NDArray[np.float64]]) -> float:
    """Autocorrelation time of several stretches (n, C) about 0."""
    power = sum(float(np.square(part).sum()) for part in rest)
    count = sum(map(len, rest))
    total = 1.
    if power <= count * ROUNDING ** 2:
        return total
    for lag in range(1, max(map(len, rest)) // 2):
        correlation = sum(float((part[lag:] * part[:-lag]).sum())
                          for part in rest if len(part) > lag) / power
        if correlation <= 0:
            break
        total += 2 * correlation
    return total


def _log(scores: ArrayLike) -> NDArray[np.float64]:
    scores = np.asarray(scores, np.float64)
    usable = np.isfinite(scores).all(axis=1) & (scores.sum(axis=1) > 0)
    odds = np.zeros(scores.shape)
    odds[usable] = np.log(np.maximum(
        scores[usable] / scores[usable].sum(axis=1, keepdims=True),
        _SMALLEST))
    return odds
