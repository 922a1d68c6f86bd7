"""Labelled spectra: the output of file readers and the input of training."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .large_arrays import first_not_finite, taken
from .spectra import Axis, RawSpectra

#: entry of a provenance, and its value where clusters were named
LABELS_FROM, FROM_CLUSTERS = "labels_from", "clusters"


@dataclass(frozen=True, eq=False)
class Dataset:
    """Spectra on one axis, with labels and captures where they are known.

    Attributes
    ----------
    axis
        Axis of all spectra.
    spectra
        (N, channels), finite.
    labels
        (N,) class index of each spectrum, or None.
    classes
        Class names in the order of the index; None without labels.
    groups
        (N,) capture number of each spectrum, or None.
    indices
        (N,) number of each spectrum in its file; 0 ... N - 1 where None is
        given.
    provenance
        Path, checksum, format and further details of the origin.
    files
        (N,) name of the file of each spectrum, or None where one file holds
        all of them.

    Raises
    ------
    InputError
        For a wrong shape or type, a value that is not finite, labels without
        class names or outside of them.
    """
    axis: Axis
    spectra: RawSpectra | NDArray[np.float64]
    labels: NDArray[np.int64] | None = None
    classes: tuple[str, ...] | None = None
    groups: NDArray[np.int64] | None = None
    indices: NDArray[np.int64] | None = None
    provenance: Mapping[str, object] = field(default_factory=dict)
    files: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        spectra = np.asarray(self.spectra)
        if spectra.ndim != 2 or spectra.shape[1] != len(self.axis):
            raise InputError(f"spectra of shape {spectra.shape} for an axis "
                             f"of {len(self.axis)} channels")
        bad, _ = first_not_finite(spectra)
        if bad is not None:
            raise InputError(f"spectrum {bad[0]} holds NaN or Inf: leave it "
                             "out or mask its channels")
        object.__setattr__(self, "spectra", spectra)
        count = len(spectra)
        if self.indices is None:
            object.__setattr__(self, "indices", np.arange(count))
        for name in "labels", "groups", "indices":
            values = getattr(self, name)
            if values is None:
                continue
            values = np.asarray(values)
            if values.shape != (count,) or values.dtype.kind not in "iu":
                raise InputError(f"{name} of shape {values.shape} and type "
                                 f"{values.dtype} for {count} spectra: "
                                 "expected one integer each")
            object.__setattr__(self, name, values.astype(np.int64))
        if self.files is not None and len(self.files) != count:
            raise InputError(f"{len(self.files)} names of files for {count} "
                             "spectra: expected one each")
        if self.labels is None:
            return
        if self.classes is None:
            raise InputError("labels without class names")
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        if count and not (self.labels.min() >= 0
                          and self.labels.max() < len(self.classes)):
            raise InputError(
                f"labels from {self.labels.min()} to {self.labels.max()} for "
                f"{len(self.classes)} classes {list(self.classes)}")

    def __len__(self) -> int:
        return len(self.spectra)

    def select(self, rows: ArrayLike) -> Self:
        """Return the data set of some spectra.

        Parameters
        ----------
        rows
            (M,) indices, or (N,) bool.

        Raises
        ------
        InputError
            For an index outside of the data set.
        """
        rows = np.asarray(rows)
        if rows.dtype != bool and len(rows) and not (
                -len(self) <= rows.min() and rows.max() < len(self)):
            raise InputError(f"spectrum {rows.max()} asked for, there are "
                             f"{len(self)}: numbers start at 0")

        def pick(values: NDArray[np.int64] | None) -> NDArray[np.int64] | None:
            return None if values is None else values[rows]

        return type(self)(
            self.axis, taken(self.spectra, rows), pick(self.labels),
            self.classes,
            pick(self.groups), pick(self.indices), self.provenance,
            None if self.files is None else tuple(
                self.files[row] for row in np.arange(len(self))[rows]))


def subtracted_dark(provenance: Mapping[str, object]) -> object:
    """The dark that was subtracted from spectra, or None.

    `provenance` of a `Dataset`; a converted file remembers that of its origin.
    """
    origin = provenance.get("origin")
    return provenance.get("dark") or (
        origin.get("dark") if isinstance(origin, Mapping) else None)


def labelled_by_clusters(provenance: object) -> bool:
    """Whether labels are clusters of the same spectra that were given names.

    `provenance` of a `Dataset`; a converted file remembers that of its origin.
    """
    while isinstance(provenance, Mapping):
        if provenance.get(LABELS_FROM) == FROM_CLUSTERS:
            return True
        provenance = provenance.get("origin")
    return False
