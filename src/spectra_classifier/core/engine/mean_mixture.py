"""Mean fractions of the taught states in many pulses, with their error.

The fractions of a single pulse are never negative, so that noise moves those
of a pure state inwards, and with them the mean of many pulses. What is
averaged here is linear in the spectra: with the class references R, as strong
as they were measured, the amounts in spectrum s_i and the fractions of all are

    a_i = (R R')^-1 R s_i,      f = sum_i a_i / sum_i sum(a_i)

Spectra are not normalised one by one, so that bright pulses count more, as
they do in the sum of all. Means of channels are compared, in which the noise
of the references is small; without the pedestal where the normalisation of
the model (snv) takes that away, too.

The error has two parts. That of the ratio f is the error of the mean of
d_i = (a_i - f sum(a_i)) / mean(sum(a)) (W. G. Cochran, Sampling Techniques,
1977): photon noise and the differences between pulses. What all pulses of a
train have in common, as pedestal and axis of the moment, does not scatter
within it, nor does an error of the references. Both are known from captures
that training left out (`MixtureError`): by how much their fractions were
wrong, and how well the strengths of the states are known. A strength that is
wrong by the share r_k changes f_c by f_c (delta_ck - f_k) r_k.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model_definition import ModelDefinition, Preprocessing
from ..preprocessing.preprocess import preprocess
from . import mixture
from .within_class_variation import channel_means, pool

#: fewest pulses that have an interval
FEWEST = 8
#: means of channels that are compared
MEANS = 128
_Z95 = 1.959963984540054


@dataclass(frozen=True, eq=False)
class MeanMixture:
    """Mean fractions of the taught states, with 95 % intervals.

    Attributes
    ----------
    fractions, low, high : (C,)
        0 to 1; NaN where there are too few pulses, or nothing of any state.
    pulses
        How many took part.
    """
    fractions: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    pulses: int


class MeanMixer:
    """Mean fractions by the references of a model."""

    def __init__(self, definition: ModelDefinition) -> None:
        self._kind = definition.preprocessing
        self._known = definition.mixture_error
        references = np.asarray(definition.references, np.float64)
        if definition.strengths:
            references = references * np.array(definition.strengths)[:, None]
        self._references = coarse(references, self._kind)

    def __call__(self, spectra: ArrayLike,
                 dark: NDArray[np.float32] | None = None,
                 mask: NDArray[np.bool_] | None = None) -> MeanMixture:
        """Return the `MeanMixture` of spectra (P, n), all with signal.

        Parameters
        ----------
        spectra, dark, mask
            As for `preprocess`.
        """
        seen = measured(spectra, self._kind, dark, mask)
        count, nothing = len(seen), np.full(len(self._references), np.nan)
        unknown = MeanMixture(nothing, nothing, nothing, count)
        if count < FEWEST:
            return unknown
        single = amounts(seen, self._references)
        mean = single.mean(axis=0)
        bounded = mixture.coefficients(
            (self._references @ seen.mean(axis=0))[None],
            mixture.gram(self._references))[0]
        if not (mean.sum() > 0 and bounded.sum() > 0):      # or NaN
            return unknown
        free, fractions = mean / mean.sum(), bounded / bounded.sum()
        half = self._half(scatter(single), count - 1, fractions)
        return MeanMixture(
            fractions, np.minimum(np.clip(free - half, 0, 1), fractions),
            np.maximum(np.clip(free + half, 0, 1), fractions), count)

    def _half(self, variance: NDArray[np.float64], freedom: int,
              fractions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Half the width (C,) of the intervals.

        Two variances of few degrees of freedom are added as F. E.
        Satterthwaite does, Biometrics Bulletin 2, 110, 1946.
        """
        if self._known is None:
            return student(np.full(len(variance), float(freedom))) * np.sqrt(
                variance)
        change = fractions[:, None] * (np.eye(len(fractions)) - fractions)
        common = np.square(self._known.errors) + np.square(
            change * self._known.strengths).sum(axis=1)
        total = variance + common
        share = (np.square(variance) / freedom
                 + np.square(common) / self._known.freedom)
        with np.errstate(invalid="ignore", divide="ignore"):
            both = np.where(share > 0, np.square(total) / share, freedom)
        return student(both) * np.sqrt(total)


def measured(spectra: ArrayLike, preprocessing: Preprocessing,
             dark: NDArray[np.float32] | None = None,
             mask: NDArray[np.bool_] | None = None) -> NDArray[np.float64]:
    """Return what is compared of raw spectra, (P, n) -> (P, G)."""
    return coarse(preprocess(spectra, Preprocessing(preprocessing.baseline),
                             dark, mask), preprocessing)


def coarse(spectra: ArrayLike,
           preprocessing: Preprocessing) -> NDArray[np.float64]:
    """Return the means of channels that are compared, (P, n) -> (P, G)."""
    width = max(np.shape(spectra)[1] // MEANS, 1)
    return (pool if preprocessing.normalisation == "snv" else channel_means)(
        spectra, width)


def amounts(spectra: NDArray[np.float64],
            references: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the amounts (P, C) of references (C, G) in spectra (P, G).

    By least squares, positive or not.
    """
    matrix = mixture.with_ridge(mixture.gram(references))
    return np.asarray(np.linalg.solve(matrix, references @ spectra.T).T,
                      np.float64)


def scatter(single: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the variance (C,) of the fractions of all pulses together.

    Parameters
    ----------
    single
        (P, C) amounts of each pulse, P >= 2.
    """
    mean = single.mean(axis=0)
    apart = (single - single.sum(axis=1, keepdims=True)
             * (mean / mean.sum())) / mean.sum()
    variance: NDArray[np.float64] = apart.var(axis=0, ddof=1) / len(single)
    return variance


def student(freedom: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factors of 95 % intervals, Student's t.

    Good to 1 % from 2 degrees of freedom on (R. A. Fisher, E. A. Cornish,
    Technometrics 2, 209, 1960).
    """
    z, v = _Z95, np.maximum(freedom, 1.)
    return (
        z + (z**3 + z) / (4 * v) + (5*z**5 + 16*z**3 + 3*z) / (96 * v**2)
        + (3*z**7 + 19*z**5 + 17*z**3 - 15*z) / (384 * v**3)
        + (79*z**9 + 776*z**7 + 1482*z**5 - 1920*z**3 - 945*z)
        / (92160 * v**4))
