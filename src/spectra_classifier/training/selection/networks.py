"""Networks on the whole spectrum, where no plane divides the classes.

Linear members are right wherever classes differ by a direction. Where a class
is an interval of a peak position, or several places, they are not. Whether
that is so is asked of a kernel (ridge regression with Gaussian kernels, one
system of equations), and only if it makes fewer errors than the linear members
on left-out spectra, networks N - H - C are fitted and compared with them.

A network is fitted in the principal coordinates of the spectra, which are not
divided by their spread: what varies most is learnt first, and noise last. The
coordinates are folded into the exported weights, so that the model is one of
members "mlp", each of which sees the whole spectrum.
"""
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...core.engine.labels import softmax
from ...core.model_definition import MlpMembers
from ..validation.statistics import class_weights
from .candidates import HIDDEN, NETWORKS

#: spectra of the rarest class from which curved boundaries are looked for
FROM = 30
#: and share of errors of the linear members
ERRORS_FROM = 0.005
#: standard errors by which a kernel, then networks must be better
CLEARLY = 1.
#: principal coordinates at most
COORDINATES = 64
_STEPS, _BATCH, _RATE, _DECAY = 500, 256, 5e-3, 1e-3
#: spread of the first coordinate
_SPREAD = 1.5
#: spectra of the kernel at most; its width in squares of the median distance,
#: and its ridge
_PROBED, _WIDTH, _RIDGE = 400, 0.1, 0.1
#: w1 (K, H), b1 (H,), w2 (H, C), b2 (C,)
type _Layers = list[NDArray[np.float32]]


@dataclass(frozen=True, eq=False)
class Coordinates:
    """Principal coordinates (z = (x - mean) @ axes) of spectra.

    Attributes
    ----------
    mean : (n,)
    axes : (n, K)
        Such that the first coordinate has a spread of `_SPREAD`.
    """
    mean: NDArray[np.float64]
    axes: NDArray[np.float64]

    @classmethod
    def of(cls, features: NDArray[np.float64]) -> "Coordinates":
        """Those of `features` (N, n), whatever their labels."""
        mean = features.mean(axis=0)
        rest = features - mean
        wide = rest.shape[1] > len(rest)
        power, axes = np.linalg.eigh(rest @ rest.T if wide else rest.T @ rest)
        some = slice(None, -COORDINATES - 1, -1)
        power, axes = power[some], axes[:, some]
        kept = power > 1e-10 * max(power[0], 1e-300)
        axes = axes[:, kept]
        if wide:
            axes = rest.T @ (axes / np.sqrt(power[kept]))
        spread = np.sqrt(max(power[0], 1e-300) / len(rest))
        return cls(mean, axes * (_SPREAD / spread))

    def __call__(self, features: NDArray[np.float64]) -> NDArray[np.float32]:
        return ((features - self.mean) @ self.axes).astype(np.float32)


def kernel_errors(features: NDArray[np.float64], labels: NDArray[np.int64],
                  classes: int, fold: NDArray[np.int64],
                  ) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """(rows (K,), wrong (K,)) of a Gaussian kernel on left-out spectra.

    Parameters
    ----------
    features : (N, n)
    labels, fold : (N,)
    """
    rows = np.unique(np.linspace(
        0, len(labels) - 1, min(len(labels), _PROBED)).astype(np.intp))
    x = features[rows] - features[rows].mean(axis=0)
    label, part = labels[rows], fold[rows]
    square = np.square(x).sum(axis=1)
    distance = np.maximum(square[:, None] + square - 2 * x @ x.T, 0)
    width = 2 * _WIDTH * max(float(np.median(distance)), 1e-300)
    gram = np.exp(-distance / width)
    target = (label[:, None] == np.arange(classes)) - 1 / classes
    wrong = np.ones(len(rows), bool)
    for number in np.unique(part):
        rest, held = part != number, part == number
        weight = np.linalg.solve(
            gram[np.ix_(rest, rest)] + _RIDGE * np.eye(rest.sum()),
            target[rest])
        wrong[held] = (gram[np.ix_(held, rest)] @ weight).argmax(
            axis=1) != label[held]
    return rows, wrong


def curved(features: NDArray[np.float64], labels: NDArray[np.int64],
           classes: int, fold: NDArray[np.int64],
           linear_wrong: NDArray[np.bool_]) -> float:
    """By how many standard errors a kernel makes fewer errors.

    Parameters
    ----------
    features : (N, n)
    labels, fold, linear_wrong : (N,)
        Class indices, fold numbers, and errors of the linear members on
        left-out spectra.
    """
    rows, wrong = kernel_errors(features, labels, classes, fold)
    before = linear_wrong[rows]
    mended = np.count_nonzero(before & ~wrong)
    broken = np.count_nonzero(wrong & ~before)
    return float(mended - broken) / max(float(mended + broken), 1.) ** 0.5


def out_of_fold(coordinates: NDArray[np.float32],
                labels: NDArray[np.int64], classes: int,
                folds: NDArray[np.int64], seed: int,
                left: Callable[[], bool]) -> NDArray[np.float64] | None:
    """Logits (M, R, N, C) of the networks on left-out spectra.

    None where the time is over before they are known.

    Parameters
    ----------
    coordinates : (N, K)
    folds : (R, N)
    left
        Whether there is time left.
    """
    logits = np.zeros((NETWORKS, *folds.shape, classes))
    for r, fold in enumerate(folds):
        for number in np.unique(fold):
            rest, held = fold != number, fold == number
            for m in range(NETWORKS):
                if not left():
                    return None
                layers = _fit(coordinates[rest], labels[rest], classes,
                              seed + m)
                logits[m, r, held] = _logits(layers, coordinates[held])
    return logits


def members(coordinates: Coordinates, features: NDArray[np.float64],
            labels: NDArray[np.int64], classes: int, temperature: float,
            seed: int) -> MlpMembers:
    """Networks of all spectra, on the spectra as the engine has them."""
    seen = coordinates(features)
    layers = [_fit(seen, labels, classes, seed + m) for m in range(NETWORKS)]
    w1 = [coordinates.axes @ each[0].astype(np.float64) for each in layers]
    return MlpMembers(
        tuple(w.astype(np.float32) for w in w1),
        tuple((each[1] - coordinates.mean @ w).astype(np.float32)
              for each, w in zip(layers, w1, strict=True)),
        tuple((each[2] / temperature).astype(np.float32) for each in layers),
        tuple((each[3] / temperature).astype(np.float32) for each in layers))


def _logits(layers: _Layers,
            x: NDArray[np.float32]) -> NDArray[np.float32]:
    w1, b1, w2, b2 = layers
    return np.asarray(np.maximum(x @ w1 + b1, 0) @ w2 + b2)


def _fit(x: NDArray[np.float32], labels: NDArray[np.int64], classes: int,
         seed: int) -> _Layers:
    """A network fitted to coordinates (N, K).

    Cross entropy, classes counting alike; Adam (D. Kingma, J. Ba, ICLR 2015)
    with a rate that falls to 0 in the second half.
    """
    random = np.random.default_rng(seed)
    inputs = x.shape[1]
    layers: _Layers = [
        array.astype(np.float32) for array in (
            random.normal(size=(inputs, HIDDEN)) * (2 / inputs) ** 0.5,
            random.uniform(-0.5, 0.5, HIDDEN),
            random.normal(size=(HIDDEN, classes)) / HIDDEN ** 0.5,
            np.zeros(classes))]
    mean = [np.zeros_like(part) for part in layers]
    square = [np.zeros_like(part) for part in layers]
    truth = np.eye(classes, dtype=np.float32)[labels]
    weight = class_weights(labels).astype(np.float32)[:, None]
    for step in range(1, _STEPS + 1):
        rows = random.integers(len(x), size=min(_BATCH, len(x)))
        w1, b1, w2, b2 = layers
        some = x[rows]
        hidden = np.maximum(some @ w1 + b1, 0)
        error = (softmax(hidden @ w2 + b2) - truth[rows]) * weight[rows]
        error = (error / len(rows)).astype(np.float32)
        back = (error @ w2.T) * (hidden > 0)
        slopes = (some.T @ back + _DECAY * w1, back.sum(axis=0),
                  hidden.T @ error + _DECAY * w2, error.sum(axis=0))
        rate = _RATE * min(1., 2 * (1 - step / _STEPS)) * (
            1 - 0.999 ** step) ** 0.5 / (1 - 0.9 ** step)
        for part, slope, m, v in zip(layers, slopes, mean, square,
                                     strict=True):
            m += 0.1 * (slope - m)
            v += 0.001 * (slope * slope - v)
            part -= np.float32(rate) * m / (np.sqrt(v) + np.float32(1e-8))
    return layers
