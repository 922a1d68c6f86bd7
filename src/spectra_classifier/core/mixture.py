"""How much of each taught state is in a spectrum, and what none explains.

A spectrum s is written as sum_c a_c r_c, a_c >= 0, with the class references
r_c and the smallest remaining norm: non-negative least squares. All it needs
of a spectrum are s.s and s.r_c. The fractions are a_c / sum(a); the residual
is |s - sum_c a_c r_c| / |s|.
"""
import numpy as np

#: relative ridge that keeps equal references solvable
RIDGE = 1e-9


def gram(references):
    """(C, C) float64 scalar products of the references (C, n)."""
    references = np.asarray(references, np.float64)
    return references @ references.T


def with_ridge(gram_matrix):
    """(C, C): what the coefficients are solved with."""
    return gram_matrix + np.eye(len(gram_matrix)) * (
        RIDGE * max(np.trace(gram_matrix), np.finfo(float).tiny))


def solve(norms, projections, gram_matrix):
    """(mixture (P, C) float32, residual (P,) float32).

    `norms` (P,) s.s, `projections` (P, C) s.r_c, `gram_matrix` (C, C). The
    optimum is found exactly by principal pivoting with Murty's least-index
    rule (K. G. Murty, Opsearch 11, 1974), all pulses with the same set of
    positive coefficients at once. A spectrum that no reference supports has
    mixture 0 and residual 1; a zero spectrum has residual NaN.
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


def coefficients(projections, gram_matrix):
    """(P, C) float64: the non-negative coefficients of `solve`."""
    classes = len(gram_matrix)
    matrix = with_ridge(gram_matrix)
    # pulses last in memory: numpy is slow along axes as short as classes
    wanted = np.ascontiguousarray(np.transpose(projections), np.float64)
    tolerance = 1e-12 * np.abs(wanted).max(axis=0, initial=0.)
    bit = 1 << np.arange(classes)
    amounts, infeasible = _on_set(bit > 0, matrix, wanted, tolerance)
    positive = np.full(wanted.shape[1], bit.sum())
    open_rows = np.arange(wanted.shape[1])
    for _ in range(2 ** classes):
        wrong = infeasible.any(axis=0)
        if not wrong.any():
            break
        last = classes - 1 - infeasible[::-1, wrong].argmax(axis=0)
        open_rows = open_rows[wrong]
        positive[open_rows] ^= bit[last]
        sets = positive[open_rows]
        infeasible = np.zeros((classes, len(open_rows)), bool)
        for chosen in np.unique(sets):
            here = np.flatnonzero(sets == chosen)
            rows = open_rows[here]
            value, infeasible[:, here] = _on_set(
                (chosen & bit) > 0, matrix, wanted.take(rows, axis=1),
                tolerance[rows])
            amounts[:, rows] = value
    return np.maximum(amounts, 0, out=amounts).T


def _on_set(inside, matrix, target, tolerance):
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
