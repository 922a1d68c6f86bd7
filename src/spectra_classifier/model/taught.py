"""Which spectra of a dataset a model was trained on."""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..core.evaluation import taught_spectra
from .store import LoadedModel


@dataclass(frozen=True, eq=False)
class Seen:
    """What a model knows of a dataset from its training.

    Attributes
    ----------
    taught : (N,)
        It was trained on them, in whatever file and order they came.
    near : (N,)
        They differ from a training spectrum by next to nothing, and are none.
    """
    taught: NDArray[np.bool_]
    near: NDArray[np.bool_]


def seen(model: LoadedModel | None, dataset: Dataset,
         dark: NDArray[np.float32] | None = None) -> Seen:
    """Which spectra of a dataset a model was trained on.

    They are known by their content, those of an older model by the checksum
    of the file and their number in it.

    Parameters
    ----------
    model
        None knows none.
    dark
        What is still in the spectra, (channels,), or None.
    """
    taught, near = (np.zeros(len(dataset), bool) for _ in range(2))
    if model is None:
        return Seen(taught, near)
    checksum = dataset.provenance.get("sha256")
    for source in model.manifest["training"].get("data", ()):
        if (source["sha256"] is not None and source["sha256"] == checksum
                and dataset.indices is not None):
            taught |= np.isin(dataset.indices, source["indices"])
    marks = model.taught()
    if marks is not None:
        apart = taught_spectra.distances(taught_spectra.marks(
            dataset.spectra, dark), marks)
        taught |= apart <= taught_spectra.SAME
        near = (apart <= taught_spectra.NEAR) & ~taught
    return Seen(taught, near)
