"""Data that can be trained on: every spectrum has a class."""
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..errors import InputError


class Captures(NamedTuple):
    """Captures of a data set, in order of time.

    A capture is what was taken of one class under one number: a number that
    classes share (cycles counted per class, pump on and off within a run)
    makes a capture of each.

    Attributes
    ----------
    of
        (N,) place of the capture of each spectrum in that order.
    labels
        (K,) class of each capture.
    in_file
        (K,) captures in the order of the numbers of their spectra, which
        differs where the file is sorted by class.
    shared
        Whether classes share a capture number.
    """
    of: NDArray[np.int64]
    labels: NDArray[np.int64]
    in_file: NDArray[np.int64]
    shared: bool


@dataclass(frozen=True, eq=False)
class LabelledDataset(Dataset):
    """A `Dataset` of which every spectrum has a label and a number.

    Attributes
    ----------
    labels, indices : (N,)
        Class index and number of every spectrum.
    groups : (N,) or None
        Capture numbers as given; `captures` are the captures themselves.
    """
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    groups: NDArray[np.int64] | None
    indices: NDArray[np.int64]

    @property
    def captures(self) -> Captures | None:
        """The captures, None where their numbers are not known.

        In the order of the numbers, and of the spectra where classes share
        one.
        """
        if self.groups is None:
            return None
        pairs, pair, size = np.unique(
            np.stack([self.groups, self.labels]), axis=1,
            return_inverse=True, return_counts=True)
        pair = pair.ravel()
        numbers, labels = pairs
        middle = np.bincount(pair, self.indices) / size
        order = np.lexsort((middle, numbers))
        place = np.argsort(order)
        return Captures(place[pair], labels[order], np.argsort(
            middle[order], kind="stable"),
            len(np.unique(numbers)) < len(numbers))

    @property
    def capture(self) -> NDArray[np.int64] | None:
        """(N,) number of the capture of each spectrum, or None."""
        captures = self.captures
        return None if captures is None else captures.of

    @property
    def fewest_captures(self) -> int:
        """Captures of the class with the fewest; 0 where not known."""
        captures = self.captures
        return 0 if captures is None else int(np.bincount(
            captures.labels, minlength=len(self.classes)).min())


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
        dataset.groups, dataset.indices, dataset.provenance, dataset.files)
