"""A dark spectrum: recorded, validated and monitored.

A dark is the mean of frames without light. Frames that were taken with the
shutter open by mistake would subtract the sample from itself, so a dark is
rejected where it resembles a class (`objection`); and the dark in force is
compared with later pulses without light (`offset`).
"""
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..model_definition import ModelDefinition, Settings
from ..spectra import LARGEST, Code, Train, TrainResult
from .memory_cells import CellMeans, Darks
from .quality import gate

#: frames below which a mean is not worth its noise
MIN_FRAMES = 20
#: frames of one train that are added up, evenly spread: live trains wait
FRAMES = 512
#: correlation with a class reference from which light is suspected; noise
#: gives 1 / sqrt(channels), some 0.03
MAX_LIKENESS = 0.3
#: standard errors beyond which light is seen that fluctuates like a class
MAX_LIGHT = 4.
#: pulses without light that are needed to speak of the dark
MIN_BLANKS = 5
#: share of the gate by which a dark may be wrong
TOLERANCE = 0.5
#: blocks of the axis; one readout chip of ten reaches over three of them
BLOCKS, CHIP = 20, 2
#: channels below which a block carries no information
SMALLEST = 4


@dataclass(frozen=True, eq=False)
class Dark:
    """A recorded dark.

    Attributes
    ----------
    darks
        Of even and of odd memory cells where they differ.
    coupling
        (channels,) regression of each strip on the mean of its frame, 1 where
        all are equal.
    light
        (classes,) see `StrayLight.significance`.
    frames, trains
        Number of frames and trains in the mean.
    train_id
        Of the last train.
    """
    darks: Darks
    coupling: NDArray[np.float64]
    light: NDArray[np.float64]
    frames: int
    trains: int
    train_id: int

    @property
    def mean(self) -> NDArray[np.float32]:
        """(channels,) in raw units."""
        return self.darks.mean


class DarkSum:
    """Sums of the frames of a number of trains.

    Parameters
    ----------
    trains
        Number of trains wanted.
    references
        (classes, channels): light that must not be in the frames.
    """

    def __init__(self, trains: int, references: NDArray[np.float32]) -> None:
        channels = references.shape[1]
        self.wanted = trains
        self.trains = self.train_id = 0
        self._cells = CellMeans(channels)
        self._light = StrayLight(references)
        self._sum = np.zeros(channels)
        self._product = np.zeros(channels)
        self._level = self._square = 0.

    @property
    def complete(self) -> bool:
        """Whether it has all the trains wanted."""
        return self.trains >= self.wanted

    def add(self, train: Train) -> None:
        """Add a train; does nothing once complete.

        Frames that were not received, or have a value that is not finite or
        too large, are left out.
        """
        if self.complete:
            return
        good = ((train.verdicts == 0)
                | (train.verdicts == Code.LOW_INTENSITY))
        good = np.flatnonzero(good)
        # an odd step, so that both kinds of memory cells are among them
        good = good[::-(-len(good) // FRAMES) | 1]
        spectra = train.spectra[good].astype(np.float64)
        sound = (np.abs(spectra) <= LARGEST).all(axis=1)
        spectra, good = spectra[sound], good[sound]
        self._cells.add(spectra, good)
        spectra = _alike(spectra, good % 2)
        self._light.add(spectra)
        level = spectra.mean(axis=1)
        self._sum += spectra.sum(axis=0)
        self._product += level @ spectra
        self._level += level.sum()
        self._square += level @ level
        self.trains += 1
        self.train_id = train.train_id

    @property
    def frames(self) -> int:
        """Number of frames."""
        return self._cells.frames

    def result(self) -> Dark:
        """Return the dark.

        Raises
        ------
        ValueError
            With fewer than `MIN_FRAMES` frames.
        """
        if self.frames < MIN_FRAMES:
            raise ValueError(f"{self.frames} good frames in {self.trains} "
                             f"trains: a dark needs {MIN_FRAMES}")
        mean = self._sum / self.frames
        level = self._level / self.frames
        variance = self._square / self.frames - level ** 2
        covariance = self._product / self.frames - level * mean
        coupling = (covariance / variance if variance > 0
                    else np.ones(len(mean)))
        return Dark(self._cells.result(), coupling,
                    self._light.significance(), self.frames, self.trains,
                    self.train_id)


def _alike(spectra: NDArray[np.float64],
           kinds: NDArray[np.integer]) -> NDArray[np.float64]:
    """The frames (n, channels) of a train, as if two kinds had one mean."""
    found = spectra.copy()
    for kind in np.unique(kinds):
        own = kinds == kind
        found[own] += spectra.mean(axis=0) - spectra[own].mean(axis=0)
    return found


def objection(dark: Dark, definition: ModelDefinition,
              before: NDArray[np.float32] | None = None) -> str:
    """Return why a dark should not be used with a model, "" for no reason.

    Light is detected in four ways: the peaks of a class vary together from
    pulse to pulse, the strips vary with the whole frame, and the change from
    the previous dark resembles a class, or the difference of even and odd
    frames does, which see light in turn where there is beam in every second
    one. A quantity that is NaN is an
    objection.

    Parameters
    ----------
    before
        (channels,) the dark in force, or None.
    """
    brightest = int(np.argmax(dark.light))
    if not dark.light[brightest] <= MAX_LIGHT:
        return ("its frames rise and fall like "
                f"{definition.classes[brightest]!r} "
                f"({dark.light[brightest]:.0f} standard errors): is the "
                "shutter closed?")
    known = before is not None and len(before) == len(dark.mean)
    added = dark.mean - np.asarray(before, np.float64) if known else dark.mean
    cells = dark.darks.cells
    if cells is None:
        cells = np.zeros_like(dark.mean)
    for how, pattern in (("fluctuates like", dark.coupling),
                         ("looks like", added),
                         ("differs from frame to frame like", cells)):
        likeness = [_correlation(pattern, reference)
                    for reference in definition.references]
        best = int(np.argmax(likeness))
        if not likeness[best] <= MAX_LIKENESS:
            return (f"it {how} {definition.classes[best]!r} (correlation "
                    f"{likeness[best]:.2f}): is the shutter closed?")
    excess = float(added.mean()) if known else 0.
    if not abs(excess) <= definition.min_intensity:
        return (f"it lies {excess:+.1f} from the dark in force, more than "
                f"the gate of {definition.min_intensity:.1f}: is the shutter "
                "closed? If the pedestal has really moved, empty the "
                "property dark first")
    return ""


def offset(train: Train, result: TrainResult, definition: ModelDefinition,
           settings: Settings) -> float:
    """Return the present error of the dark in force, in raw units.

    Returns
    -------
    float
        Positive: median of pulses without light, above the dark. Negative: the
        lowest strips of pulses with light are below it, which no light
        explains. 0: neither is the case. NaN: not known.
    """
    if settings.dark is None:
        return np.nan
    blank = result.label == Code.LOW_INTENSITY
    light = np.flatnonzero(result.label >= Code.UNKNOWN)
    low = 0.
    if len(light):
        chosen = light[:: max(len(light) // 32, 1)]
        mean = train.spectra[chosen].mean(axis=0, dtype=np.float64)
        corrected = mean - settings.dark
        if settings.mask is not None:
            corrected = corrected[~np.asarray(settings.mask, bool)]
        low = min(float(np.percentile(corrected, 10)), 0.)
    if np.count_nonzero(blank) >= MIN_BLANKS:
        return float(np.median(result.intensity[blank])) if low == 0 else low
    return low if len(light) else np.nan


def misfit(value: float, definition: ModelDefinition,
           settings: Settings) -> str:
    """Return one sentence if the dark does not fit by this `offset`, else "".
    """
    limit = TOLERANCE * gate(definition, settings)
    if np.isnan(value) or abs(value) <= limit:
        return ""
    side = "above" if value > 0 else "below"
    return (f"the dark no longer fits: {abs(value):.1f} counts {side} it "
            f"without light, {limit:.1f} is allowed; record it again")


def _correlation(pattern: NDArray[np.floating],
                 reference: NDArray[np.floating]) -> float:
    """Pearson's, 0 where one of the two is flat, NaN where one is."""
    a = pattern - np.mean(pattern)
    b = reference - np.mean(reference, dtype=np.float64)
    norm = np.sqrt((a @ a) * (b @ b))
    return 0. if norm == 0 else float(a @ b / norm)


class StrayLight:
    """Sums of frames projected on class `references` (C, channels)."""

    def __init__(self, references: NDArray[np.floating]) -> None:
        references = np.asarray(references, np.float64)
        classes, channels = references.shape
        edges = np.linspace(0, channels, 1 + max(
            min(BLOCKS, channels // SMALLEST), 1)).astype(int)
        self._parts = [(start, stop, np.stack([
            _level(reference[start:stop]) for reference in references],
            axis=1)) for start, stop in pairwise(edges)]
        self._products = np.zeros((classes, *2 * (len(self._parts),)))
        self._degrees = 0

    def add(self, frames: NDArray[np.float64]) -> None:
        """Add the frames (n, channels) of one train; all finite."""
        if len(frames) < 2:
            return
        seen = np.stack([frames[:, start:stop] @ part
                         for start, stop, part in self._parts], axis=2)
        # what is common to the train is no pulse energy
        seen = (seen - seen.mean(axis=0)).transpose(1, 0, 2)
        self._products += seen.transpose(0, 2, 1) @ seen
        self._degrees += len(frames) - 1

    def significance(self) -> NDArray[np.float64]:
        """Return by how many standard errors each class (C,) is detected."""
        power = np.array([np.square(part).sum(axis=0)
                          for *_, part in self._parts])     # (blocks, C)
        number = np.arange(len(power))
        apart = abs(number[:, None] - number) > CHIP
        return np.array([_significance(product, own, apart, self._degrees)
                         for product, own in zip(self._products, power.T,
                                                 strict=True)])


def _level(part: NDArray[np.float64]) -> NDArray[np.float64]:
    """A part of a reference without its mean and slope."""
    place = np.linspace(-1, 1, len(part))
    part = part - part.mean()
    return part - place * (place @ part) / (place @ place)


def _significance(product: NDArray[np.float64], power: NDArray[np.float64],
                  apart: NDArray[np.bool_], degrees: int) -> float:
    if not np.isfinite(product).all():
        return float("nan")
    spread = np.sqrt(np.diag(product))
    good = spread > 0
    apart = apart & good & good[:, None]
    if not apart.any():
        return 0.
    scale = np.where(good, spread, 1.)
    # of a correlation that light causes, and of its noise
    weight = np.outer(power / scale, power / scale) * apart
    alike = product / np.outer(scale, scale)
    return float(np.sqrt(degrees / 2) * (weight * alike).sum()
                 / np.sqrt(np.square(weight).sum()))
