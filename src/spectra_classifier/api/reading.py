"""Spectra from files: `spectra_classifier.read`."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import files
from ..core.dataset import Dataset
from ..core.spectra import Axis
from ..errors import ConfigurationError
from ..files.runs.run_dataset import read_run
from ..files.spectra.delimited import TextOptions
from ..files.understood import facts, understood
from ..model.plain import AnyPath
from .inputs import parse_axis
from .libraries import library

if TYPE_CHECKING:
    import pandas
    import xarray
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False)
class Spectra:
    """Spectra as they were read, with what was understood.

    Attributes
    ----------
    dataset
        What `files.read` gives: the same in the form of the training.
    """
    dataset: Dataset

    @property
    def spectra(self) -> NDArray[Any]:
        """(N, channels) uint16, float32 or float64."""
        return self.dataset.spectra

    @property
    def axis(self) -> Axis:
        """Positions of the channels, with quantity and unit."""
        return self.dataset.axis

    @property
    def unit(self) -> str:
        """Unit of the axis, "unknown" where nothing states it."""
        return self.dataset.axis.unit

    @property
    def labels(self) -> NDArray[np.str_] | None:
        """(N,) class name of each spectrum, None where there are none."""
        if self.dataset.labels is None:
            return None
        return np.array(self.dataset.classes)[self.dataset.labels]

    @property
    def captures(self) -> NDArray[np.int64] | None:
        """(N,) capture of each spectrum, None where it is not known."""
        return self.dataset.groups

    @property
    def numbers(self) -> NDArray[np.int64]:
        """(N,) number of each spectrum in its file."""
        return np.asarray(self.dataset.indices)

    @property
    def files(self) -> tuple[str, ...] | None:
        """(N,) file of each spectrum, None where one file holds all."""
        return self.dataset.files

    @property
    def report(self) -> dict[str, Any]:
        """What was understood, plain JSON values.

        See `files.understood.report_of`.
        """
        return understood(self.dataset)

    def __len__(self) -> int:
        return len(self.dataset)

    def __array__(self, dtype: Any = None,
                  copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.spectra, dtype, copy=copy)

    def __repr__(self) -> str:
        return f"<Spectra: {'; '.join(map(': '.join, self._facts()))}>"

    def _repr_html_(self) -> str:
        return fact_table("Spectra", self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        return [(name, str(words))
                for name, words in facts(self.report, self.axis)]

    def to_pandas(self) -> pandas.DataFrame:
        """A row per spectrum, a column per channel named by its position.

        The rows are named by the numbers of the spectra.
        """
        pd = library("pandas", "to_pandas")
        return pd.DataFrame(self.spectra, pd.Index(
            self.numbers, name="spectrum"), pd.Index(
                self.axis.values, name=self.axis.quantity))

    def to_xarray(self) -> xarray.DataArray:
        """Dimensions `spectrum` and the quantity of the axis, with units.

        Labels, captures and files are coordinates.
        """
        xr = library("xarray", "to_xarray")
        name = channel_dimension(self.axis)
        beside = {"label": self.labels, "capture": self.captures,
                  "file": None if self.files is None
                  else np.array(self.files)}
        return xr.DataArray(
            self.spectra, dims=("spectrum", name), name="intensity", coords={
                "spectrum": self.numbers,
                name: (name, self.axis.values, {"units": self.unit}),
                **{key: ("spectrum", values) for key, values
                   in beside.items() if values is not None}})

    def plot(self, ax: Axes | None = None) -> Axes:
        """Mean spectrum of every class, with the range of 80 % of them.

        Parameters
        ----------
        ax
            Where to draw; by default the current axes of matplotlib.
        """
        from .plots import draw_spectra

        return draw_spectra(self, ax)


def read(path: AnyPath, *, labels: AnyPath | None = None,
         axis: str | None = None, columns: str = "", decimal: str = "",
         progress: Callable[[int, int], None] | None = None,
         **run: Any) -> Spectra:
    """Read everything that the commands take as DATA.

    Parameters
    ----------
    path
        Folder or pattern of text curves, one such file, .npz file, NeXus/HDF5
        file, or run:PATH for a run of the European XFEL.
    labels
        Label file that replaces the labels of `path`.
    axis
        What the axis is where the file does not state it, as "energy:eV".
    columns, decimal
        How text files are to be read where they can be read in two ways, as
        "x=1,y=2" and ",".
    progress
        Called with (files or trains read, all of them).
    **run
        Which spectra of a run: attributes of `files.RunOptions`, such as
        `source`, `key`, `pulses` and `trains`.

    Returns
    -------
    Spectra

    Raises
    ------
    DataFileError
        Names file, line or dataset, what is wrong and the remedy.

    Examples
    --------
    >>> data = spectra_classifier.read("captures.h5")
    >>> data.spectra, data.axis, data.unit, data.labels, data.report
    """
    if files.is_run(path):
        if axis is not None:
            raise ConfigurationError(
                f"{path}: a run has no positions that axis={axis!r} could "
                "name; give them to train and classify")
        try:
            options = files.RunOptions(**run)
        except TypeError as error:
            raise ConfigurationError(f"{path}: {error}") from None
        return Spectra(read_run(path, options, labels, progress=progress))
    if run:
        raise ConfigurationError(f"{', '.join(run)}: for runs, and {path} is "
                                 "not one: write run:PATH")
    return Spectra(files.read(path, labels, parse_axis(axis), progress,
                              TextOptions(columns, decimal)))


def channel_dimension(axis: Axis) -> str:
    """The name of a dimension of channels."""
    return axis.quantity if axis.quantity.isidentifier() and (
        axis.quantity != "unknown") else "position"


def fact_table(title: str, facts: list[tuple[str, str]]) -> str:
    """Facts as a table for a notebook."""
    rows = "".join(f"<tr><th>{escape(name)}</th><td>{escape(text)}</td></tr>"
                   for name, text in facts)
    return f"<b>{escape(title)}</b><table>{rows}</table>"
