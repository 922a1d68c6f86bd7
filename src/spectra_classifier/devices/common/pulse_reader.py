"""Usable pulses of the trains of the source, as captures and map see them."""
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from karabo.middlelayer import Hash
from numpy.typing import NDArray

from ...core.capture import Tally, usable
from ...core.preprocessing import raw_frames
from ...core.preprocessing.memory_cells import Darks, leveller
from ...core.preprocessing.raw_frames import Prepared, Selection
from ...core.preprocessing.source_layout import Layout
from ...core.spectra import Axis, Code, Train
from ...errors import InputError
from ...files.captures import Background
from .decoding import Reader


@dataclass(frozen=True, eq=False)
class Source:
    """How the trains are read: as the classifier reads them.

    `dark` (channels,) float32, or (2, channels) for even and odd memory
    cells, or None, `strips` numbers of dead ones,
    `origin`: where these come from; `saturation`: raw level, inf for none.
    """
    layout: Layout = field(default_factory=Layout)
    selection: Selection = field(default_factory=Selection)
    dark: NDArray[np.float32] | None = None
    strips: tuple[int, ...] = ()
    saturation: float = np.inf
    origin: str = "none"

    def same(self, other: "Source") -> bool:
        """Whether both read the same spectra."""
        return ((self.layout, self.selection, self.strips, self.saturation)
                == (other.layout, other.selection, other.strips,
                    other.saturation) and _equal(self.dark, other.dark))


def _equal(one: NDArray[np.float32] | None,
           other: NDArray[np.float32] | None) -> bool:
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)


@dataclass(frozen=True)
class AxisSettings:
    quantity: str = "channel"
    unit: str = "channel"
    first: float = 0.
    step: float = 1.

    def axis(self, channels: int) -> Axis:
        """The `Axis` of so many channels."""
        return Axis(np.asarray(
            self.first + self.step * np.arange(channels), np.float64),
                    self.quantity, self.unit)

    def as_dict(self, channels: int) -> dict[str, Any]:
        """For the process that trains; plain JSON values."""
        return {"quantity": self.quantity, "unit": self.unit,
                "first": self.first, "step": self.step,
                "channels": channels}


#: pulses from which the memory cells of a train are told surely
WINDOW = 512


class Usable(NamedTuple):
    """A train above one dark, and which of its pulses are used."""
    train: Train
    used: NDArray[np.bool_]
    tally: Tally


class PulseReader:
    """Reads one train after the other; blocks, so use it in a thread.

    `background` is that of all of them, None before the first one; `cut` as in
    `core.capture.usable`.
    """

    def __init__(self, source: Source, cut: float) -> None:
        self.source = source
        self.background: Background | None = None
        self._cut = cut
        self._reader = Reader(source.layout)
        self._level: Callable[[Train], Train] | None = None
        self._typical = 0.

    def prepared(self, train_id: int, data: Hash) -> Prepared:
        """The train in the data of the source.

        Raises `InputError` where there is none.
        """
        return raw_frames.prepare(
            train_id, self._reader.read(data), self.source.selection,
            self.source.layout.calibrated)

    def some_usable(self, prepared: Prepared) -> Usable:
        """As `usable`, of the first `WINDOW` pulses that were selected.

        Of all, where these have none: the cost is that of the pulses.
        """
        train = prepared.train
        chosen = np.flatnonzero(train.verdicts != Code.SKIPPED)
        if len(chosen) > WINDOW:
            first = int(chosen[0]) // 2 * 2     # even memory cells stay even
            part = slice(first, first + WINDOW)
            found = self.usable(replace(prepared, train=replace(
                train, spectra=train.spectra[part],
                pulse_ids=train.pulse_ids[part],
                verdicts=train.verdicts[part])))
            if found.used.any():
                return found
        return self.usable(prepared)

    def usable(self, prepared: Prepared) -> Usable:
        """Its usable pulses.

        Raises `InputError` where the dark is that of another source.
        """
        train = prepared.train
        background = self.background or self._first(
            train.spectra.shape[1], prepared.mask)
        self.background = background
        if self._level is not None:
            train = self._level(train)
        used, tally, self._typical = usable(
            train, background.dark, background.masked,
            self.source.saturation, self._cut, self._typical)
        return Usable(train, used, tally)

    def _first(self, channels: int,
               mask: NDArray[np.bool_] | None) -> Background:
        source = self.source
        masked = np.zeros(channels, bool)
        strips = np.asarray(source.strips, int)
        if (source.dark is not None and source.dark.shape[-1] != channels
                ) or (len(strips) and strips.max() >= channels):
            raise InputError(
                f"the source sends {channels} channels, which the dark "
                f"spectrum and dead strips of {source.origin} do not fit: "
                "take a new dark there, or clear it")
        masked[strips] = True
        if mask is not None:
            masked |= mask
        mask = masked if masked.any() else None
        if source.dark is None:
            return Background(None, mask)
        darks = Darks(source.dark)
        self._level = leveller(darks, mask)
        return Background(darks.mean, mask)
