"""Fractions of the training states in a spectrum, and the residual.

A preprocessed spectrum s is written as sum_c a_c r_c, a_c >= 0, with the
class references r_c and the smallest remaining norm: non-negative least
squares. It needs only s.s and s.r_c of a spectrum. The residual is
|s - sum_c a_c r_c| / |s|.

Where spectra are normalised one by one, so are the references, and a state
that scatters twice as much is found twice as often. So a_c is divided by the
strength of its class, which is what the normalisation divided by. The
fractions a_c / sum(a) are then those of spectra as measured in training: all
captures are supposed to have had the same beam, while the brightness of the
spectrum itself does not matter.
"""
import numpy as np
from numpy.typing import ArrayLike, NDArray

#: relative ridge that keeps equal references solvable
RIDGE = 1e-9
#: classes up to which every set may be tried: 256 steps at most
FEW = 8
#: steps of a search among more: 127 overlapping references take up to 700
PIVOTS = 1000
#: numbers of the matrices that are solved at a time
_AT_ONCE = 500_000


def gram(references: ArrayLike) -> NDArray[np.float64]:
    """Return the scalar products (C, C) of the references (C, n)."""
    references = np.asarray(references, np.float64)
    return references @ references.T


def strengths(raw: ArrayLike, references: ArrayLike) -> tuple[float, ...]:
    """Return what the normalisation took from each class.

    Parameters
    ----------
    raw
        (C, n) mean of the spectra of each class before normalisation.
    references
        (C, n) mean of the normalised ones.

    Returns
    -------
    tuple
        Factors with the geometric mean 1; () where one is not positive.
    """
    raw, references = (np.asarray(each, np.float64)
                       for each in (raw, references))
    with np.errstate(invalid="ignore", divide="ignore"):
        factors = (raw * references).sum(axis=1) / np.square(
            references).sum(axis=1)
    if not (np.isfinite(factors) & (factors > 0)).all():
        return ()
    return tuple((factors / np.exp(np.log(factors).mean())).tolist())


def weighed(fractions: NDArray[np.float32],
            factors: tuple[float, ...]) -> NDArray[np.float32]:
    """Return fractions (P, C) without the strengths of the classes, if any.
    """
    if not factors:
        return fractions
    amounts = fractions / np.asarray(factors)
    total = amounts.sum(axis=1, keepdims=True)
    return np.divide(amounts, total, out=np.zeros_like(amounts),
                     where=total > 0).astype(np.float32)


def with_ridge(gram_matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix (C, C) that the coefficients are solved with."""
    size = np.trace(gram_matrix)
    # of references that are all 0 any coefficient is 0
    return gram_matrix + np.eye(len(gram_matrix)) * (
        RIDGE * size if size > 0 else 1.)


def solve(
        norms: ArrayLike,
        projections: ArrayLike,
        gram_matrix: NDArray[np.float64],
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return mixture and residual of spectra.

    The optimum is found exactly by principal pivoting with Murty's least-index
    rule (K. G. Murty, Opsearch 11, 1974), all pulses with the same set of
    positive coefficients at once. Among more than `FEW` classes all infeasible
    coefficients are exchanged as long as their number decreases (L. F.
    Portugal, J. J. Judice, L. N. Vicente, Math. Comp. 63, 1994), and the
    search ends after `PIVOTS` steps: where it has not found the optimum, the
    residual is too large, never too small.

    Parameters
    ----------
    norms
        (P,) s.s.
    projections
        (P, C) s.r_c.
    gram_matrix
        (C, C).

    Returns
    -------
    mixture : NDArray[np.float32]
        (P, C) fractions; 0 for a spectrum without any part of a reference.
    residual : NDArray[np.float32]
        (P,) 0 to 1; NaN for a zero spectrum.
    """
    norms = np.asarray(norms, np.float64)
    projections = np.asarray(projections, np.float64)
    amounts = coefficients(projections, gram_matrix)
    total = amounts.sum(axis=1, keepdims=True)
    mixture = np.divide(amounts, total, out=np.zeros_like(amounts),
                        where=total > 0)
    explained = ((2 * projections - amounts @ gram_matrix)
                 * amounts).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        residual = np.sqrt(np.clip(1 - explained / norms, 0, 1))
    residual[norms <= 0] = np.nan
    return mixture.astype(np.float32), residual.astype(np.float32)


def coefficients(projections: NDArray[np.float64],
                 gram_matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the non-negative coefficients (P, C) of `solve`."""
    classes = len(gram_matrix)
    matrix = with_ridge(gram_matrix)
    # pulses last in memory: numpy is slow along axes as short as classes
    wanted = np.ascontiguousarray(np.transpose(projections), np.float64)
    pulses = wanted.shape[1]
    tolerance = 1e-12 * np.abs(wanted).max(axis=0, initial=0.)
    positive = np.ones((classes, pulses), bool)
    amounts, infeasible = _on_set(np.ones(classes, bool), matrix, wanted,
                                  tolerance)
    open_rows = np.arange(pulses)
    fewest = np.full(pulses, classes + 1 if classes > FEW else 0)
    for _ in range(most_pivots(classes)):
        wrong = infeasible.any(axis=0)
        if not wrong.any():
            break
        open_rows, infeasible = open_rows[wrong], infeasible[:, wrong]
        change = _exchange(infeasible, open_rows, fewest)
        positive[:, open_rows] ^= change
        sets = positive[:, open_rows]
        amounts[:, open_rows], infeasible = (
            _on_sets if classes > FEW else _on_common_sets)(
                sets, matrix, wanted[:, open_rows], tolerance[open_rows])
    return np.maximum(amounts, 0, out=amounts).T


def most_pivots(classes: int) -> int:
    """Return the number of steps after which a search ends."""
    return 2 ** classes if classes <= FEW else PIVOTS


def _exchange(infeasible: NDArray[np.bool_], rows: NDArray[np.intp],
              fewest: NDArray[np.intp]) -> NDArray[np.bool_]:
    """(C, P) bool: what changes sides, of the pulses `rows`.

    All that is infeasible where it is less than ever, else the last of it.
    """
    classes, count = len(infeasible), infeasible.sum(axis=0)
    fewer = count < fewest[rows]
    fewest[rows] = np.minimum(fewest[rows], count)
    last = classes - 1 - infeasible[::-1].argmax(axis=0)
    return infeasible & (fewer | (np.arange(classes)[:, None] == last))


def _on_common_sets(
        sets: NDArray[np.bool_],
        matrix: NDArray[np.float64],
        target: NDArray[np.float64],
        tolerance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """As `_on_sets`, where most pulses share their set with many."""
    amounts, infeasible = np.empty_like(target), np.empty(sets.shape, bool)
    for inside, here in _groups(sets):
        amounts[:, here], infeasible[:, here] = _on_set(
            inside, matrix, target.take(here, axis=1), tolerance[here])
    return amounts, infeasible


def _on_sets(
        sets: NDArray[np.bool_],
        matrix: NDArray[np.float64],
        target: NDArray[np.float64],
        tolerance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(coefficients, infeasible), both (C, P), if only those in the set of a
    pulse, `sets` (C, P), may differ from 0."""
    amounts = np.zeros_like(target)
    size = sets.sum(axis=0)
    # those of similar size together: the smaller ones are filled up
    order = np.argsort(size, kind="stable")
    while len(order):
        most = max(int(size[order[-1]]), 1)
        order, here = np.split(order, [-max(_AT_ONCE // most**2, 1)])
        place = np.argsort(~sets[:, here].T, axis=1, kind="stable")[:, :most]
        real = np.arange(most) < size[here, None]
        both = real[:, :, None] & real[:, None, :]
        found = np.linalg.solve(
            np.where(both, matrix[place[:, :, None], place[:, None, :]],
                     np.eye(most)),
            np.where(real, target[place, here[:, None]], 0.)[..., None])
        amounts[place, here[:, None]] = found[..., 0]
    infeasible = amounts < 0
    infeasible |= (matrix @ amounts - target < -tolerance) & ~sets
    return amounts, infeasible


def _groups(
        sets: NDArray[np.bool_],
) -> list[tuple[NDArray[np.bool_], NDArray[np.intp]]]:
    """[(set (C,) bool, numbers of the pulses that have it)]."""
    packed = np.ascontiguousarray(np.packbits(sets, axis=0).T)
    keys = packed.view(np.dtype((np.void, packed.shape[1])))[:, 0]
    _, first, which = np.unique(keys, return_index=True, return_inverse=True)
    return [(sets[:, one], np.flatnonzero(which == number))
            for number, one in enumerate(first)]


def _on_set(
        inside: NDArray[np.bool_],
        matrix: NDArray[np.float64],
        target: NDArray[np.float64],
        tolerance: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """(coefficients, infeasible), both (C, P), if only `inside` may differ
    from 0."""
    value = np.zeros_like(target)
    if inside.any():
        value[inside] = np.linalg.solve(matrix[np.ix_(inside, inside)],
                                        target[inside])
    infeasible = value < 0
    if not inside.all():
        infeasible |= ((matrix @ value - target < -tolerance)
                       & ~inside[:, None])
    return value, infeasible
