"""Families of simulated spectra, everything about them drawn by seed.

A family is one experiment: an axis, peaks, classes that differ in some of
them, ways in which spectra of one class differ, and a number of photons.
Constants of `training/` may be chosen on the seeds of `DEVELOPMENT`; tables
are made of those of `KEPT`, which no choice has seen.
"""
from dataclasses import dataclass, replace

import numpy as np

DEVELOPMENT, KEPT = range(1000), range(53011, 53111)
#: kinds of spectra that were not taught
STRANGE = ("mirrored", "shuffled", "shifted", "new line", "foreign",
           "beyond")


@dataclass(frozen=True, eq=False)
class Family:
    """The constants of one family.

    Attributes
    ----------
    means : (C, n)
        Expected counts of each class.
    ways : (K, n)
        Shapes by which spectra of one class differ, in counts.
    gain, pedestal, slope, shift
        Spread of the intensity, of a constant and of a linear background in
        units of the mean counts, of the axis in channels.
    photons
        Counts of one photon are 1 / `photons`.
    noise
        Of every channel, in counts.
    """
    seed: int
    means: np.ndarray
    ways: np.ndarray
    gain: float
    pedestal: float
    slope: float
    shift: float
    photons: float
    noise: float

    @property
    def classes(self):
        return len(self.means)

    def spectra(self, labels, random):
        """One spectrum (N, n) for each of the `labels` (N,)."""
        return self.disturbed(self.means[labels], random)

    def disturbed(self, clean, random):
        """Recorded spectra (N, n) float32 of expected counts (N, n)."""
        channels = clean.shape[1]
        place = np.arange(channels)
        step = self.shift * random.normal(size=len(clean))
        clean = np.stack([np.interp(place + s, place, each)
                          for s, each in zip(step, clean, strict=True)])
        clean = clean + random.normal(
            size=(len(clean), len(self.ways))) @ self.ways
        clean = clean * random.lognormal(0, self.gain, (len(clean), 1))
        level = self.means.mean()
        clean = clean + level * (
            self.pedestal * random.normal(size=(len(clean), 1))
            + self.slope * random.normal(size=(len(clean), 1))
            * np.linspace(-1, 1, channels))
        shot = random.poisson(np.maximum(clean, 0) * self.photons)
        return (shot / self.photons + np.minimum(clean, 0) + self.noise
                * random.normal(size=clean.shape)).astype(np.float32)

    def draw(self, counts, random):
        """(spectra, labels) of so many spectra of each class, shuffled."""
        labels = np.repeat(np.arange(self.classes), counts)
        labels = random.permutation(labels)
        return self.spectra(labels, random), labels

    def strange(self, kind, count, random):
        """Spectra (`count`, n) of a kind that was not taught."""
        labels = random.integers(self.classes, size=count)
        if kind == "new line":
            place = np.arange(self.means.shape[1])
            centre = random.uniform(0.1, 0.9, (count, 1)) * len(place)
            width = random.uniform(1.5, 6, (count, 1))
            line = np.exp(-0.5 * ((place - centre) / width) ** 2)
            height = 0.1 * (self.means.max() - self.means.min())
            found = self.spectra(labels, random)
            return found + random.poisson(
                height * line * self.photons) / self.photons
        if kind == "foreign":
            other = family(self.seed + 50_000)
            place = np.linspace(0, 1, self.means.shape[1])
            there = np.linspace(0, 1, other.means.shape[1])
            means = np.stack([np.interp(place, there, each)
                              for each in other.means])
            shape = (means - means.mean()) / means.std()
            means = np.maximum(
                shape * self.means.std() + self.means.mean(), 0)
            return replace(self, means=means).spectra(
                random.integers(len(means), size=count), random)
        if kind == "beyond":        # what varies, far outside of its range
            way = (self.ways if len(self.ways) else self.means.mean()
                   * 0.1 * np.linspace(-1, 1, self.means.shape[1])[None])
            return replace(self, means=(
                self.means + 6 * way[random.integers(len(way))]
                * random.choice([-1, 1]))).spectra(labels, random)
        found = self.spectra(labels, random)
        if kind == "mirrored":
            return found[:, ::-1].copy()
        if kind == "shuffled":
            return np.stack([random.permutation(each) for each in found])
        return np.roll(found, found.shape[1] // 40, axis=1)


def family(seed, classes=None):
    """The `Family` of a seed; the number of classes is drawn, too, if None.
    """
    random = np.random.default_rng((16, seed))
    channels = int(random.choice([150, 300, 600]))
    drawn_classes = int(random.choice([2, 2, 3, 4, 5]))
    classes = drawn_classes if classes is None else classes
    place = np.arange(channels)

    def peaks(count):
        centre = random.uniform(0, channels, count)
        width = random.lognormal(np.log(channels / 60), 0.5, count)
        return centre, np.maximum(width, 1.), random.gamma(1.5, 1., count)

    def drawn(centre, width, height):
        return (height[:, None] * np.exp(-0.5 * (
            (place - centre[:, None]) / width[:, None]) ** 2)).sum(axis=0)

    centre, width, height = peaks(int(random.integers(4, 20)))
    background = random.uniform(0.1, 1.) * np.exp(
        -place / channels * random.uniform(0, 3))
    effect = np.exp(random.uniform(np.log(0.01), np.log(0.2)))
    means = []
    for _ in range(classes):
        changed = random.random(len(centre)) < random.uniform(0.2, 0.8)
        means.append(background + drawn(
            centre + changed * effect * random.normal(size=len(centre))
            * width, width, height * np.exp(
                changed * effect * random.normal(size=len(centre))))
            + (effect * drawn(*peaks(1)) if random.random() < 0.3 else 0))
    ways = []
    for _ in range(int(random.integers(0, 4))):
        smooth = random.random() < 0.5
        way = (np.sin(place / channels * np.pi * random.uniform(1, 6)
                      + random.uniform(0, 6)) * random.uniform(0.02, 0.1)
               if smooth else drawn(*peaks(2)) * random.uniform(0.02, 0.2))
        ways.append(way)
    scale = 100.
    photons = np.exp(random.uniform(np.log(0.1), np.log(30.)))
    return Family(
        seed, scale * np.array(means),
        scale * np.array(ways).reshape(-1, channels),
        random.uniform(0, 0.4), random.uniform(0, 0.05),
        random.uniform(0, 0.05), random.uniform(0, 0.5), photons,
        random.uniform(0, 3.))
