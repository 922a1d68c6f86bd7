"""Strengths of the classes, which the mixture undoes a normalisation with."""
import numpy as np
from numpy.typing import NDArray

from ..core.engine import mixture
from ..core.model_definition import Preprocessing
from ..core.preprocessing.preprocess import preprocess
from .labelled import LabelledDataset

_ROWS = 256


def of_classes(dataset: LabelledDataset, preprocessing: Preprocessing,
               references: NDArray[np.floating]) -> tuple[float, ...]:
    """`mixture.strengths` of labelled data (dark subtracted).

    () where spectra are not normalised one by one.

    Parameters
    ----------
    references
        (C, channels) mean preprocessed spectrum of each class.
    """
    if preprocessing.of_spectrum == "none":
        return ()
    plain = Preprocessing(preprocessing.baseline)
    sums = np.zeros(references.shape)
    for first in range(0, len(dataset), _ROWS):
        block = slice(first, first + _ROWS)
        np.add.at(sums, dataset.labels[block],
                  preprocess(dataset.spectra[block], plain))
    count = np.bincount(dataset.labels, minlength=len(references))
    return mixture.strengths(sums / count[:, None], references)
