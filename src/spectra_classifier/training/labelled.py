"""Data that can be trained on: every spectrum has a class."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..errors import InputError


@dataclass(frozen=True, eq=False)
class LabelledDataset(Dataset):
    """A `Dataset` of which every spectrum has a label and a number.

    Attributes
    ----------
    labels, indices : (N,)
        Class index and number of every spectrum.
    groups : (N,) or None
        Capture numbers.
    """
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64] | None
    indices: NDArray[np.int64]


def labelled(dataset: Dataset, purpose: str = "training") -> LabelledDataset:
    """The same data; `InputError` where they have no labels.

    `purpose` is named in the error: "training" or "an evaluation".
    """
    if isinstance(dataset, LabelledDataset):
        return dataset
    if (dataset.labels is None or dataset.classes is None
            or dataset.indices is None):
        raise InputError(f"the data have no labels: {purpose} needs the "
                         "class of every spectrum")
    return LabelledDataset(
        dataset.axis, dataset.spectra, dataset.labels, dataset.classes,
        dataset.groups, dataset.indices, dataset.provenance)
