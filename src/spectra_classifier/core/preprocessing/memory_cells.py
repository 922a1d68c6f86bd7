"""Even and odd memory cells, which have two pedestals in burst mode.

A Gotthard-II writes the frames of a burst into its memory cells in turn, and
even and odd cells have pedestals of their own. So a dark may have two rows, of
even and of odd cells. `Leveller` makes the counts of a train such that one
dark, the mean of both rows, fits all of its frames: engines, previews and
snapshots know one dark only.

Which frames are in which cells is found from the data: a first frame that was
lost shifts all others by one, and nothing else tells.
"""
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model_definition import ModelDefinition, Settings
from ..spectra import LARGEST, Code, Train
from .quality import saturated

#: frames of each kind that are asked which kind they are
SAMPLE = 128
#: difference of the two pedestals that is seen in a train, as a share of the
#: one in the dark, which counts as the same
LEAST, MOST = 0.5, 1.5
#: standard errors of this share that it must differ from 0
SURE = 5.
#: ratio of the difference in a dark, squared, to its noise, above which the
#: two kinds of cells differ; 1 where they do not
TWO_KINDS = 2.
#: why one dark is used where there are two
CANNOT_TELL = ("the spectra do not show which frames are of even and which "
               "of odd memory cells: the mean of both darks is used")


@dataclass(frozen=True, eq=False)
class Darks:
    """The dark of all memory cells, or those of even and of odd ones.

    Attributes
    ----------
    rows
        (channels,) or (2, channels), in raw units.
    """
    rows: NDArray[np.float32]

    @classmethod
    def of(cls, values: ArrayLike, channels: int) -> Self:
        """Return the darks of values row by row, (channels,) or twice that."""
        rows = np.asarray(values, np.float32).reshape(-1, channels)
        return cls(rows[0] if len(rows) == 1 else rows)

    @cached_property
    def mean(self) -> NDArray[np.float32]:
        """(channels,)"""
        if self.rows.ndim == 1:
            return self.rows
        return self.rows.mean(axis=0, dtype=np.float64).astype(np.float32)

    @cached_property
    def cells(self) -> NDArray[np.float32] | None:
        """(channels,) by how much even cells lie above the mean, odd ones
        below; None where there is one dark."""
        if self.rows.ndim == 1:
            return None
        even, odd = self.rows.astype(np.float64)
        return ((even - odd) / 2).astype(np.float32)


class Leveller:
    """Makes one dark fit the frames of both kinds of memory cells."""

    def __init__(self) -> None:
        # settings, the same without the difference of the cells
        self._last: tuple[Settings, Settings] | None = None

    def __call__(self, train: Train, settings: Settings,
                 definition: ModelDefinition | None = None
                ) -> tuple[Train, Settings, str]:
        """Return the train for one dark, its settings, and a remark or "".

        Parameters
        ----------
        train
            Every frame at its place in the burst.
        definition
            For the saturation level, which is judged on the counts as they
            came; None where that is done elsewhere.
        """
        cells = settings.cells
        if cells is None:
            return train, settings, ""
        if self._last is None or self._last[0] is not settings:
            self._last = settings, replace(settings, cells=None)
        alone = self._last[1]
        order = _order(train, cells, settings.mask)
        if not order:
            return train, alone, CANNOT_TELL if train.pulses else ""
        if definition is not None:
            verdicts = train.verdicts.copy()
            verdicts[(verdicts == 0) & saturated(train, settings, definition)
                     ] = Code.SATURATED
            train = replace(train, verdicts=verdicts)
        spectra = train.spectra.astype(np.float32)
        spectra[0::2] -= order * cells
        spectra[1::2] += order * cells
        return replace(train, spectra=spectra), alone, ""


def leveller(darks: Darks, mask: NDArray[np.bool_] | None = None
             ) -> Callable[[Train], Train]:
    """Return a function that makes the mean dark fit all frames of a train."""
    level, settings = Leveller(), Settings(
        dark=darks.mean, mask=mask, cells=darks.cells)
    return lambda train: level(train, settings)[0]


def _order(train: Train, cells: NDArray[np.float32],
           mask: NDArray[np.bool_] | None) -> int:
    """1: the first frame is of an even cell, -1: of an odd one, 0: unknown.

    Every frame is projected on the pattern of the cells, from strip to strip:
    spectra are smooth, the pattern is not.
    """
    pattern = np.diff(cells.astype(np.float64))
    if mask is not None:
        bad = np.asarray(mask, bool)
        pattern[bad[1:] | bad[:-1]] = 0
    norm = float(pattern @ pattern)
    if not norm > 0:
        return 0
    weights = (np.append(0, pattern) - np.append(pattern, 0)) / norm
    kinds = [_shares(train, parity, weights) for parity in (0, 1)]
    if min(map(len, kinds)) < 2:
        return 0
    share = (kinds[0].mean() - kinds[1].mean()) / 2
    error = np.sqrt(sum(kind.var(ddof=1) / len(kind) for kind in kinds)) / 2
    sure = LEAST < abs(share) < MOST and abs(share) > SURE * error
    return int(np.sign(share)) if sure else 0


def _shares(train: Train, parity: int,
            weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much of the pattern is in some frames of one kind, (n,)."""
    rows = np.flatnonzero((train.verdicts != Code.BAD_DATA)
                          & (train.verdicts != Code.SATURATED))
    rows = rows[rows % 2 == parity]
    rows = rows[np.linspace(0, len(rows) - 1, min(SAMPLE, len(rows))
                            ).astype(int)]
    with np.errstate(invalid="ignore", over="ignore"):
        found = train.spectra[rows].astype(np.float64) @ weights
    return found[np.abs(found) <= LARGEST]


class CellMeans:
    """Means of the frames of even and odd cells, train by train."""

    def __init__(self, channels: int) -> None:
        self._sum = np.zeros((2, channels))
        self._square = np.zeros((2, channels))
        self._count = np.zeros(2)

    def add(self, spectra: NDArray[np.float64],
            rows: NDArray[np.integer]) -> None:
        """Add frames (n, channels) of one train, from these places in it.

        A train that lost its first frame shows the two kinds the other way
        round, and is turned.
        """
        kinds = [rows % 2 == parity for parity in (0, 1)]
        sums = np.array([spectra[kind].sum(axis=0) for kind in kinds])
        squares = np.array([np.square(spectra[kind]).sum(axis=0)
                            for kind in kinds])
        counts = np.array([np.count_nonzero(kind) for kind in kinds])
        if counts.all() and self._count.all():
            new = np.diff(sums[0] / counts[0] - sums[1] / counts[1])
            if new @ np.diff(self._difference) < 0:
                sums, squares, counts = sums[::-1], squares[::-1], counts[::-1]
        self._sum += sums
        self._square += squares
        self._count += counts

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self._count.sum())

    @property
    def _difference(self) -> NDArray[np.float64]:
        even, odd = self._sum / self._count[:, None]
        return even - odd

    def result(self) -> Darks:
        """Return the dark; of both kinds where they differ beyond noise."""
        mean = self._sum.sum(axis=0) / self._count.sum()
        alone = Darks(mean.astype(np.float32))
        if (self._count < 2).any():
            return alone
        count = self._count[:, None]
        variance = self._square / count - np.square(self._sum / count)
        noise = (variance / count).sum(axis=0)
        signal = np.square(np.diff(self._difference)).sum()
        if not signal > TWO_KINDS * (noise[1:] + noise[:-1]).sum():
            return alone
        return Darks((self._sum / count).astype(np.float32))
