"""What comes in: an axis and a train of spectra, checked once at the border.

Everything behind this module may rely on the shapes and types stated here.
"""
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError

#: relative tolerance, in steps of the axis, within which two axes are the same
AXIS_TOLERANCE = 0.01
#: largest magnitude of a strip that is a measured value: float32 has no room
#: for the squares of much more. A bit that flips in an exponent gives 1e38
LARGEST = 1e15


#: raw counts, or counts that the source has corrected
type RawSpectra = NDArray[np.uint16] | NDArray[np.float32]


class PulseSelector(Protocol):
    """Chooses pulses of a train by their numbers."""

    def selects(self, numbers: ArrayLike) -> NDArray[np.bool_]:
        """(P,) bool, True for pulses that are chosen."""


class Code(IntEnum):
    """Label of a pulse that has no class; class indices are >= 0."""
    UNKNOWN = -1          # eligible, but no class is sure enough
    LOW_INTENSITY = -2    # rejected: below the gate
    SATURATED = -3        # rejected: saturated or switched strips
    BAD_DATA = -4         # rejected: never received, NaN, Inf, absurd
    SKIPPED = -5          # not looked at (too late, not selected, padding)


@dataclass(frozen=True, eq=False)
class Axis:
    """Position of every channel.

    `values` is (channels,) float64, finite and strictly increasing;
    `quantity` is "energy", "two_theta" or "channel", `unit` its unit.
    """
    values: NDArray[np.float64]
    quantity: str = "channel"
    unit: str = "channel"

    def __post_init__(self) -> None:
        values = np.array(self.values, dtype=np.float64)
        if values.ndim != 1 or len(values) < 2:
            raise InputError("an axis is a vector of at least 2 values, "
                             f"not of shape {values.shape}")
        if not np.isfinite(values).all():
            bad = int(np.flatnonzero(~np.isfinite(values))[0])
            raise InputError(f"axis value {bad} is {values[bad]}: "
                             "every value must be finite")
        step = np.diff(values)
        if (step <= 0).any():
            bad = int(np.flatnonzero(step <= 0)[0])
            raise InputError(
                f"axis values {bad} and {bad + 1} are {values[bad]:g} and "
                f"{values[bad + 1]:g}: an axis must increase; sort the "
                "channels or reverse them")
        values.flags.writeable = False
        object.__setattr__(self, "values", values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def step(self) -> float:
        """Mean distance of two channels, in `unit`."""
        return float(self.values[-1] - self.values[0]) / (len(self) - 1)

    def mismatch(self, other: Self) -> str:
        """Why `other` is not this axis, as a sentence; "" if it is."""
        if len(self) != len(other):
            return f"{len(other)} channels instead of {len(self)}"
        if (self.quantity, self.unit) != (other.quantity, other.unit):
            return (f"an axis of {other.quantity} in {other.unit} instead of "
                    f"{self.quantity} in {self.unit}")
        shift = np.abs(self.values - other.values)
        worst = int(shift.argmax())
        if shift[worst] > AXIS_TOLERANCE * self.step:
            return (f"channel {worst} lies at {other.values[worst]:g} instead "
                    f"of {self.values[worst]:g} {self.unit}")
        return ""

    @classmethod
    def channels(cls, count: int) -> Self:
        """The axis of bare channel numbers 0 ... count - 1."""
        return cls(np.arange(count, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Train:
    """The spectra of one train.

    `spectra` is (pulses, channels), uint16 or float32, C order; `pulse_ids`
    (pulses,) uint64; `verdicts` (pulses,) int8: 0 where the pulse is to be
    classified, a negative `Code` where the source has settled it already
    (frame never received, strip in another gain stage, pulse not selected).
    NaN and Inf are allowed in `spectra`; such a pulse becomes BAD_DATA, and
    so does one with a magnitude above `LARGEST`.
    """
    train_id: int
    spectra: RawSpectra
    pulse_ids: NDArray[np.uint64]
    verdicts: NDArray[np.int8]

    @property
    def pulses(self) -> int:
        return len(self.spectra)


def make_train(train_id: int, spectra: ArrayLike,
               pulse_ids: ArrayLike | None = None,
               verdicts: ArrayLike | None = None,
               channels: int | None = None) -> Train:
    """A `Train` from any real array (pulses, channels), or `InputError`.

    uint16 and float32 are taken as they are, without a copy if in C order
    and aligned (in a received buffer they may lie at any byte); every other
    real type becomes float32. `channels`: the number expected. The spectra
    of the train are read-only: one kind of array, so that what was compiled
    before the first train serves every train.
    """
    spectra = np.asarray(spectra)
    if spectra.ndim != 2:
        raise InputError(f"spectra of shape {spectra.shape}: expected two "
                         "dimensions, [pulses, channels]")
    if channels is not None and spectra.shape[1] != channels:
        raise InputError(f"{spectra.shape[1]} channels, expected {channels}: "
                         "this is not the axis of the model")
    if spectra.dtype not in (np.uint16, np.float32):
        if spectra.dtype.kind not in "buif":
            raise InputError(f"spectra of type {spectra.dtype}: expected "
                             "real numbers")
        with np.errstate(over="ignore"):   # too large for float32: Inf
            spectra = spectra.astype(np.float32)
    if not spectra.dtype.isnative:
        spectra = spectra.astype(spectra.dtype.newbyteorder("="))
    spectra = np.require(spectra, requirements=["C", "ALIGNED"]).view()
    spectra.flags.writeable = False
    pulses = len(spectra)
    return Train(
        int(train_id), spectra,
        _per_pulse("pulse ids", pulse_ids, pulses, np.uint64,
                   np.arange(pulses, dtype=np.uint64)),
        _per_pulse("verdicts", verdicts, pulses, np.int8,
                   np.zeros(pulses, np.int8)))


def _per_pulse[Scalar: np.generic](
        name: str, values: ArrayLike | None, pulses: int,
        dtype: type[Scalar], default: NDArray[Scalar]) -> NDArray[Scalar]:
    if values is None:
        return default
    values = np.asarray(values)
    if values.shape != (pulses,):
        raise InputError(f"{name} of shape {values.shape} for {pulses} "
                         "pulses: expected one value per pulse")
    return values.astype(dtype)


@dataclass(frozen=True, eq=False)
class TrainResult:
    """Labels and what they rest on, one entry per pulse of the train.

    `label` (P,) int8: class index or `Code`; `confidence` (P,) float32 in
    [0, 1], 0 where there is no class score; `scores` (P, C) float32, summing
    to 1 where something voted, else 0; `mixture` (P, C) float32 fractions of
    the taught states, summing to 1 where defined, else 0; `residual` (P,)
    float32: share of the spectrum's norm that no mixture explains (0 ... 1,
    NaN where undefined); `intensity` (P,) float32: mean over valid channels
    of the dark-corrected spectrum; `votes` (P, B, C) float32: what each bin
    says (number of points for point-wise members, probabilities for others).
    """
    train_id: int
    pulse_ids: NDArray[np.uint64]
    label: NDArray[np.int8]
    confidence: NDArray[np.float32]
    scores: NDArray[np.float32]
    mixture: NDArray[np.float32]
    residual: NDArray[np.float32]
    intensity: NDArray[np.float32]
    votes: NDArray[np.float32]
    model_id: str
    config_hash: str

    @property
    def pulses(self) -> int:
        return len(self.label)

    def counts(self) -> dict[str, int]:
        """Pulses by fate: {"classified", "unknown", a name per Code}.

        classified counts class labels and UNKNOWN: pulses the engine decided
        on. The sum of "classified", "low_intensity", "saturated", "bad_data"
        and "skipped" is the number of pulses.
        """
        count = {code: int(np.count_nonzero(self.label == code))
                 for code in Code}
        return {
            "classified": int(np.count_nonzero(self.label >= 0))
            + count[Code.UNKNOWN],
            "unknown": count[Code.UNKNOWN],
            "low_intensity": count[Code.LOW_INTENSITY],
            "saturated": count[Code.SATURATED],
            "bad_data": count[Code.BAD_DATA],
            "skipped": count[Code.SKIPPED]}
