"""Mixture and residual of one pulse after another: see `engine.mixture`."""
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..mixture import FEW, PIVOTS
from ..within_class_variation import FLAT
from .options import kernel


class Mixing(NamedTuple):
    """Constants of `finish`.

    `gram` (C, C) of the references and `matrix`, the same with its ridge;
    `compared`: whether the rest is without the variation within a class,
    as `within_class_variation.Comparison` has it: `width`, its `gram` and
    matrix, and the shares (K,) of the directions that do not count.
    """
    gram: NDArray[np.float64]
    matrix: NDArray[np.float64]
    compared: bool
    width: int
    rest_gram: NDArray[np.float64]
    rest_matrix: NDArray[np.float64]
    ignored: NDArray[np.float64]


@kernel
def _factorise(matrix: NDArray[np.float64], inside: NDArray[np.bool_],
               factor: NDArray[np.float64]) -> None:
    """`matrix` on the set `inside` is L D L^T.

    `factor` (C, C): L below the diagonal, D on it.
    """
    for i in range(len(matrix)):
        if not inside[i]:
            continue
        pivot = matrix[i, i]
        for j in range(i):
            if not inside[j]:
                continue
            entry = matrix[i, j]
            for k in range(j):
                if inside[k]:
                    entry -= factor[i, k] * factor[k, k] * factor[j, k]
            entry /= factor[j, j]
            factor[i, j] = entry
            pivot -= entry * entry * factor[j, j]
        factor[i, i] = pivot


@kernel
def _on_set(factor: NDArray[np.float64], target: NDArray[np.float64],
            inside: NDArray[np.bool_], value: NDArray[np.float64]) -> None:
    """matrix value = target on the set `inside`, value 0 elsewhere.

    `factor` (C, C) of the matrix, as from `_factorise`.
    """
    classes = len(target)
    for i in range(classes):
        value[i] = 0.
        if inside[i]:
            right = target[i]
            for j in range(i):
                if inside[j]:
                    right -= factor[i, j] * value[j]
            value[i] = right
    for i in range(classes - 1, -1, -1):
        if inside[i]:
            value[i] /= factor[i, i]
            for k in range(i + 1, classes):
                if inside[k]:
                    value[i] -= factor[k, i] * value[k]


@kernel
def _infeasible(matrix: NDArray[np.float64], target: NDArray[np.float64],
                inside: NDArray[np.bool_], value: NDArray[np.float64],
                tolerance: float, wrong: NDArray[np.bool_]) -> int:
    """How many coefficients are on the wrong side of the set: `wrong` (C,).
    """
    count = 0
    for i in range(len(target)):
        if inside[i]:
            wrong[i] = value[i] < 0
        else:
            slope = -target[i]
            for j in range(len(target)):
                slope += matrix[i, j] * value[j]
            wrong[i] = slope < -tolerance
        count += wrong[i]
    return count


@kernel
def _exchange(inside: NDArray[np.bool_], wrong: NDArray[np.bool_],
              block: bool) -> None:
    """All that is wrong changes sides, or the last of it alone."""
    for i in range(len(wrong) - 1, -1, -1):
        if wrong[i]:
            inside[i] = not inside[i]
            if not block:
                return


@kernel
def solve(norms: NDArray[np.float64], projections: NDArray[np.float64],
          gram: NDArray[np.float64], matrix: NDArray[np.float64], start: int,
          stop: int, mixture: NDArray[np.float32],
          residual: NDArray[np.float32]) -> None:
    """Pulses start ... stop - 1 of what `mixture.solve` gives.

    `matrix`: `gram` with its ridge; `mixture` (P, C), `residual` (P,)
    float32.
    """
    classes = len(gram)
    many = classes > FEW
    steps = PIVOTS if many else 2 ** classes
    inside, wrong = np.empty((2, classes), np.bool_)
    value = np.empty(classes)
    every, some = np.empty((2, classes, classes))
    inside[:] = True
    _factorise(matrix, inside, every)
    for pulse in range(start, stop):
        target = projections[pulse]
        largest = 0.
        for c in range(classes):
            largest = max(largest, abs(target[c]))
        inside[:] = True
        fewest = classes + 1 if many else 0
        for step in range(steps + 1):
            factor = every
            if step > 0:
                factor = some
                _factorise(matrix, inside, some)
            _on_set(factor, target, inside, value)
            count = _infeasible(matrix, target, inside, value,
                                1e-12 * largest, wrong)
            if count == 0 or step == steps:
                break
            _exchange(inside, wrong, count < fewest)
            fewest = min(fewest, count)
        total = 0.
        explained = 0.
        for c in range(classes):
            # not max(): what is undefined stays undefined
            value[c] = 0. if value[c] < 0 else value[c]
            total += value[c]
        for c in range(classes):
            mixture[pulse, c] = value[c] / total if total > 0 else 0.
            share = 2 * target[c]
            for d in range(classes):
                share -= value[d] * gram[d, c]
            explained += share * value[c]
        left = 1 - explained / norms[pulse]
        left = 0. if left < 0 else 1. if left > 1 else left
        residual[pulse] = np.sqrt(left) if norms[pulse] > 0 else np.nan


@kernel
def finish(norms: NDArray[np.float64], sums: NDArray[np.float64],
           mixing: Mixing, mixture: NDArray[np.float32],
           residual: NDArray[np.float32]) -> None:
    """Mixture (P, C) and residual (P,) of spectra with these sums.

    `norms` (P,) s.s; `sums` (P, C or more) s.r_c and, where something is
    compared, behind them the sums of `within_class_variation.Comparison`.
    One call for all, as several threads that hold the lock of the
    interpreter in turns wait for each other.
    """
    count, classes = mixture.shape
    target = sums[:, :classes].copy()
    solve(norms, target, mixing.gram, mixing.matrix, 0, count, mixture,
          residual)
    if not mixing.compared:
        return
    rest = sums[:, classes].copy()
    unused = np.empty((count, classes), np.float32)
    for pulse in range(count):
        for c in range(classes):
            target[pulse, c] = sums[pulse, classes + 1 + c]
        for k in range(len(mixing.ignored)):
            along = sums[pulse, 2 * classes + 1 + k]
            rest[pulse] -= mixing.ignored[k] * along * along
    solve(rest, target, mixing.rest_gram, mixing.rest_matrix, 0, count,
          unused, residual)
    for pulse in range(count):
        square = sums[pulse, classes]
        if not square * mixing.width > FLAT * norms[pulse]:
            residual[pulse] = np.nan
        elif rest[pulse] <= 0:
            residual[pulse] = 0.
        elif rest[pulse] < square:
            residual[pulse] *= np.sqrt(rest[pulse] / square)
