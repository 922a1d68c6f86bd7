"""Residual without the variation within a class.

Spectra of one state differ from each other: pedestal, thickness, pressure,
the slow part of the beam. A residual that includes these differences needs a
limit so wide that unknown spectra pass. So it is computed from the means s of
`width` neighbouring channels, where noise is small, minus the pedestal, and
without the directions V in which spectra of one state differ in training:

    residual^2 = min |(1 - V'V) (s - sum_c a_c r_c)|^2 / |s|^2,   a_c >= 0

It needs only s.s, V s and s.r_c of a spectrum. Compare the orthogonal
distance of SIMCA (S. Wold, Pattern Recognition 8, 127, 1976).
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


@dataclass(frozen=True, eq=False)
class Variation:
    """How spectra of one state differ.

    Attributes
    ----------
    width
        Channels per mean; the last mean includes the remainder.
    directions
        (K, G) orthonormal, of mean 0, K >= 1.

    Raises
    ------
    InputError
        For a width below 1 or no direction.
    """
    width: int
    directions: NDArray[np.float32]

    def __post_init__(self) -> None:
        shape = np.shape(self.directions)
        if not (self.width >= 1 and len(shape) == 2 and shape[0] >= 1):
            raise InputError(f"variation of width {self.width} with "
                             f"directions of shape {shape}: use a width of 1 "
                             "or more and one direction or more")

    def check(self, channels: int) -> None:
        """Raise `InputError` where it does not fit so many channels."""
        if self.directions.shape[1] != channels // self.width:
            raise InputError(
                f"variation over {self.directions.shape[1]} means of "
                f"{self.width} channels does not fit {channels} channels")


def pool(spectra: ArrayLike, width: int) -> NDArray[np.float64]:
    """Return means of `width` channels minus their mean, (P, n) -> (P, G)."""
    spectra = np.asarray(spectra, np.float64)
    channels = spectra.shape[1]
    start = np.arange(channels // width) * width
    count = np.diff(start, append=channels)
    means = np.add.reduceat(spectra, start, axis=1) / count
    return means - means.mean(axis=1, keepdims=True)


class Comparison:
    """Class references (C, n) and a `Variation`, ready to compare with.

    Attributes
    ----------
    rows
        (C + K, G) float32: the references free of the variation, then its
        directions.
    gram
        (C, C) float64 of the former.
    solved_with
        `gram` with its ridge.
    """

    def __init__(self, references: NDArray[np.float32],
                 variation: Variation) -> None:
        self.width = variation.width
        pooled = pool(references, self.width)
        directions = np.asarray(variation.directions, np.float64)
        free = pooled - pooled @ directions.T @ directions
        self.rows = np.concatenate([free, directions]).astype(np.float32)
        self._classes = len(pooled)
        self.gram = mixture.gram(self.rows[:self._classes])
        self.solved_with = mixture.with_ridge(self.gram)

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
        rest = norms - np.square(along).sum(axis=1)
        left = solve(rest, np.ascontiguousarray(
            sums[:, 1:1 + self._classes]))
        with np.errstate(invalid="ignore", divide="ignore"):
            share = np.clip(rest / norms, 0, 1)
        found = np.where(rest > 0, left * np.sqrt(share), 0.)
        found[~(norms * self.width > FLAT * squares)] = np.nan
        return found.astype(np.float32)


def comparison(definition: ModelDefinition) -> Comparison | None:
    """Return the `Comparison` of a model, None without a variation."""
    if definition.variation is None:
        return None
    return Comparison(definition.references, definition.variation)
