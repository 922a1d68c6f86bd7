"""Input and result of an engine: axis, train and result, validated once.

All later code relies on the shapes and types given here.
"""
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InputError
from .describe import axis_words

#: relative tolerance, in steps of the axis, within which two axes are the same
AXIS_TOLERANCE = 0.01
#: largest magnitude of a strip that is a measured value: float32 has no room
#: for the squares of much more. A bit that flips in an exponent gives 1e38
LARGEST = 1e15


#: bits of the light of a pulse, as the machine reports it
XRAY, LASER = 1, 2
#: the same of a pulse about which nothing is known, where it has to be written
LIGHT_NOT_KNOWN = 255


#: raw counts, or counts that the source has corrected
type RawSpectra = NDArray[np.uint16] | NDArray[np.float32]


class PulseSelector(Protocol):
    """Chooses pulses of a train by their numbers and their light."""

    @property
    def needs_light(self) -> bool:
        """Whether it chooses none where the light is not known."""

    def selects(self, numbers: ArrayLike,
                light: NDArray[np.uint8] | None = None) -> NDArray[np.bool_]:
        """(P,) bool, True for pulses that are chosen."""


class Code(IntEnum):
    """Label of a pulse that has no class; class indices are >= 0."""
    UNKNOWN = -1          # eligible, but no class is sure enough
    LOW_INTENSITY = -2    # rejected: below the gate
    SATURATED = -3        # rejected: saturated or switched strips
    BAD_DATA = -4         # rejected: never received, NaN, Inf, absurd
    SKIPPED = -5          # not processed (too late, not selected, padding)


@dataclass(frozen=True, eq=False)
class Axis:
    """Position of every channel.

    Attributes
    ----------
    values
        (channels,), finite and strictly increasing; read-only.
    quantity
        "energy", "two_theta" or "channel".
    unit
        Unit of `values`.

    Raises
    ------
    InputError
        For fewer than 2 values, or values that are not finite or not
        increasing.
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

    def __repr__(self) -> str:
        return f"<Axis: {len(self)} channels, {axis_words(self)}>"

    @property
    def label(self) -> str:
        """Name with the unit, for the axis of a plot."""
        name = {"two_theta": "2 theta", "unknown": "position"}.get(
            self.quantity, self.quantity.replace("_", " "))
        return name if self.quantity == self.unit else f"{name} ({self.unit})"

    @property
    def step(self) -> float:
        """Mean distance between neighbouring channels, in `unit`."""
        return float(self.values[-1] - self.values[0]) / (len(self) - 1)

    def mismatch(self, other: Self) -> str:
        """Return how `other` differs from this axis; "" if it does not.

        Positions may differ by `AXIS_TOLERANCE` of a step.
        """
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
        """Return the axis of plain channel numbers 0 ... count - 1."""
        return cls(np.arange(count, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Train:
    """The spectra of one train.

    Attributes
    ----------
    train_id
        0 where there is none.
    spectra
        (pulses, channels), C order, read-only. NaN and Inf are allowed: such a
        pulse becomes BAD_DATA, as does one with a magnitude above `LARGEST`.
    pulse_ids
        (pulses,).
    verdicts
        (pulses,): 0 where the pulse is to be classified, else the `Code` that
        the source has determined (frame never received, strip in another gain
        stage, pulse not selected).
    light
        (pulses,) bits `XRAY` and `LASER`; None where not known.
    """
    train_id: int
    spectra: RawSpectra
    pulse_ids: NDArray[np.uint64]
    verdicts: NDArray[np.int8]
    light: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "spectra", read_only(self.spectra))

    @property
    def pulses(self) -> int:
        """Number of pulses."""
        return len(self.spectra)


def read_only[Values: NDArray[np.generic]](values: Values) -> Values:
    """Return a view that cannot be written.

    To the compiler it is another type than an array that can: all spectra have
    the one for which kernels are compiled in advance.
    """
    view = values.view()
    view.flags.writeable = False
    return view


def make_train(train_id: int, spectra: ArrayLike,
               pulse_ids: ArrayLike | None = None,
               verdicts: ArrayLike | None = None,
               channels: int | None = None,
               light: ArrayLike | None = None) -> Train:
    """Return a validated `Train`.

    uint16 and float32 arrays are used without a copy if they are in C order
    and aligned (in a received buffer they may start at any byte); every other
    real type is converted to float32, where too large values become Inf.

    Parameters
    ----------
    train_id
        0 where there is none.
    spectra
        (P, channels), real numbers.
    pulse_ids
        (P,); 0 ... P - 1 if None.
    verdicts
        (P,) `Code`s or 0; all 0 if None.
    channels
        Expected number of channels, None for any.
    light
        (P,) bits `XRAY` and `LASER`, None where not known.

    Raises
    ------
    InputError
        For a wrong shape, type or number of channels.
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
    spectra = np.require(spectra, requirements=["C", "ALIGNED"])
    pulses = len(spectra)
    return Train(
        int(train_id), spectra,
        _per_pulse("pulse ids", pulse_ids, pulses, np.uint64,
                   np.arange(pulses, dtype=np.uint64)),
        _per_pulse("verdicts", verdicts, pulses, np.int8,
                   np.zeros(pulses, np.int8)),
        None if light is None else _per_pulse(
            "light", light, pulses, np.uint8, np.zeros(pulses, np.uint8)))


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
    """Labels of a train and the quantities that they are derived from.

    Attributes
    ----------
    pulse_ids
        (P,).
    label
        (P,) class index or `Code`.
    confidence
        (P,) in [0, 1]; 0 where there is no class score.
    scores
        (P, C), summing to 1 where a bin has voted, else 0.
    mixture
        (P, C) fractions of the training states, summing to 1 where defined,
        else 0.
    residual
        (P,) share of the norm of the spectrum that no mixture explains, 0 to
        1; NaN where undefined.
    intensity
        (P,) mean over valid channels of the dark-corrected spectrum; NaN where
        a value is not finite or too large.
    votes
        (P, B, C) vote of each bin: number of points for point-wise members,
        probabilities for others.
    model_id
        Of the model that was used.
    config_hash
        `Settings.hash` of the settings that were used.
    spiked
        Number of pulses in which spikes were interpolated.
    distance
        (P,) of the texture from the nearest class, NaN where undefined; None
        where it was not kept.
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
    spiked: int = 0
    distance: NDArray[np.float32] | None = None

    @property
    def pulses(self) -> int:
        """Number of pulses."""
        return len(self.label)

    def counts(self) -> dict[str, int]:
        """Return the number of pulses by result.

        Returns
        -------
        dict
            "classified" (class labels and UNKNOWN), "unknown",
            "low_intensity", "saturated", "bad_data" and "skipped". All but
            "unknown" add up to the number of pulses.
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
