"""State against a scanned value: `spectra_classifier.scan`."""
from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ..core.evaluation.train_answers import PulseSums
from ..errors import InputError
from ..exploration import scan as scans
from .classification import Classification
from .libraries import library
from .reading import fact_table

if TYPE_CHECKING:
    import pandas
    from matplotlib.figure import Figure


@dataclass(frozen=True, eq=False, repr=False)
class StateScan:
    """Shares, mixture and residual against a value.

    Attributes
    ----------
    found
        Steps, columns, transitions and hysteresis.
    """
    found: scans.Scan

    @property
    def transitions(self) -> list[scans.SweepTransition]:
        """The transition of every sweep in which the state changes."""
        return self.found.transitions

    @property
    def hysteresis(self) -> list[scans.Hysteresis]:
        """Midpoints of rising sweeps minus those of falling ones next to them.
        """
        return self.found.hysteresis

    def __len__(self) -> int:
        return len(self.found.steps.position)

    def __repr__(self) -> str:
        return f"<StateScan: {'; '.join(map(': '.join, self._facts()))}>"

    def _repr_html_(self) -> str:
        return fact_table("StateScan", self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        return [("steps", str(len(self))), *(
            (f"{each.before} to {each.after}",
             f"{each.found.midpoint:.4g} ({each.found.midpoint_low:.4g} to "
             f"{each.found.midpoint_high:.4g}) {self.found.unit}".strip())
            for each in self.transitions)]

    def to_pandas(self) -> pandas.DataFrame:
        """A row per step, with the columns of the CSV of `scan`."""
        return library("pandas", "to_pandas").DataFrame(
            dict(self.found.columns))

    def plot(self) -> Figure:
        """Shares, mixture and residual against the value, as a figure."""
        library("matplotlib", "plot")
        from ..exploration.scan_picture import figure

        return figure(self.found)


def scan(classified: Classification, values: ArrayLike, *,
         trains: ArrayLike | None = None, name: str = "value",
         unit: str = "", resolution: float | None = None) -> StateScan:
    """State of the sample against a value that was scanned.

    Parameters
    ----------
    classified
        What `Model.classify` returns, in the order of time.
    values
        (N,) the value at each spectrum; NaN where it is not known.
    trains
        (N,) train of each spectrum; errors are those of means of trains,
        because pulses of one train have errors in common. None where every
        spectrum is a train of its own.
    name, unit
        Of the value.
    resolution
        Change from train to train above which the value moves; None to find
        it from the values.

    Returns
    -------
    StateScan

    Raises
    ------
    InputError
        If there is not one value for each spectrum, or it does not change.

    Examples
    --------
    >>> found = model.classify(data)
    >>> scanned = spectra_classifier.scan(found, pressure, unit="GPa")
    >>> scanned.transitions[0].found.midpoint
    """
    value = np.asarray(values, np.float64)
    owner = (np.arange(len(classified)) if trains is None
             else np.asarray(trains))
    for given, words in (value, "values"), (owner, "trains"):
        if given.shape != (len(classified),):
            raise InputError(f"{words} of shape {given.shape} for "
                             f"{len(classified)} spectra: expected one each")
    _, first, of = np.unique(owner, return_index=True, return_inverse=True)
    place = np.argsort(np.argsort(first))       # in the order of time
    of = place[of]
    sums = PulseSums(len(first), len(classified.classes))
    sums.add(of, classified.codes, classified.mixture, classified.residual)
    known = np.isfinite(value)
    number, total = (np.bincount(of[known], weights, len(first))
                     for weights in (None, value[known]))
    with np.errstate(invalid="ignore"):     # NaN where it is not known
        steps = scans.find_steps(total / number, resolution)
    return StateScan(scans.scan(sums.answers(
        "trains", np.arange(len(first)), classified.classes), steps, name,
        unit))
