"""What a model says about spectra: `Model.classify`."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..files.results.columns import MATRICES, Columns
from ..files.results.table import class_words, table
from .libraries import library
from .reading import fact_table

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Classification:
    """Labels of spectra and what they are derived from.

    Attributes
    ----------
    pulses
        {column: (N, ...)}, as the command `classify` writes them.
    classes
        Class names in the order of their index.
    model_id
        Of the model.
    index
        (N,) name or number of each spectrum.
    index_name
        What these are.
    files
        (N,) file of each spectrum, or None.
    notes
        What must be known of this result, one sentence each.
    mixture_errors
        (C,) error of the mean mixture of many pulses that does not average
        out, from captures that training left out; None where not known.
    """
    pulses: Columns
    classes: tuple[str, ...]
    model_id: str
    index: NDArray[Any]
    index_name: str = "spectrum"
    files: tuple[str, ...] | None = None
    notes: list[str] = field(default_factory=list)
    mixture_errors: tuple[float, ...] | None = None

    @property
    def labels(self) -> NDArray[np.str_]:
        """(N,) class of each spectrum.

        "unknown", "low intensity", "saturated", "bad data" or "skipped" where
        it has none.
        """
        return class_words(self.codes, self.classes)

    @property
    def codes(self) -> NDArray[np.int8]:
        """(N,) class index, or a negative code where there is no class."""
        return self.pulses["label"]

    @property
    def confidence(self) -> NDArray[np.float32]:
        """(N,) calibrated probability that the label is right, 0 to 1."""
        return self.pulses["confidence"]

    @property
    def scores(self) -> NDArray[np.float32]:
        """(N, C) share of the vote of each class; 0 of rejected spectra."""
        return self.pulses["scores"]

    @property
    def mixture(self) -> NDArray[np.float32]:
        """(N, C) fraction of the taught state of each class."""
        return self.pulses["mixture"]

    @property
    def residual(self) -> NDArray[np.float32]:
        """(N,) share of the spectrum that no mixture explains."""
        return self.pulses["residual"]

    @property
    def intensity(self) -> NDArray[np.float32]:
        """(N,) mean over the channels, minus the dark."""
        return self.pulses["intensity"]

    @property
    def counts(self) -> dict[str, int]:
        """Number of spectra by label; labels that do not occur are left out.
        """
        found, numbers = np.unique(self.codes, return_counts=True)
        order = np.argsort(found < 0, kind="stable")    # classes first
        return dict(zip(class_words(found, self.classes)[order].tolist(),
                        numbers[order].tolist(), strict=True))

    def __len__(self) -> int:
        return len(self.codes)

    def __repr__(self) -> str:
        return f"<Classification: {'; '.join(map(': '.join, self._facts()))}>"

    def _repr_html_(self) -> str:
        return fact_table("Classification", self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        return [("spectra", str(len(self))),
                ("labels", ", ".join(f"{name} {number}" for name, number
                                     in self.counts.items())),
                ("model", self.model_id),
                *(("note", note) for note in self.notes)]

    def to_pandas(self) -> pandas.DataFrame:
        """A row per spectrum, with the columns of the CSV of `classify`."""
        pd = library("pandas", "to_pandas")
        columns = table(self.pulses, self.classes, self.files)
        del columns["index"]
        return pd.DataFrame(columns, pd.Index(
            self.index, name=self.index_name))

    def to_xarray(self) -> xarray.Dataset:
        """A variable per quantity, over the spectra and the classes."""
        xr = library("xarray", "to_xarray")
        name = self.index_name if self.index_name not in (
            *self.pulses, "class", "code", "file") else "spectrum"
        names = ["confidence", "residual", "intensity"]
        return xr.Dataset(
            {"label": (name, self.labels), "code": (name, self.codes),
             **{key: (name, self.pulses[key]) for key in names},
             **{key: ((name, "class"), self.pulses[key])
                for key in MATRICES}},
            coords={name: self.index, "class": list(self.classes),
                    **({} if self.files is None else {
                        "file": (name, np.array(self.files))})},
            attrs={"model": self.model_id})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Confidence of every spectrum, in the colour of its label.

        Parameters
        ----------
        ax
            Where to draw; by default the current axes of matplotlib.
        """
        from .plots import draw_classification

        return draw_classification(self, ax)
