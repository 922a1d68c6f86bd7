"""Ranking candidates on training data alone, and averaging the best.

A candidate is judged by the log-loss of its out-of-fold probabilities after
one temperature of its own. The best candidate of each view is kept where it
comes near the best of all: candidates on the same view err together, and an
average over different views beats both the single best and the five best.
With few spectra the number of bins is not chosen by an accident of the folds:
the fewest are taken that are not clearly worse (as L. Breiman et al.,
Classification and Regression Trees, 1984, choose the size of a tree).
"""
from dataclasses import dataclass

import numpy as np

from ...core.engine.reference_members import softmax
from ...core.preprocessing.views import apply_view
from ..members.linear import solver
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


@dataclass(frozen=True, eq=False)
class Judged:
    """A fitted candidate and what it is worth on the unseen.

    `coef` and `intercept` per bin with the temperature folded in; `loss`
    mean log-loss, `losses` (N,) that of every spectrum; `probabilities`
    (R, N, C) out of fold, the mean over its bins; `votes` (B, N, C) of the
    first repetition; the last three None without folds, and `loss` NaN.
    """
    candidate: Candidate
    bins: tuple
    coef: tuple
    intercept: np.ndarray
    temperature: float
    loss: float
    losses: np.ndarray
    probabilities: np.ndarray
    votes: np.ndarray


def judge(spectra, labels, classes, folds, options, tick):
    """Every candidate of the list `options`, fitted and `Judged`.

    `spectra` (N, n) preprocessed, `folds` (R, N) fold numbers or (0, N).
    Bins are fitted once and shared by the binnings that hold them.
    `tick(done, total, loss)` after each view; it returns False where
    time is up: the candidates judged so far are returned.
    """
    channels = spectra.shape[1]
    views = list(dict.fromkeys(each.view for each in options))
    judged = []
    for done, view in enumerate(views):
        mine = [each for each in options if each.view == view]
        features = apply_view(view, spectra)
        known = _solve(features, view, mine, labels, classes, folds)
        judged += [_judged(each, each.bins(channels), known, labels)
                   for each in mine]
        if not tick(done + 1, len(views), min(j.loss for j in judged)):
            break
    return judged


def for_choice(repetitions):
    """The repetitions (a slice) that rank candidates and calibrate."""
    return slice(1, None) if repetitions > 1 else slice(None)


def log_loss(probabilities, labels):
    """Mean log-loss of (..., N, C); a probability counts at least 1e-6."""
    return float(_losses(probabilities, labels).mean())


def _losses(probabilities, labels):
    true = probabilities[..., np.arange(len(labels)), labels]
    return -np.log(np.maximum(true, _SMALLEST))


def choose(judged, classes, affordable=lambda those: True, margin=MARGIN,
           most=MOST):
    """The candidates to average, best first; at least one.

    `affordable(candidates)`: whether a model of these meets the live budget.
    """
    # equally good to all intents: linear views first
    ranked = sorted(judged, key=lambda j: (
        round(j.loss, 6), not j.candidate.view.linear))
    best = ranked[0].loss
    if not np.isfinite(best):
        return ranked[:1]
    limit = best + margin * max(np.log(classes) - best, 0.)
    few = len(ranked[0].losses) < FEW * classes
    chosen, seen = [], set()
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


def _fewest_bins(best, judged):
    """The candidate of the same view with the fewest bins that is not
    clearly worse than `best`; of several the best."""
    def clearly_worse(other):
        more = other.losses - best.losses
        error = more.std(ddof=1) / len(more) ** 0.5
        return more.mean() > ERRORS * error

    return min((each for each in judged
                if each.candidate.view == best.candidate.view
                and not clearly_worse(each)),
               key=lambda each: (len(each.bins), each.loss))


def _solve(features, view, options, labels, classes, folds):
    """{(kind, bin, scaled): (logits, coef, intercept)} of all `options`."""
    width = features.shape[1]
    known, solvers = {}, {}
    for kind, scaled in dict.fromkeys(
            (each.kind, each.scaled) for each in options):
        if kind not in solvers:
            solvers[kind] = solver(kind, features, labels, classes, folds)
        bins = dict.fromkeys(
            _columns(view, part, width) for each in options
            if (each.kind, each.scaled) == (kind, scaled)
            for part in each.bins(width))
        found = solvers[kind].solve(tuple(bins), (scaled,))
        known |= {(kind, *key): value for key, value in found.items()}
    return known


def _columns(view, part, width):
    return part if view.linear else (0, width)


def _judged(candidate, bins, known, labels):
    width = max(columns[1] for _, columns, _ in known)
    parts = [known[candidate.kind, _columns(candidate.view, part, width),
                   candidate.scaled] for part in bins]
    logits = np.stack([part[0] for part in parts])
    temperature, loss, losses, mean, votes = 1., np.nan, None, None, None
    if logits.shape[1]:
        judging = for_choice(logits.shape[1])
        temperature = _temperature(logits[:, judging], labels)
        votes = softmax(logits / temperature)
        mean = votes.mean(axis=0)
        losses = _losses(mean[judging], labels).mean(axis=0)
        loss = float(losses.mean())
        votes = votes[:, 0]
    return Judged(
        candidate, bins, tuple(part[1] / temperature for part in parts),
        np.stack([part[2] for part in parts]) / temperature, temperature,
        loss, losses, mean, votes)


def _temperature(logits, labels):
    """The temperature of least log-loss of the mean over bins."""
    rows = np.unique(np.linspace(0, len(labels) - 1, min(
        len(labels), _ENOUGH)).astype(int))
    some, label = logits[:, :, rows], labels[rows]
    losses = [log_loss(softmax(some / t).mean(axis=0), label)
              for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])
