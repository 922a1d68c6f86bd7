"""Ranking candidates on training data alone, and averaging the best.

A candidate is judged by the log-loss of its out-of-fold probabilities after
one temperature of its own. The best candidate of each view is kept where it
comes near the best of all: the errors of candidates on the same view are
correlated, and an average over different views is better than both the single
best and the five best. With few spectra the number of bins must not depend on
the choice of folds: the fewest are taken that are not clearly worse (as
L. Breiman et al., Classification and Regression Trees, 1984, choose the size
of a tree).
"""
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.engine.labels import softmax
from ...core.preprocessing.views import (
    View,
    apply_view,
    differentiate,
    kernel,
)
from ..members.discriminant import ROUNDING, Solution
from ..members.linear import Solver, solver
from ..validation.statistics import loss_weights
from .candidates import Candidate

#: a view takes part while its log-loss lies within this share of the way
#: from the best candidate to chance
MARGIN = 0.25
#: candidates that are averaged at most
MOST = 5
#: spectra per class below which more bins must be better by so many standard
#: errors of the paired difference
FEW, ERRORS = 8, 2.
_TEMPERATURES = np.geomspace(0.03, 30, 31)
_SMALLEST = 1e-6
# spectra by which a temperature is found: more do not move it
_ENOUGH = 600
#: called with done, total and loss; False where time is up
type Continue = Callable[[int, int, float], bool]
#: {(kind, range of columns, scaled): fit}
type _Known = dict[tuple[str, tuple[int, int], bool], Solution]


@dataclass(frozen=True, eq=False)
class Judged:
    """A fitted candidate and its merit on left-out spectra.

    Attributes
    ----------
    bins
        (start, stop) in channels.
    coef, intercept
        Per bin (C, f), and (B, C), divided by the temperature.
    loss
        Mean log-loss by `loss_weights`; NaN without folds.
    losses : (N,)
        Log-loss of every spectrum, times its weight; None
        without folds.
    probabilities : (R, N, C)
        Out of fold, mean over the bins; None without folds.
    votes : (B, N, C)
        Of the first repetition; None without folds.
    """
    candidate: Candidate
    bins: tuple[tuple[int, int], ...]
    coef: tuple[NDArray[np.float64], ...]
    intercept: NDArray[np.float64]
    temperature: float
    loss: float
    losses: NDArray[np.float64] | None
    probabilities: NDArray[np.float64] | None
    votes: NDArray[np.float64] | None


def judge(spectra: NDArray[np.float32], labels: NDArray[np.int64],
          classes: int, folds: NDArray[np.int64], options: list[Candidate],
          tick: Continue) -> list[Judged]:
    """Every candidate of `options`, fitted and `Judged`.

    Bins are fitted once and shared by the binnings that contain them.

    Parameters
    ----------
    spectra : (N, n)
        Preprocessed.
    labels : (N,)
        Class indices.
    folds : (R, N)
        Fold numbers, or (0, N).
    tick
        Called after each view; where it returns False, the candidates
        judged so far are returned.
    """
    channels = spectra.shape[1]
    views = list(dict.fromkeys(each.view for each in options))
    judged: list[Judged] = []
    for done, view in enumerate(views):
        mine = [each for each in options if each.view == view]
        features = apply_view(view, spectra)
        known = _solve(features, view, mine, labels, classes, folds,
                       _rounding(view, spectra, features))
        judged += [_judged(each, each.bins(channels), known, labels)
                   for each in mine]
        if not tick(done + 1, len(views), min(j.loss for j in judged)):
            break
    return judged


def for_choice(repetitions: int) -> slice:
    """The repetitions that rank candidates and calibrate."""
    return slice(1, None) if repetitions > 1 else slice(None)


def log_loss(probabilities: NDArray[np.float64],
             labels: NDArray[np.int64]) -> float:
    """Mean log-loss of probabilities (..., N, C), each at least 1e-6.

    By `loss_weights`: classes count alike as far as their spectra tell.
    """
    return float(losses(probabilities, labels).mean())


def losses(probabilities: NDArray[np.float64],
            labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log-loss (..., N) of each spectrum, times its weight."""
    true = probabilities[..., np.arange(len(labels)), labels]
    return -np.log(np.maximum(true, _SMALLEST)) * loss_weights(labels)


def _always(candidates: list[Candidate]) -> bool:
    return True


def choose(judged: list[Judged], classes: int,
           affordable: Callable[[list[Candidate]], bool] = _always,
           margin: float = MARGIN, most: int = MOST) -> list[Judged]:
    """The candidates to average, best first; at least one.

    Parameters
    ----------
    affordable
        Whether a model of these candidates meets the budget of a train.
    margin
        Share of the way from the best candidate to chance within which a
        candidate takes part.
    most
        Largest number of candidates.
    """
    # losses that agree to 1e-6 are equal: linear views first
    ranked = sorted(judged, key=lambda j: (
        round(j.loss, 6), not j.candidate.view.linear))
    best, losses = ranked[0].loss, ranked[0].losses
    if losses is None or not np.isfinite(best):
        return ranked[:1]
    limit = best + margin * max(np.log(classes) - best, 0.)
    few = len(losses) < FEW * classes
    chosen: list[Judged] = []
    seen: set[View] = set()
    for each in ranked:
        view = each.candidate.view
        if each.loss > limit or view in seen:
            continue
        if few:
            each = _fewest_bins(each, judged)
        if not chosen or affordable(
                [other.candidate for other in (*chosen, each)]):
            seen.add(view)
            chosen.append(each)
        if len(chosen) == most:
            break
    return chosen


def _fewest_bins(best: Judged, judged: list[Judged]) -> Judged:
    """The candidate of the same view with the fewest bins that is not
    clearly worse than `best`; of several the best."""
    def clearly_worse(other: Judged) -> bool:
        if other.losses is None or best.losses is None:
            return False
        more = other.losses - best.losses
        error = more.std(ddof=1) / len(more) ** 0.5
        return bool(more.mean() > ERRORS * error)

    return min((each for each in judged
                if each.candidate.view == best.candidate.view
                and not clearly_worse(each)),
               key=lambda each: (len(each.bins), each.loss))


def _solve(features: NDArray[np.float64], view: View, options: list[Candidate],
           labels: NDArray[np.int64], classes: int,
           folds: NDArray[np.int64], rounding: float) -> _Known:
    """{(kind, bin, scaled): (logits, coef, intercept)} of all `options`."""
    width = features.shape[1]
    known: _Known = {}
    solvers: dict[str, Solver] = {}
    for kind, scaled in dict.fromkeys(
            (each.kind, each.scaled) for each in options):
        if kind not in solvers:
            solvers[kind] = solver(kind, features, labels, classes, folds,
                                   rounding)
        bins = dict.fromkeys(
            _columns(view, part, width) for each in options
            if (each.kind, each.scaled) == (kind, scaled)
            for part in each.bins(width))
        found = solvers[kind].solve(tuple(bins), (scaled,))
        known |= {(kind, *key): value for key, value in found.items()}
    return known


def _rounding(view: View, spectra: NDArray[np.float32],
              features: NDArray[np.float64]) -> float:
    """Rounding of a feature where the engine computes it in float32.

    A view is small differences of numbers that may be large.
    """
    size = float(np.abs(features).max())
    if view.linear and view.normalise:
        some = spectra[::max(len(spectra) // _ENOUGH, 1)]
        width = np.median(differentiate(view, some).std(axis=1))
        if width > 0:
            size = max(size, float(np.linalg.norm(kernel(view)) * np.abs(
                some).max() / width))
    return ROUNDING * size


def _columns(view: View, part: tuple[int, int], width: int) -> tuple[int, int]:
    return part if view.linear else (0, width)


def _judged(candidate: Candidate, bins: tuple[tuple[int, int], ...],
            known: _Known, labels: NDArray[np.int64]) -> Judged:
    width = max(columns[1] for _, columns, _ in known)
    parts = [known[candidate.kind, _columns(candidate.view, part, width),
                   candidate.scaled] for part in bins]
    return judged(candidate, bins, np.stack([part[0] for part in parts]),
                  tuple(part[1] for part in parts),
                  np.stack([part[2] for part in parts]), labels)


def judged(candidate: Candidate, bins: tuple[tuple[int, int], ...],
           logits: NDArray[np.float64], coef: tuple[NDArray[np.float64], ...],
           intercept: NDArray[np.float64],
           labels: NDArray[np.int64]) -> Judged:
    """A candidate, `Judged` by its out-of-fold logits (B, R, N, C)."""
    if not logits.shape[1]:
        return Judged(candidate, bins, coef, intercept, 1., np.nan, None,
                      None, None)
    judging = for_choice(logits.shape[1])
    temperature = _temperature(logits[:, judging], labels)
    votes = softmax(logits / temperature)
    mean = votes.mean(axis=0)
    lost = losses(mean[judging], labels).mean(axis=0)
    return Judged(
        candidate, bins, tuple(part / temperature for part in coef),
        intercept / temperature, temperature, float(lost.mean()), lost,
        mean, votes[:, 0])


def _temperature(logits: NDArray[np.float64],
                 labels: NDArray[np.int64]) -> float:
    """The temperature of least log-loss of the mean over bins."""
    rows = np.unique(np.linspace(0, len(labels) - 1, min(
        len(labels), _ENOUGH)).astype(int))
    some, label = logits[:, :, rows], labels[rows]
    with np.errstate(invalid="ignore"):
        some = some - some.max(axis=-1, keepdims=True)
    true = some[..., np.arange(len(label)), label]
    weights = loss_weights(label)
    # classes first: numpy is slow along axes as short as classes
    some = np.ascontiguousarray(np.moveaxis(some, -1, 0))
    losses = []
    for t in _TEMPERATURES:
        given = (np.exp(true / t) / np.exp(some / t).sum(axis=0)).mean(axis=0)
        losses.append((-np.log(np.maximum(given, _SMALLEST)) * weights).mean())
    return float(_TEMPERATURES[int(np.argmin(losses))])
