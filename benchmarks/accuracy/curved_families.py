"""Families of simulated spectra whose classes have curved boundaries.

What differs between spectra of one experiment is a few hidden quantities
(temperature, composition, ...), of which each changes heights and places of
peaks. Classes are regions of these quantities that no plane separates: an
inside and an outside, a pattern of quarters, stripes, or several places each.
Everything is drawn by seed; the seeds are divided as in `families`.
"""
from dataclasses import dataclass

import families
import numpy as np

KINDS = ("rings", "quarters", "stripes", "places")
#: share of the spread of the hidden quantities that lies between classes
GAP = 0.08


@dataclass(frozen=True, eq=False)
class Curved:
    """The constants of one family.

    Attributes
    ----------
    base
        Disturbances and photons; its means are those of the quiet state.
    centre, width, height : (K,)
        Peaks, in channels and counts.
    heights, places : (K, D)
        How heights (relative) and places (in widths) follow the hidden
        quantities.
    kind
        One of `KINDS`.
    classes
        Number of classes.
    spots : (M, D)
        Places of the classes in turn, of kind "places".
    """
    base: families.Family
    centre: np.ndarray
    width: np.ndarray
    height: np.ndarray
    heights: np.ndarray
    places: np.ndarray
    kind: str
    classes: int
    spots: np.ndarray

    def draw(self, counts, random):
        """(spectra (N, n), labels (N,)) of so many of each class."""
        wanted = np.array(counts)
        hidden, labels = [], []
        while wanted.sum():
            some = random.uniform(-1, 1, (2000, self.heights.shape[1]))
            given = self.label(some)
            for c in range(self.classes):
                mine = some[given == c][:wanted[c]]
                hidden.append(mine)
                labels.append(np.full(len(mine), c))
                wanted[c] -= len(mine)
        hidden, labels = np.concatenate(hidden), np.concatenate(labels)
        order = random.permutation(len(labels))
        return self.spectra(hidden[order], random), labels[order]

    def label(self, hidden):
        """Class (N,) of hidden quantities (N, D), -1 between classes."""
        if self.kind == "places":
            distance = np.linalg.norm(hidden[:, None] - self.spots, axis=2)
            nearest = np.sort(distance, axis=1)
            sure = nearest[:, 1] - nearest[:, 0] > 2 * GAP
            return np.where(sure, distance.argmin(axis=1) % self.classes, -1)
        first, second = hidden[:, 0], hidden[:, 1]
        if self.kind == "quarters":
            sure = np.minimum(abs(first), abs(second)) > GAP
            return np.where(sure, (first * second > 0).astype(int), -1)
        if self.kind == "rings":
            scaled = self.classes * np.square(hidden[:, :2]).sum(axis=1)
        else:
            scaled = (first + 1) / 2 * (self.classes + 1)
        number = np.floor(scaled).astype(int)
        sure = abs(scaled - np.round(scaled)) > GAP
        if self.kind == "rings":
            return np.where(sure & (number < self.classes), number, -1)
        return np.where(sure, number % self.classes, -1)

    def spectra(self, hidden, random):
        """Spectra (N, n) for hidden quantities (N, D)."""
        place = np.arange(self.base.means.shape[1])
        clean = np.tile(self.base.means[0], (len(hidden), 1))
        heights = self.height * np.exp(hidden @ self.heights.T)
        centres = self.centre + self.width * (hidden @ self.places.T)
        for k, width in enumerate(self.width):
            clean += heights[:, k, None] * np.exp(-0.5 * np.square(
                (place - centres[:, k, None]) / width))
        return self.base.disturbed(clean, random)


def family(seed):
    """The `Curved` of a seed."""
    base = families.family(seed)
    random = np.random.default_rng((17, seed))
    channels = base.means.shape[1]
    peaks, hidden = int(random.integers(5, 15)), int(random.integers(2, 4))
    kind = str(random.choice(KINDS))
    classes = 2 if kind == "quarters" else int(random.integers(2, 5))
    effect = np.exp(random.uniform(np.log(0.3), np.log(1.)))
    touched = random.random((2, peaks, hidden)) < random.uniform(0.3, 0.8)
    background = 30 * np.exp(-np.arange(channels) / channels
                             * random.uniform(0, 3))
    quiet = families.replace(base, means=background[None],
                             photons=max(base.photons, 0.5))
    return Curved(
        quiet, random.uniform(0, channels, peaks),
        np.maximum(random.lognormal(np.log(channels / 60), 0.5, peaks), 1.),
        100 * random.gamma(1.5, 1., peaks),
        effect * touched[0] * random.normal(size=(peaks, hidden)),
        effect * touched[1] * random.normal(size=(peaks, hidden)),
        kind, classes, random.uniform(-1, 1, (3 * classes, hidden)))
