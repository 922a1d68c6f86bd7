"""Residual that counts what varies within a class by how rare it is.

Spectra of one state differ from each other: pedestal, thickness, pressure,
the slow part of the beam. A residual that includes these differences needs a
limit so wide that unknown spectra pass. So it is computed from the means s of
`width` neighbouring channels, where noise is small, minus the pedestal. Along
the directions V in which spectra of one state differ in training, only
the shares w count, the smaller the more they vary:

    residual^2 = min d' (1 - V' (1 - w) V) d / |s|^2,
    d = s - sum_c a_c r_c,   a_c >= 0

It needs only s.s, V s and s.r_c of a spectrum. What is left outside of V is
the orthogonal distance of SIMCA (S. Wold, Pattern Recognition 8, 127, 1976),
the weighted part along V its score distance, and their sum the full distance
(A. Pomerantsev, O. Rodionova, J. Chemometrics 28, 518, 2014).
"""
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import InputError
from ..model_definition import ModelDefinition
from . import mixture

#: a spectrum whose structure is a smaller part of its square is flat: what
#: is left of it is rounding
FLAT = 1e-10
#: and a reference of which a smaller part of its square counts is no help
LOST = 1e-12


@dataclass(frozen=True, eq=False)
class Variation:
    """How spectra of one state differ.

    Attributes
    ----------
    width
        Channels per mean; the last mean includes the remainder.
    directions
        (K, G) orthonormal, of mean 0, K >= 1.
    weights
        (K,) share, 0 to 1, of the square along each direction that counts;
        all 0 where None is given.

    Raises
    ------
    InputError
        For a width below 1, no direction, or a weight that is no share.
    """
    width: int
    directions: NDArray[np.float32]
    # None becomes an array of 0
    weights: NDArray[np.float64] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        shape = np.shape(self.directions)
        if not (self.width >= 1 and len(shape) == 2 and shape[0] >= 1):
            raise InputError(f"variation of width {self.width} with "
                             f"directions of shape {shape}: use a width of 1 "
                             "or more and one direction or more")
        weights = (np.zeros(shape[0]) if self.weights is None
                   else np.array(self.weights, np.float64))
        if weights.shape != shape[:1] or not (
                (weights >= 0) & (weights <= 1)).all():
            raise InputError(f"weights {weights.tolist()!s:.80} of "
                             f"{shape[0]} directions of variation: expected "
                             "one from 0 to 1 for each")
        object.__setattr__(self, "weights", weights)

    def check(self, channels: int) -> None:
        """Raise `InputError` where it does not fit so many channels."""
        if self.directions.shape[1] != channels // self.width:
            raise InputError(
                f"variation over {self.directions.shape[1]} means of "
                f"{self.width} channels does not fit {channels} channels")


def pool(spectra: ArrayLike, width: int) -> NDArray[np.float64]:
    """Return means of `width` channels minus their mean, (P, n) -> (P, G)."""
    means = channel_means(spectra, width)
    return means - means.mean(axis=1, keepdims=True)


def channel_means(spectra: ArrayLike, width: int) -> NDArray[np.float64]:
    """Return means of `width` channels, (P, n) -> (P, G)."""
    spectra = np.asarray(spectra, np.float64)
    channels = spectra.shape[1]
    start = np.arange(channels // width) * width
    count = np.diff(start, append=channels)
    return np.asarray(np.add.reduceat(spectra, start, axis=1) / count,
                      np.float64)


class Comparison:
    """Class references (C, n) and a `Variation`, ready to compare with.

    Attributes
    ----------
    rows
        (C + K, G) float32: the references without what does not count, then
        the directions.
    references
        (C, G) float64, what counts of the references.
    gram
        (C, C) float64, their products.
    solved_with
        `gram` with its ridge.
    ignored
        (K,) share of each direction that does not count.
    """

    def __init__(self, references: NDArray[np.floating],
                 variation: Variation) -> None:
        self.width = variation.width
        pooled = pool(references, self.width)
        directions = np.asarray(variation.directions, np.float64)
        self._directions = directions
        self.ignored = 1 - variation.weights
        self._shrunk = 1 - np.sqrt(variation.weights)
        # of what lies within the directions only rounding would be left
        along = pooled @ directions.T
        pooled[np.square(pooled - along @ directions).sum(axis=1)
               + np.square(along) @ variation.weights
               <= LOST * np.square(pooled).sum(axis=1)] = 0.
        along = pooled @ directions.T
        free = pooled - (along * self.ignored) @ directions
        self.rows = np.concatenate([free, directions]).astype(np.float32)
        self._classes = len(pooled)
        # as a product with itself, so that no rounding makes it indefinite
        self.references = self.counted(pooled)
        self.gram = self.references @ self.references.T
        self.solved_with = mixture.with_ridge(self.gram)

    def counted(self, pooled: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return what counts of pooled spectra, (P, G): its square is
        compared."""
        along = pooled @ self._directions.T
        return pooled - (along * self._shrunk) @ self._directions

    def sums(self, spectra: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return s.s and the products of s with `rows`, (P, 1 + C + K).

        Parameters
        ----------
        spectra
            (P, n) preprocessed.
        """
        pooled = pool(spectra, self.width)
        return np.column_stack([np.square(pooled).sum(axis=1),
                                pooled @ self.rows.T.astype(np.float64)])

    def residual(
            self,
            squares: NDArray[np.float64],
            sums: NDArray[np.float64],
            solve: Callable[[NDArray[np.float64], NDArray[np.float64]],
                            NDArray[np.float32]],
    ) -> NDArray[np.float32]:
        """Return the residual (P,); NaN for a spectrum without structure.

        Parameters
        ----------
        squares
            (P,) sum over all channels of the square of the spectrum.
        sums
            (P, 1 + C + K) as from `sums`.
        solve
            (norms, projections) -> residual of a mixture.
        """
        norms, along = sums[:, 0], sums[:, 1 + self._classes:]
        rest = norms - np.square(along) @ self.ignored
        left = solve(rest, np.ascontiguousarray(
            sums[:, 1:1 + self._classes]))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip(rest / norms, 0, 1)
        found = left * np.sqrt(share)
        found[rest <= 0] = 0.
        found[~(norms * self.width > FLAT * squares)] = np.nan
        return found.astype(np.float32)


def comparison(definition: ModelDefinition) -> Comparison | None:
    """Return the `Comparison` of a model, None without a variation."""
    if definition.variation is None:
        return None
    return Comparison(definition.references, definition.variation)
