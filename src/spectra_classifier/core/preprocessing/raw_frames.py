"""From the arrays of one train to the input of an engine.

The same code for live data and recorded runs, so that both give the same
codes: where in the burst a frame belongs, which pulses were never received,
which have strips in another gain stage, which are masked, which are selected.
"""
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from ..limits import MAX_CHANNELS
from ..model_definition import Settings
from ..spectra import Code, Train, make_train

#: one value per pulse, above 0 where its frame was received. The memory cell
#: is none of them: the receiver of a Gotthard-II sends 255 with every frame
RECEIVED = "frame_number", "valid"
#: name of the array with the places of the frames before `in_place`
ROW = "row"
#: sent by a detector whose firmware knows no bunch id
NO_BUNCH_ID = 2**64 - 1
#: why the ids that a source sends are not those of its pulses
NO_PULSE_IDS = ("all pulses of a train have the same id, so pulses are "
                "identified by their position: set source.pulseIdPath to ids "
                "of pulses, or leave it empty")

#: arrays of one train by name, see `prepare`
type Arrays = Mapping[str, NDArray[np.number | np.bool_]]


@dataclass(frozen=True)
class Selection:
    """Pulses to be classified.

    Attributes
    ----------
    text
        As configured, "" for all pulses.
    positions
        A slice or positions of pulses.
    """
    text: str = ""
    positions: slice | tuple[int, ...] = slice(None)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the selection of "", "first:stop:step" or "0, 3, 5".

        Raises
        ------
        InputError
            For any other text.
        """
        text = text.strip()
        if not text:
            return cls()
        positions: slice | tuple[int, ...]
        try:
            if ":" in text:
                parts = [int(part) if part.strip() else None
                         for part in text.split(":")]
                positions = slice(*parts)
                positions.indices(0)
            else:
                positions = tuple(int(part) for part in text.split(","))
        except (TypeError, ValueError):
            raise InputError(
                f"pulse selection {text!r}: expected a slice such as 0:2700:2"
                " or a list such as 0, 3, 5") from None
        if isinstance(positions, tuple) and min(positions) < 0:
            raise InputError(f"pulse selection {text!r}: pulses are counted "
                             "from 0")
        return cls(text, positions)

    def left_out(self, pulses: int) -> NDArray[np.bool_]:
        """Return (pulses,) bool, True where a pulse is not selected."""
        left_out = np.ones(pulses, bool)
        if isinstance(self.positions, tuple):
            left_out[[p for p in self.positions if p < pulses]] = False
        else:
            left_out[self.positions] = False
        return left_out


@dataclass(frozen=True, eq=False)
class Prepared:
    """A train ready for the engine.

    Attributes
    ----------
    mask
        (channels,) strips that are bad in every frame, or None.
    switched
        Number of strips outside of gain stage 0 in the whole train.
    remark
        A sentence that does not depend on the train, "" for none.
    rows
        (pulses,) where in the arrays of the source each frame was, None where
        they are in the same order.
    """
    train: Train
    mask: NDArray[np.bool_] | None = None
    switched: int = 0
    remark: str = ""
    rows: NDArray[np.int64] | None = None


def prepare(train_id: int, arrays: Arrays, selection: Selection,
            calibrated: bool = False, channels: int | None = None) -> Prepared:
    """Prepare the arrays of one train.

    Parameters
    ----------
    arrays
        "data" (pulses, channels) of any real type, and optionally "mask"
        (channels,) or (pulses, channels), not 0 where a strip is bad; "gain"
        (pulses, channels), the gain stage of every strip; "pulse_id",
        "frame_number" and "valid", one value per pulse.
    calibrated
        Whether counts are corrected per strip and gain stage, so that a
        switched strip is valid.
    channels
        Expected number of channels, None for any.

    Raises
    ------
    InputError
        For arrays of a wrong shape or type.
    """
    arrays = in_place(arrays)
    spectra = arrays["data"]
    pulses = len(spectra)
    mask, partly_masked = _masks(arrays.get("mask"), spectra.shape)
    verdicts = np.zeros(pulses, np.int8)
    switched = 0
    if "gain" in arrays and not calibrated:
        stages = _per_strip("gain stages", arrays["gain"], spectra.shape)
        outside = stages != 0 if mask is None else (stages != 0) & ~mask
        switched = int(np.count_nonzero(outside))
        if switched:
            verdicts[outside.any(axis=1)] = Code.SATURATED
    received = received_of(arrays, pulses)
    verdicts[partly_masked | ~received] = Code.BAD_DATA
    verdicts[selection.left_out(pulses)] = Code.SKIPPED
    ids, remark = _pulse_ids(arrays, received, train_id)
    train = make_train(train_id, spectra, ids, verdicts, channels)
    rows = arrays.get(ROW)
    return Prepared(train, mask, switched, remark,
                    None if rows is None else rows.astype(np.int64))


def pulses_in(spectra: NDArray[Any]) -> int:
    """Number of pulses in an array of spectra, 0 where it is none.

    A vector is the spectrum of a single pulse, if it is not too long.
    """
    if spectra.ndim == 1 and 0 < len(spectra) <= MAX_CHANNELS:
        return 1
    return len(spectra) if spectra.ndim == 2 else 0


def in_place(arrays: Arrays, first: int | None = None) -> Arrays:
    """Put every frame at its place in the burst.

    The receiver of a Gotthard-II fills one buffer after the other, so that a
    frame that was lost moves all those behind it up, and leaves an empty
    buffer at the end. The numbers of the frames tell where it was; without
    this, all pulses behind it would be taken for their neighbours. A lost
    first frame does not show.

    Parameters
    ----------
    arrays
        See `prepare`.
    first
        Number of the frame that belongs first, None for the first that came.

    Returns
    -------
    Arrays
        The same where there is nothing to move. Otherwise copies, with the
        place of each frame in the original as ROW.
    """
    place = _places(arrays, first)
    if place is None:
        return arrays
    pulses, came = len(arrays["data"]), len(place)
    rows = np.empty(pulses, np.int64)
    empty = np.ones(pulses, bool)
    empty[place] = False
    rows[place], rows[empty] = np.arange(came), np.arange(came, pulses)
    return {name: array if (name == "mask" and array.ndim == 1)
            or array.shape[:1] != (pulses,) else array[rows]
            for name, array in arrays.items()} | {ROW: rows}


def _places(arrays: Arrays, first: int | None) -> NDArray[np.int64] | None:
    """(frames that came,) places in the burst; None for where they are."""
    pulses, frames = len(arrays["data"]), arrays.get("frame_number")
    if (frames is None or frames.shape != (pulses,)
            or frames.dtype.kind not in "ui"):
        return None
    came = frames > 0
    number = int(np.count_nonzero(came))
    if not number or not came[:number].all():
        return None     # not a receiver that fills buffer after buffer
    numbers = frames[:number].astype(np.uint64)
    first = int(numbers[0]) if first is None else first
    if not (first <= int(numbers[0]) and int(numbers[-1]) < first + pulses
            and (numbers[1:] > numbers[:-1]).all()):
        return None     # no positions in one burst
    place = (numbers - np.uint64(first)).astype(np.int64)
    return None if int(place[-1]) == number - 1 else place


def received_of(arrays: Arrays, pulses: int) -> NDArray[np.bool_]:
    """Return (pulses,) bool, True where a frame was received.

    True where the arrays have no such information; False where it is NaN.

    Parameters
    ----------
    arrays
        See `prepare`.

    Raises
    ------
    InputError
        For another shape or type.
    """
    received = np.ones(pulses, bool)
    for name in RECEIVED:
        if name in arrays:
            values = arrays[name]
            if values.shape != (pulses,):
                raise InputError(f"{name} of shape {values.shape} for "
                                 f"{pulses} pulses")
            if values.dtype.kind not in "buif":
                raise InputError(f"{name} of type {values.dtype}: expected "
                                 "numbers")
            received &= values > 0
    return received


def _pulse_ids(arrays: Arrays, received: NDArray[np.bool_],
               train_id: int) -> tuple[NDArray[np.uint64] | None, str]:
    """(ids (pulses,) uint64 or None for positions, remark).

    One id for all pulses is that of the train, whatever it is called: the
    receiver of a Gotthard-II sends the train id as `bunchId`.
    """
    ids = arrays.get("pulse_id")
    if ids is None:
        return None, ""
    if ids.shape != received.shape:
        raise InputError(f"pulse ids of shape {ids.shape} for "
                         f"{len(received)} pulses")
    if ids.dtype.kind not in "ui" or (ids < 0).any():
        raise InputError(
            f"pulse ids of type {ids.dtype}: expected whole numbers from 0 "
            "on; set source.pulseIdPath to ids of pulses, or leave it empty")
    numbers = ids.astype(np.uint64)
    known = numbers[received]
    if len(known) and (known == known[0]).all() and (
            len(known) > 1 or known[0] in (train_id, NO_BUNCH_ID)):
        return None, NO_PULSE_IDS
    return numbers, ""


def _masks(
        mask: NDArray[np.number | np.bool_] | None,
        shape: tuple[int, int],
) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_]]:
    """(strips bad in every frame or None, frames with further bad strips)"""
    pulses, channels = shape
    none = np.zeros(pulses, bool)
    if mask is None:
        return None, none
    if mask.shape == (channels,):
        return mask != 0, none
    bad = _per_strip("mask", mask, shape) != 0
    always = bad.all(axis=0) if pulses else np.zeros(channels, bool)
    return (always if always.any() else None,
            (bad & ~always).any(axis=1))


def _per_strip(name: str, values: NDArray[np.number | np.bool_],
               shape: tuple[int, int]) -> NDArray[np.number | np.bool_]:
    if values.shape != shape:
        raise InputError(f"{name} of shape {values.shape} for spectra of "
                         f"shape {shape}")
    return values


class MaskedSettings:
    """Adds the masks of the trains to settings.

    Masks rarely change: the last settings are kept, so that engines need not
    prepare their constants again for every train.
    """

    def __init__(self) -> None:
        # settings, mask, both together
        self._last: tuple[Settings, NDArray[np.bool_], Settings] | None = None

    def __call__(self, settings: Settings,
                 mask: NDArray[np.bool_] | None) -> Settings:
        """Return `settings` with the strips of `mask` (channels,) added."""
        if mask is None:
            return settings
        if self._last is not None:
            base, last, both = self._last
            if base is settings and np.array_equal(last, mask):
                return both
        joined = mask if settings.mask is None else mask | settings.mask
        both = replace(settings, mask=joined)
        self._last = settings, mask.copy(), both
        return both
