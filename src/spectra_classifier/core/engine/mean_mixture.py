"""Mean fractions of the taught states in many pulses, with their error.

The fractions of a single pulse are never negative, so that noise moves those
of a pure state inwards, and so the mean of many of them. So what is averaged
is linear in the spectra: with P the class references, as strong as they were
measured, the amounts of pulse i are

    a_i = (P P')^-1 P s_i,      f = sum_i a_i / sum_i |a_i|_1

of spectra that are not normalised: bright pulses count more, as in the sum of
the spectra. The error of the ratio f is that of the mean of
d_i = (a_i - f sum(a_i)) / mean(sum(a)) (W. G. Cochran, Sampling Techniques,
1977), whose scatter holds photon noise and the differences between pulses.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model_definition import ModelDefinition, Preprocessing
from ..preprocessing.preprocess import preprocess
from . import mixture

#: fewest pulses that have an interval
FEWEST = 8
_Z95 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class MeanMixture:
    """Mean fractions of the taught states, with 95 % intervals.

    Attributes
    ----------
    fractions, low, high : (C,)
        0 to 1; NaN where there are too few pulses, or none has an amount of
        a state.
    pulses
        That took part.
    """
    fractions: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    pulses: int


class MeanMixer:
    """Mean fractions by the references of a model."""

    def __init__(self, definition: ModelDefinition) -> None:
        self._plain = Preprocessing(definition.preprocessing.baseline)
        self._taught = definition.calibration.samples
        references = np.asarray(definition.references, np.float64)
        if definition.strengths:
            references = references * np.array(definition.strengths)[:, None]
        self._references = references
        self._gram = mixture.gram(references)

    def __call__(self, spectra: ArrayLike,
                 dark: NDArray[np.float32] | None = None,
                 mask: NDArray[np.bool_] | None = None) -> MeanMixture:
        """Return the `MeanMixture` of spectra (P, n) that have signal.

        Parameters
        ----------
        spectra, dark, mask
            As for `preprocess`.
        """
        seen = preprocess(spectra, self._plain, dark, mask)
        return self._of(seen @ self._references.T)

    def _of(self, projections: NDArray[np.float64]) -> MeanMixture:
        count, classes = projections.shape
        nothing = np.full(classes, np.nan)
        if count < FEWEST or not np.isfinite(projections).all():
            return MeanMixture(nothing, nothing, nothing, count)
        amounts = np.linalg.solve(mixture.with_ridge(self._gram),
                                  projections.T).T
        mean = amounts.mean(axis=0)
        bounded = mixture.coefficients(projections.mean(axis=0)[None],
                                       self._gram)[0]
        if not (mean.sum() > 0 and bounded.sum() > 0):
            return MeanMixture(nothing, nothing, nothing, count)
        free, fractions = mean / mean.sum(), bounded / bounded.sum()
        apart = (amounts - amounts.sum(axis=1, keepdims=True)
                 * free) / mean.sum()
        error = apart.std(axis=0, ddof=1) / count ** 0.5
        half = student(count - 1) * error
        return MeanMixture(
            fractions,
            np.minimum(np.clip(free - half, 0, 1), fractions),
            np.maximum(np.clip(free + half, 0, 1), fractions), count)


def student(freedom: int) -> float:
    """Return the factor of a 95 % interval, 6 degrees of freedom or more.

    To 0.5 %; R. A. Fisher, E. A. Cornish, Technometrics 2, 209, 1960.
    """
    z = _Z95
    return (z + (z**3 + z) / (4 * freedom)
            + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2))
