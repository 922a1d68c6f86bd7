"""A dark spectrum from the beam: averaged, doubted, and watched.

A dark is the mean of frames without light. Frames that were taken with the
shutter open by mistake would subtract the sample from itself, so a dark is
refused where it looks like what the model knows (`objection`); and a dark in
force is compared with what pulses without light say later (`offset`).
"""
from dataclasses import dataclass

import numpy as np

from .quality import gate
from .spectra import LARGEST, Code
from .stray_light import StrayLight

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


@dataclass(frozen=True, eq=False)
class Dark:
    """`mean` (channels,) float32 in raw units, over `frames` frames of
    `trains` trains up to `train_id`; `coupling` (channels,) float64: by how
    much a strip moves with the mean of its frame, 1 where all move alike;
    `light` (classes,): see `StrayLight.significance`."""
    mean: np.ndarray
    coupling: np.ndarray
    light: np.ndarray
    frames: int
    trains: int
    train_id: int


class DarkSum:
    """Adds up the frames of so many trains.

    `references` (classes, channels): the light that must not be in them.
    """

    def __init__(self, trains, references):
        channels = references.shape[1]
        self.wanted = trains
        self.trains = self.frames = self.train_id = 0
        self._light = StrayLight(references)
        self._sum = np.zeros(channels)
        self._product = np.zeros(channels)
        self._level = self._square = 0.

    @property
    def complete(self):
        return self.trains >= self.wanted

    def add(self, train):
        """A `Train`; frames that never came are left out, and those with a
        value that is not finite or too large.
        """
        if self.complete:
            return
        good = ((train.verdicts == 0)
                | (train.verdicts == Code.LOW_INTENSITY))
        good = np.flatnonzero(good)
        good = good[::-(-len(good) // FRAMES) or 1]
        spectra = train.spectra[good].astype(np.float64)
        spectra = spectra[(np.abs(spectra) <= LARGEST).all(axis=1)]
        self._light.add(spectra)
        level = spectra.mean(axis=1)
        self._sum += spectra.sum(axis=0)
        self._product += level @ spectra
        self._level += level.sum()
        self._square += level @ level
        self.frames += len(spectra)
        self.trains += 1
        self.train_id = train.train_id

    def result(self):
        """The `Dark`; `ValueError` with fewer than `MIN_FRAMES` frames."""
        if self.frames < MIN_FRAMES:
            raise ValueError(f"{self.frames} good frames in {self.trains} "
                             f"trains: a dark needs {MIN_FRAMES}")
        mean = self._sum / self.frames
        level = self._level / self.frames
        variance = self._square / self.frames - level ** 2
        covariance = self._product / self.frames - level * mean
        coupling = (covariance / variance if variance > 0
                    else np.ones(len(mean)))
        return Dark(mean.astype(np.float32), coupling,
                    self._light.significance(), self.frames, self.trains,
                    self.train_id)


def objection(dark, definition, before=None):
    """Why a `Dark` should not be used with a model, "" for nothing; what is
    not known (NaN) speaks against it.

    `before`: the dark in force, (channels,) or None. Light is seen in three
    ways: the peaks of a class rise and fall together from pulse to pulse, so
    do its strips with the whole frame, and what was added to the dark before
    looks like a class.
    """
    brightest = int(np.argmax(dark.light))
    if not dark.light[brightest] <= MAX_LIGHT:
        return ("its frames rise and fall like "
                f"{definition.classes[brightest]!r} "
                f"({dark.light[brightest]:.0f} standard errors): is the "
                "shutter closed?")
    known = before is not None and len(before) == len(dark.mean)
    added = dark.mean - np.asarray(before, np.float64) if known else dark.mean
    for how, pattern in (("fluctuates like", dark.coupling),
                         ("looks like", added)):
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


def offset(train, result, definition, settings):
    """By how much the dark in force is wrong now, in raw units; NaN: unknown.

    Positive: pulses without light still lie above it (their median).
    Negative: the lowest strips of pulses with light lie below it, which no
    light explains. 0: neither is seen.
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


def misfit(value, definition, settings):
    """One sentence where an `offset` says that the dark does not fit, ""."""
    limit = TOLERANCE * gate(definition, settings)
    if np.isnan(value) or abs(value) <= limit:
        return ""
    side = "above" if value > 0 else "below"
    return (f"the dark no longer fits: {abs(value):.1f} counts {side} it "
            f"without light, {limit:.1f} may be; take it anew")


def _correlation(pattern, reference):
    """Pearson's, 0 where one of the two is flat, NaN where one is."""
    a = pattern - np.mean(pattern)
    b = reference - np.mean(reference, dtype=np.float64)
    norm = np.sqrt((a @ a) * (b @ b))
    return 0. if norm == 0 else float(a @ b / norm)
