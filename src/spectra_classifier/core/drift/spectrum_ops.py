"""Small operations on spectra that the comparison is made of."""
import numpy as np
from numpy.typing import NDArray

#: keeps quotients of nothing by nothing at nothing
TINY = 1e-12


def straight_lines(size: int) -> NDArray[np.float64]:
    """(2, size) orthonormal: a constant and a slope."""
    slope = np.arange(size) - (size - 1) / 2
    return np.stack([np.full(size, size ** -0.5),
                     slope / np.sqrt(max(np.square(slope).sum(), TINY))])


def smooth(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(..., n) with a binomial window of five channels; ends as they are.

    The noise of a reference of few photons would pass for structure.
    """
    result = rows.copy()
    result[..., 2:-2] = (
        rows[..., :-4] + rows[..., 4:] + 4 * (rows[..., 1:-3]
                                              + rows[..., 3:-1])
        + 6 * rows[..., 2:-2]) / 16
    return result


def vertex(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """(R,) place of the minimum of each row (R, lags), by a parabola."""
    best = rows.argmin(axis=1)
    inside = np.clip(best, 1, rows.shape[1] - 2)
    here = np.arange(len(rows))
    before, at, behind = (rows[here, inside + step] for step in (-1, 0, 1))
    bend = before - 2 * at + behind
    offset = np.divide(0.5 * (before - behind), bend,
                       out=np.zeros(len(rows)), where=bend > TINY)
    return np.where(best == inside, inside + np.clip(offset, -0.5, 0.5), best)


def median_of_three(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n,) median of each value and its neighbours; ends as they are."""
    result = values.copy()
    before, at, behind = values[:-2], values[1:-1], values[2:]
    result[1:-1] = np.maximum(
        np.minimum(before, at), np.minimum(np.maximum(before, at), behind))
    return result
