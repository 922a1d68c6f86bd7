"""State of the captures of an interactive training.

Pure: the devices ask these functions for the next step and its message.
"""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from .model_definition import Settings
from .preprocessing.quality import assess
from .spectra import Code, Train

#: pulses below this share of the typical intensity are blank
DIM = 0.2
#: captures with less are of no use for training
FEWEST_TRAINS, FEWEST_PULSES = 3, 20
#: captures of every class that separate drift from the sample
CYCLES = 2
MOST_CLASSES = 8
LONGEST_NAME = 40
#: names that mean something else on the screens
RESERVED = ("unknown", "dark")
#: what the counts of the pulses left out are called
REASONS = MappingProxyType({
    Code.LOW_INTENSITY: "low intensity", Code.SATURATED: "saturated",
    Code.BAD_DATA: "bad data", Code.SKIPPED: "not selected"})


@dataclass(frozen=True)
class Tally:
    """Used pulses of a train or a capture, and the others by reason.

    Attributes
    ----------
    used
        Number of pulses.
    intensity
        Mean counts above the dark of the used pulses, 0 without any.
    left_out
        Number of pulses by reason; has all of `REASONS`.
    """
    used: int = 0
    intensity: float = 0.
    left_out: Mapping[str, int] = MappingProxyType(
        dict.fromkeys(REASONS.values(), 0))

    def __add__(self, other: Self) -> Self:
        used = self.used + other.used
        return replace(self, used=used, intensity=(
            self.used * self.intensity + other.used * other.intensity)
            / max(used, 1), left_out=MappingProxyType({
                reason: self.left_out[reason] + other.left_out[reason]
                for reason in self.left_out}))


@dataclass(frozen=True)
class Capture:
    """Spectra of one class, taken without interruption.

    Attributes
    ----------
    wanted
        Number of trains requested.
    problem
        Why it has fewer trains, or cannot be used; "" for no problem.
    kept
        Whether it takes part in the training.
    dark
        Whether a dark spectrum was subtracted.
    time
        ISO time of its first train.
    chosen
        Whether it was named as a cluster of its own spectra: its class was
        chosen by the data.
    """
    number: int
    sample_class: str
    wanted: int
    trains: int = 0
    tally: Tally = Tally()
    channels: int = 0
    dark: bool = False
    time: str = ""
    kept: bool = True
    problem: str = ""
    chosen: bool = False

    @property
    def complete(self) -> bool:
        """Whether it has all the trains requested."""
        return self.trains >= self.wanted

    def with_train(self, tally: Tally, channels: int) -> Self:
        """Return the capture after one more train."""
        return replace(self, trains=self.trains + 1, channels=channels,
                       tally=self.tally + tally)

    def discarded(self, why: str) -> Self:
        """Return the capture, excluded from the training for the reason `why`.
        """
        return replace(self, kept=False, problem=why)


def usable(train: Train, dark: NDArray[np.float32] | None,
           mask: NDArray[np.bool_] | None, saturation: float, cut: float,
           typical: float) -> tuple[NDArray[np.bool_], Tally, float]:
    """Select the pulses of a train that a capture can use.

    Parameters
    ----------
    train
        Raw counts.
    dark, mask
        As in `Settings`.
    saturation
        Raw value from which a strip is saturated.
    cut
        Mean above the dark below which a pulse is blank. Negative: `DIM` times
        the typical intensity.
    typical
        Typical intensity of the trains before. The median of this train
        replaces it where that is larger.

    Returns
    -------
    good : NDArray[np.bool_]
        (P,) True for pulses that are used; the codes are those of
        `quality.assess`.
    tally : Tally
    typical : float
    """
    def judged(limit: float) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
        return assess(train, None, Settings(
            min_intensity=limit, saturation_level=saturation, dark=dark,
            mask=mask))

    verdicts, intensity = judged(-np.inf)
    good = verdicts == 0
    if good.any():
        typical = max(typical, float(np.median(intensity[good])))
    verdicts, intensity = judged(cut if cut >= 0 else DIM * typical)
    good = verdicts == 0
    return good, Tally(
        int(np.count_nonzero(good)),
        float(intensity[good].mean()) if good.any() else 0.,
        MappingProxyType({
            reason: int(np.count_nonzero(verdicts == code))
            for code, reason in REASONS.items()})), typical


def kept(captures: Iterable[Capture]) -> tuple[Capture, ...]:
    """Return the captures that take part in the training."""
    return tuple(each for each in captures if each.kept)


def classes(captures: Iterable[Capture]) -> tuple[str, ...]:
    """Return the kept classes, in the order of their first capture."""
    return tuple(dict.fromkeys(each.sample_class for each in kept(captures)))


def cycles(captures: Iterable[Capture]) -> int:
    """Return the smallest number of kept captures of any class."""
    names = [each.sample_class for each in kept(captures)]
    return min((names.count(name) for name in set(names)), default=0)


def in_turn(names: Sequence[str]) -> bool:
    """Return whether classes alternate enough for drift not to look like them.

    At every time the captures of each class should be those due by then. The
    squares by which they are ahead or behind, summed over time, are what a
    drift that wanders adds to the difference of the classes; they may not
    exceed the mean over all orders of the same captures. That is what a test
    supposes that compares with captures given other classes.

    Parameters
    ----------
    names
        Class of each capture, in order of time.
    """
    taken = np.arange(1, len(names))
    found = expected = 0.
    for name in dict.fromkeys(names):
        own = np.array([each == name for each in names])
        share = own.mean()
        ahead = np.cumsum(own)[:-1] - share * taken
        # of drawing without replacement, in units of the captures of a class
        spread = share * (1 - share) * taken * (len(names) - taken) / max(
            len(names) - 1, 1)
        found += np.square(ahead).sum() / own.sum() ** 2
        expected += spread.sum() / own.sum() ** 2
    return bool(found <= expected * (1 + 1e-9))


def next_class(captures: Sequence[Capture]) -> str:
    """Return the class to be captured next; "" where the operator chooses."""
    names = classes(captures)
    if len(names) < 2:
        return ""
    taken = [each.sample_class for each in kept(captures)]
    fewest = min(map(taken.count, names))
    after = (names.index(taken[-1]) + 1) % len(names)
    order = names[after:] + names[:after]
    return next(name for name in order if taken.count(name) == fewest)


def guidance(captures: Sequence[Capture]) -> str:
    """Return one sentence for the operator: what to do next."""
    names = classes(captures)
    if not names:
        return ("Name the state that the sample is in (className), then "
                "capture it")
    if len(names) == 1:
        return (f"{names[0]!r} is captured. Change the sample, name its new "
                "state, then capture it")
    following, done = next_class(captures), cycles(captures)
    if done >= CYCLES and len({
            [e.sample_class for e in kept(captures)].count(name)
            for name in names}) == 1:
        return (f"{done} cycles of {', '.join(names)} are captured: train, "
                f"or capture {following!r} for a further cycle")
    return (f"Bring the sample to {following!r} and capture it; captures in "
            "turn tell the sample from drift")


def refusal_to_capture(name: str, captures: Sequence[Capture]) -> str:
    """Return why no capture of class `name` can be taken; "" if one can."""
    if not name.strip() or name != name.strip():
        return (f"className is {name!r}: name the state that the sample is "
                "in, without blanks around it")
    if len(name) > LONGEST_NAME or not name.isprintable():
        return (f"className has {len(name)} characters: at most "
                f"{LONGEST_NAME} printable ones")
    if name.lower() in RESERVED:
        return (f"className {name!r} means something else here: call the "
                "state by another name")
    known = classes(captures)
    if name not in known and len(known) >= MOST_CLASSES:
        return (f"{name!r} would be class {len(known) + 1}: a model has at "
                f"most {MOST_CLASSES}; discard captures first")
    return ""


def misfit(captures: Iterable[Capture], channels: int) -> str:
    """Return why a train of so many channels does not match the kept captures.

    "" where it matches.
    """
    for each in kept(captures):
        if each.channels and each.channels != channels:
            return (f"{channels} channels, but capture {each.number} of "
                    f"{each.sample_class!r} has {each.channels}: discard "
                    "the captures of the other source, or connect it again")
    return ""


def refusal_to_train(captures: Sequence[Capture]) -> str:
    """Return why no model can be trained from the captures; "" if one can."""
    names = classes(captures)
    if not names:
        return "there is no capture yet: capture every state of the sample"
    if len(names) == 1:
        return (f"there is one class ({names[0]!r}): a classifier needs at "
                "least two; change the sample, name its state, capture it")
    for each in kept(captures):
        where = f"capture {each.number} of {each.sample_class!r}"
        if each.trains < FEWEST_TRAINS:
            return (f"{where} has too few trains ({each.trains}, at least "
                    f"{FEWEST_TRAINS}): discard it and capture it again")
        if each.tally.used < FEWEST_PULSES:
            lost = ", ".join(f"{count} {reason}" for reason, count
                             in each.tally.left_out.items() if count)
            return (f"{where} has too few usable pulses "
                    f"({each.tally.used}, at least {FEWEST_PULSES}; left "
                    f"out: {lost or 'none'}): discard it and capture it again "
                    "with beam")
        problem = misfit(captures, each.channels)
        if problem:
            return f"{where} has {problem}"
    return ""
