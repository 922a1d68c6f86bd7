"""The constants of a model, as the engine needs them; no files, no ONNX.

Order for one pulse: dark, mask, gate on the intensity, spikes, baseline,
normalisation, members, vote. Dark and mask belong to the run and are in
`Settings`; everything else is a constant of the model.
"""
from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigurationError, InputError
from .bins import Bins
from .limits import (
    MAX_AVERAGING,
    MAX_BINS,
    MAX_CHANNELS,
    MAX_ITERATIONS,
    MAX_SOLVES,
    MAX_VALUE,
    TEMPERATURES,
    check_classes,
)
from .spectra import LARGEST, Axis, PulseSelector

if TYPE_CHECKING:
    from .drift.reference import DriftReference
    from .engine.mean_spectrum import MeanRule
    from .engine.texture_distance import Texture
    from .engine.within_class_variation import Variation
    from .preprocessing.views import View

#: least share of valid strips of a model that was never asked how few it
#: bears (`ModelDefinition.min_valid_share`)
DEFAULT_VALID_SHARE = 0.9
BASELINE_MODES = ("none", "exact", "reduced")
NORMALISATIONS = ("none", "area", "snv", "monitor")


@dataclass(frozen=True)
class Baseline:
    """Asymmetric least squares (Eilers, Boelens 2005) or none.

    Attributes
    ----------
    mode
        One of `BASELINE_MODES`.
    lam
        Stiffness in channels^4; the length of the baseline is lam^(1/4)
        channels.
    p
        Weight of points above the baseline, between 0 and 1.
    iterations
        Number of solves.
    knot_step
        Distance of the knots in channels (mode "reduced").

    Raises
    ------
    ConfigurationError
        For a value outside of its limits.
    """
    mode: str = "none"
    lam: float = 1e5
    p: float = 0.002
    iterations: int = 10
    knot_step: int = 8

    def __post_init__(self) -> None:
        if self.mode not in BASELINE_MODES:
            raise ConfigurationError(f"baseline mode {self.mode!r}: use one "
                                     f"of {', '.join(BASELINE_MODES)}")
        if not (0 < self.lam <= MAX_VALUE and 0 < self.p < 1
                and 1 <= self.iterations <= MAX_ITERATIONS
                and 1 <= self.knot_step <= MAX_CHANNELS):
            raise ConfigurationError(
                f"baseline lam {self.lam:g}, p {self.p:g}, iterations "
                f"{self.iterations}, knot step {self.knot_step}: expected "
                f"lam > 0, 0 < p < 1, 1 to {MAX_ITERATIONS} iterations and "
                "knot step >= 1")


@dataclass(frozen=True)
class SpikeRule:
    """Limits above which a single strip is a spike (`preprocessing.spikes`).

    Attributes
    ----------
    counts
        By which it stands out of its neighbours, raw.
    roughness
        The same in units of the roughness of the spectrum.

    Raises
    ------
    ConfigurationError
        For a limit that is not positive and finite.
    """
    counts: float
    roughness: float

    def __post_init__(self) -> None:
        if not (0 < self.counts <= LARGEST and 0 < self.roughness <= LARGEST):
            raise ConfigurationError(
                f"spikes above {self.counts:g} counts and {self.roughness:g} "
                "times the roughness: expected two positive numbers")


@dataclass(frozen=True)
class Preprocessing:
    """Spikes, baseline subtraction and normalisation, in this order.

    Attributes
    ----------
    spikes
        None where spectra are taken as they are. It is applied to raw
        spectra, before pulses are averaged.
    normalisation
        "none"; "area": divided by the mean over the channels; "snv": mean
        subtracted, divided by the population standard deviation; "monitor":
        divided by the pulse energy, before everything else
        (`energy_normalisation.PerEnergy`).
    """
    baseline: Baseline = Baseline()
    normalisation: str = "none"
    spikes: SpikeRule | None = None

    def __post_init__(self) -> None:
        if self.normalisation not in NORMALISATIONS:
            raise ConfigurationError(
                f"normalisation {self.normalisation!r}: use one of "
                f"{', '.join(NORMALISATIONS)}")

    @property
    def of_spectrum(self) -> str:
        """The normalisation that needs only the spectrum."""
        return "none" if self.by_monitor else self.normalisation

    @property
    def by_monitor(self) -> bool:
        """Whether spectra are divided by the pulse energy."""
        return self.normalisation == "monitor"


@dataclass(frozen=True, eq=False)
class PointwiseMembers:
    """One ReLU network per bin on points (x, y): 2 - H - C.

    x is the axis value of the channel, y the preprocessed intensity. A point
    is counted for the largest logit, the first one in a tie.

    Attributes
    ----------
    w1, b1, w2, b2
        (B, 2, H), (B, H), (B, H, C), (B, C).
    """
    w1: NDArray[np.float32]
    b1: NDArray[np.float32]
    w2: NDArray[np.float32]
    b2: NDArray[np.float32]
    kind: ClassVar[Literal["pointwise"]] = "pointwise"

    def mass(self, bins: Bins) -> NDArray[np.float64]:
        """Return the total votes (B,) of each bin: its number of points."""
        return np.array([stop - start for start, stop in bins], np.float64)


@dataclass(frozen=True, eq=False)
class LinearMembers:
    """One linear classifier per bin on the whole bin vector.

    The votes of a bin are the softmax of coef @ y + intercept.

    Attributes
    ----------
    coef
        Per bin (C, stop - start).
    intercept
        (B, C).
    """
    coef: tuple[NDArray[np.float32], ...]
    intercept: NDArray[np.float32]
    kind: ClassVar[Literal["linear"]] = "linear"

    def mass(self, bins: Bins) -> NDArray[np.float64]:
        """Return the total votes (B,) of each bin: 1."""
        return np.ones(len(bins))


@dataclass(frozen=True, eq=False)
class MlpMembers:
    """One ReLU network per bin on the whole bin vector: N - H - C.

    The votes of a bin are the softmax of its logits.

    Attributes
    ----------
    w1, b1, w2, b2
        Per bin (N, H), (H,), (H, C), (C,).
    """
    w1: tuple[NDArray[np.float32], ...]
    b1: tuple[NDArray[np.float32], ...]
    w2: tuple[NDArray[np.float32], ...]
    b2: tuple[NDArray[np.float32], ...]
    kind: ClassVar[Literal["mlp"]] = "mlp"

    def mass(self, bins: Bins) -> NDArray[np.float64]:
        """Return the total votes (B,) of each bin: 1."""
        return np.ones(len(bins))


@dataclass(frozen=True, eq=False)
class ViewMembers:
    """Linear classifiers, each on one bin of one view of the spectrum.

    The votes of a bin are the softmax of coef @ view + intercept.

    Attributes
    ----------
    views
        The views that the members share.
    view_of
        (B,) index of the view of each bin.
    coef
        Per bin (C, F), F the channels of the bin, or the number of features of
        a texture view.
    intercept
        (B, C).
    texture
        Of the taught states, of which the distance has a limit; None where
        it has none.
    """
    views: tuple[View, ...]
    view_of: tuple[int, ...]
    coef: tuple[NDArray[np.float32], ...]
    intercept: NDArray[np.float32]
    texture: Texture | None = None
    kind: ClassVar[Literal["views"]] = "views"

    def mass(self, bins: Bins) -> NDArray[np.float64]:
        """Return the total votes (B,) of each bin: 1."""
        return np.ones(len(bins))


@dataclass(frozen=True)
class ForeignMembers:
    """A classifier that only ONNX Runtime can evaluate; one bin."""
    kind: ClassVar[Literal["foreign"]] = "foreign"

    def mass(self, bins: Bins) -> NDArray[np.float64]:
        """Return the total votes (B,) of each bin: 1."""
        return np.ones(len(bins))


type Members = (PointwiseMembers | LinearMembers | MlpMembers | ViewMembers
                | ForeignMembers)


@dataclass(frozen=True)
class Calibration:
    """Calibration of the confidence: softmax(scores / temperature).

    Attributes
    ----------
    temperature
        Within `limits.TEMPERATURES`.
    samples
        Number of calibration spectra of the rarest class. Below
        `CALIBRATED_FROM` the status is "uncalibrated".
    of
        "votes": of the scores themselves; "probabilities": of their
        logarithms, so that temperature 1 leaves averaged probabilities
        unchanged.
    doubt
        Share of a uniform distribution that is mixed in, because few spectra
        do not justify certainty; 0 to 1.
    """
    temperature: float = 0.25
    samples: int = 0
    of: str = "votes"
    doubt: float = 0.
    CALIBRATED_FROM: ClassVar[int] = 50

    def __post_init__(self) -> None:
        least, most = TEMPERATURES
        if not least <= self.temperature <= most:
            raise ConfigurationError(
                f"temperature {self.temperature}: expected {least:g} to "
                f"{most:g}; fit the calibration again")
        if self.of not in ("votes", "probabilities"):
            raise ConfigurationError(f"calibration of {self.of!r}: use votes "
                                     "or probabilities")
        if not 0 <= self.doubt <= 1:
            raise ConfigurationError(f"doubt {self.doubt}: expected 0 to 1")

    @property
    def status(self) -> str:
        """"calibrated" or "uncalibrated"."""
        return ("calibrated" if self.samples >= self.CALIBRATED_FROM
                else "uncalibrated")


@dataclass(frozen=True)
class MixtureError:
    """What mean fractions owe to the captures of the training.

    Attributes
    ----------
    errors
        (C,) root mean square error of the fraction of each class in captures
        that were left out, without their own noise; 0 or more.
    strengths
        (C,) relative error of the strength of each class; 0 or more.
    freedom
        Captures that these rest on, beyond one of each class; 1 or more.
    """
    errors: tuple[float, ...]
    strengths: tuple[float, ...]
    freedom: int

    def __post_init__(self) -> None:
        if len(self.errors) != len(self.strengths):
            raise InputError(f"{len(self.errors)} errors and "
                             f"{len(self.strengths)} strengths of a mixture")
        if not all(0 <= each <= MAX_VALUE
                   for each in (*self.errors, *self.strengths)):
            raise InputError(f"errors of a mixture {list(self.errors)}: each "
                             "must be finite and 0 or more")
        if self.freedom < 1:
            raise InputError("errors of a mixture rest on 1 capture or more")


@dataclass(frozen=True)
class UnknownRule:
    """Limits beyond which a label becomes UNKNOWN.

    It also becomes UNKNOWN in a tie of the best scores, or when no selected
    bin has any weight.

    Attributes
    ----------
    min_confidence
        0 to 1.
    max_residual
        0 or more; Inf for no limit.
    level
        Share of the spectra of trained states that the limits of residual and
        texture may call unknown together, for which they were found; None
        where they were not.
    max_distance
        Of the texture from the nearest class, 0 or more; Inf for no limit.
    """
    min_confidence: float = 0.
    max_residual: float = np.inf
    level: float | None = None
    max_distance: float = np.inf

    def __post_init__(self) -> None:
        if self.level is not None and not 0 < self.level < 1:
            raise ConfigurationError(f"unknown at a level of {self.level}: "
                                     "expected more than 0 and less than 1")
        if not (0 <= self.min_confidence <= 1 and self.max_residual >= 0
                and self.max_distance >= 0):
            raise ConfigurationError(
                f"unknown below confidence {self.min_confidence}, above "
                f"residual {self.max_residual} and texture distance "
                f"{self.max_distance}: expected 0 to 1, and 0 or more")


@dataclass(frozen=True, eq=False)
class ModelDefinition:
    """Everything that turns a preprocessed spectrum into a label.

    Attributes
    ----------
    classes
        Names in the order of the index.
    bins
        (start, stop) channel ranges; they may overlap.
    weights
        (B,) vote weight of each bin, 0 or more.
    references
        (C, channels) mean preprocessed spectrum of each class.
    min_intensity
        The gate: mean over channels of the raw data minus dark.
    saturation_level
        Raw value at which a strip is saturated, Inf for none.
    separability
        (B,) cross-validated skill above chance of each bin, NaN where not
        known; all NaN where None is given.
    min_valid_share
        Share of the strips, by their weight in the vote, that a mask must
        leave (`quality.valid_share`); with less, every pulse is bad data.
    untaught
        Numbers of strips without data of their own in training (masked, for
        example). They do not count for `min_valid_share`.
    averaging
        Number of pulses whose mean is classified (`averaging.apply`).
    drift, variation
        None in older models.
    strengths
        By which the fractions of the classes are divided
        (`mixture.strengths`), () for 1.
    mean_rule
        Limits of the mean of a train; it is compared with the spectra of
        `drift`. None where not known.
    mixture_error
        None where captures were not known.

    Raises
    ------
    InputError
        For anything that is inconsistent, too large or not finite.
    """
    model_id: str
    classes: tuple[str, ...]
    axis: Axis
    preprocessing: Preprocessing
    bins: Bins
    members: Members
    weights: NDArray[np.float64]
    references: NDArray[np.float32]
    min_intensity: float
    saturation_level: float = np.inf
    # None becomes an array of NaN
    separability: NDArray[np.float64] = None  # type: ignore[assignment]
    calibration: Calibration = Calibration()
    unknown: UnknownRule = UnknownRule()
    min_valid_share: float = DEFAULT_VALID_SHARE
    untaught: tuple[int, ...] = ()
    averaging: int = 1
    drift: DriftReference | None = None
    variation: Variation | None = None
    strengths: tuple[float, ...] = ()
    mean_rule: MeanRule | None = None
    mixture_error: MixtureError | None = None

    def __post_init__(self) -> None:
        weights = np.array(self.weights, np.float64)
        self._check_size()
        self._check_weights(weights)
        check_classes(self.classes)
        self._check_members()
        self._check_strips()
        if self.variation is not None:
            self.variation.check(len(self.axis))
        if self.mean_rule is not None:
            if self.drift is None:
                raise InputError("limits of the mean of a train without raw "
                                 "class spectra to compare it with")
            self.mean_rule.variation.check(len(self.axis))
            if self.mean_rule.lines is not None:
                self.mean_rule.lines.variation.check(len(self.axis))
        for start, stop in self.bins:
            if not 0 <= start < stop <= len(self.axis):
                raise InputError(f"bin {start} ... {stop} lies outside the "
                                 f"axis of {len(self.axis)} channels")
        self._check_levels()
        separability = (np.full(len(weights), np.nan)
                        if self.separability is None
                        else np.array(self.separability, np.float64))
        object.__setattr__(self, "weights", weights)
        object.__setattr__(self, "separability", separability)

    @property
    def texture(self) -> Texture | None:
        """Textures of the taught states, None without members on them."""
        return (self.members.texture
                if isinstance(self.members, ViewMembers) else None)

    def _check_size(self) -> None:
        channels, baseline = len(self.axis), self.preprocessing.baseline
        if channels > MAX_CHANNELS:
            raise InputError(f"{channels} channels: use {MAX_CHANNELS} or "
                             "fewer")
        if not 1 <= len(self.bins) <= MAX_BINS:
            raise InputError(f"{len(self.bins)} bins: use 1 to {MAX_BINS}")
        if not 1 <= self.averaging <= MAX_AVERAGING:
            raise InputError(f"averaging over {self.averaging} pulses: use 1 "
                             f"to {MAX_AVERAGING}")
        if (baseline.mode != "none"
                and baseline.iterations * channels > MAX_SOLVES):
            raise InputError(
                f"{baseline.iterations} solves of a baseline over {channels} "
                f"channels: use {MAX_SOLVES // channels} or fewer")

    def _check_weights(self, weights: NDArray[np.float64]) -> None:
        if weights.shape != (len(self.bins),):
            raise InputError(f"{weights.size} weights for {len(self.bins)} "
                             "bins")
        wrong = weights[~((weights >= 0) & (weights <= MAX_VALUE))]
        if wrong.size:
            raise InputError(f"bin weight {wrong[0]:g}: every weight must be "
                             "finite and not negative")

    def _check_levels(self) -> None:
        references = np.asarray(self.references)
        expected = len(self.classes), len(self.axis)
        if references.shape != expected:
            raise InputError(f"class references of shape {references.shape}, "
                             f"expected {expected}: one spectrum per class")
        if not (np.abs(references) <= MAX_VALUE).all():
            raise InputError("a class reference holds a value that is not "
                             "finite: leave such spectra out")
        if self.strengths and len(self.strengths) != len(self.classes):
            raise InputError(f"{len(self.strengths)} strengths for "
                             f"{len(self.classes)} classes")
        if not all(0 < each <= MAX_VALUE for each in self.strengths):
            raise InputError(f"strengths {list(self.strengths)}: each must be "
                             "finite and above 0")
        known = self.mixture_error
        if known is not None and len(known.errors) != len(self.classes):
            raise InputError(f"{len(known.errors)} errors of a mixture for "
                             f"{len(self.classes)} classes")
        if not abs(self.min_intensity) <= MAX_VALUE:
            raise InputError(f"minimum intensity {self.min_intensity}: "
                             "expected a finite number")
        if not self.saturation_level > -MAX_VALUE:
            raise InputError(f"saturation level {self.saturation_level}: "
                             "expected a number, or Inf for none")

    def _check_strips(self) -> None:
        if not 0 <= self.min_valid_share <= 1:
            raise InputError(f"min_valid_share is {self.min_valid_share}: "
                             "expected 0 to 1")
        for strip in self.untaught:
            if not 0 <= strip < len(self.axis):
                raise InputError(f"untaught strip {strip} is not one of 0 "
                                 f"... {len(self.axis) - 1}")

    def _check_members(self) -> None:
        # the largest of logits that are NaN would be the first class
        for name, parts in vars(self.members).items():
            for part in parts if isinstance(parts, tuple) else (parts,):
                if isinstance(part, np.ndarray) and not (
                        np.isfinite(part).all()):
                    raise InputError(f"{name} of the members holds a value "
                                     "that is not finite")
        texture = self.texture
        if texture is not None and isinstance(self.members, ViewMembers):
            texture.check(self.members.views, len(self.classes))
        if (texture is None) != bool(np.isinf(self.unknown.max_distance)):
            raise InputError(
                f"a limit of {self.unknown.max_distance:g} for the distance "
                f"of textures, {'none' if texture is None else 'some'} of "
                "which are known")


@dataclass(frozen=True, eq=False)
class Settings:
    """What an operator may change without loading another model; immutable.

    Attributes
    ----------
    selected_bins
        Bin numbers; empty for the choice of the model (every bin with a
        positive weight).
    min_confidence, min_intensity, saturation_level
        None for the value of the model.
    dark
        (channels,) in raw units, or None.
    mask
        (channels,) True where a strip is ignored, or None. A masked strip is
        replaced by linear interpolation of its valid neighbours before
        everything else.
    average_within
        Pulse patterns that a model of means must not mix.
    cells
        (channels,) by how much the dark of even memory cells lies above `dark`
        and that of odd ones below, or None. Engines are given trains without
        this difference, see `core.preprocessing.memory_cells`.
    """
    selected_bins: tuple[int, ...] = ()
    min_confidence: float | None = None
    min_intensity: float | None = None
    saturation_level: float | None = None
    dark: NDArray[np.float32] | None = None
    mask: NDArray[np.bool_] | None = None
    average_within: tuple[PulseSelector, ...] = ()
    cells: NDArray[np.float32] | None = None
    _hash: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        text = json.dumps([
            list(self.selected_bins), self.min_confidence,
            self.min_intensity, self.saturation_level,
            [repr(pattern) for pattern in self.average_within]]).encode()
        digest = hashlib.sha256(text)
        with np.errstate(over="ignore"):    # `validate` refuses it
            for array, dtype in (self.dark, "<f4"), (self.mask, "|b1"):
                digest.update(b"|" if array is None else
                              np.asarray(array).astype(dtype).tobytes())
            if self.cells is not None:      # others keep the hash they had
                digest.update(np.asarray(self.cells).astype("<f4").tobytes())
        object.__setattr__(self, "_hash", digest.hexdigest()[:16])

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that change with any setting."""
        return self._hash

    def validate(self, definition: ModelDefinition) -> None:
        """Check that the settings fit a model.

        Raises
        ------
        ConfigurationError
            Names the first setting that does not fit, and why.
        """
        count = len(definition.bins)
        for number in self.selected_bins:
            if not 0 <= number < count:
                raise ConfigurationError(
                    f"bin {number} is not one of 0 ... {count - 1}")
        if len(set(self.selected_bins)) < len(self.selected_bins):
            raise ConfigurationError("a bin is selected twice: "
                                     f"{list(self.selected_bins)}")
        if self.min_confidence is not None and not (
                0 <= self.min_confidence <= 1):
            raise ConfigurationError(
                f"minimum confidence {self.min_confidence}: expected 0 to 1")
        for name in "min_intensity", "saturation_level":
            value = getattr(self, name)
            if value is not None and np.isnan(value):
                raise ConfigurationError(f"{name} is NaN: expected a number")
        for name in "dark", "mask", "cells":
            array = getattr(self, name)
            if array is not None and np.shape(array) != (
                    len(definition.axis),):
                raise ConfigurationError(
                    f"{name} of shape {np.shape(array)} for an axis of "
                    f"{len(definition.axis)} channels")
        # in this order, so that NaN is refused
        if any(array is not None and not (
                np.abs(np.asarray(array, np.float64)) <= LARGEST).all()
               for array in (self.dark, self.cells)):
            raise ConfigurationError(
                "the dark holds a value that is not finite, or of a "
                f"magnitude above {LARGEST:g}: record it again")
        if self.mask is not None and np.asarray(self.mask).all():
            raise ConfigurationError("every strip is masked")


def active_weights(definition: ModelDefinition,
                   settings: Settings) -> NDArray[np.float64]:
    """Return the weight (B,) of each bin under the operator's selection."""
    if not settings.selected_bins:
        return definition.weights
    chosen = np.zeros(len(definition.bins), bool)
    chosen[list(settings.selected_bins)] = True
    return np.where(chosen, definition.weights, 0.)
