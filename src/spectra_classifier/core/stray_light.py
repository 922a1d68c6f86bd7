"""Is there light in frames that should be dark? By how they fluctuate.

The energy of X-ray pulses fluctuates, so light of a class makes all of its
peaks rise and fall together, also where its mean drowns in the pedestal. Each
frame is compared with the shape of the class in blocks of the axis; without
light, blocks far apart know nothing of each other, whatever the noise of the
strips: what a block, a readout chip or a whole train has in common drops out.
"""
from itertools import pairwise

import numpy as np

#: blocks of the axis; one readout chip of ten reaches over three of them
BLOCKS, CHIP = 20, 2
#: channels below which a block says nothing
SMALLEST = 4


class StrayLight:
    """Adds up frames against `references` (C, channels)."""

    def __init__(self, references):
        references = np.asarray(references, np.float64)
        classes, channels = references.shape
        edges = np.linspace(0, channels, 1 + max(
            min(BLOCKS, channels // SMALLEST), 1)).astype(int)
        self._parts = [(start, stop, np.stack([
            _level(reference[start:stop]) for reference in references],
            axis=1)) for start, stop in pairwise(edges)]
        self._products = np.zeros((classes, *2 * (len(self._parts),)))
        self._degrees = 0

    def add(self, frames):
        """Frames (n, channels) of one train, finite."""
        if len(frames) < 2:
            return
        seen = np.stack([frames[:, start:stop] @ part
                         for start, stop, part in self._parts], axis=2)
        # what is common to the train is no pulse energy
        seen = (seen - seen.mean(axis=0)).transpose(1, 0, 2)
        self._products += seen.transpose(0, 2, 1) @ seen
        self._degrees += len(frames) - 1

    def significance(self):
        """(C,) by how many standard errors each class is seen."""
        power = np.array([np.square(part).sum(axis=0)
                          for *_, part in self._parts])     # (blocks, C)
        number = np.arange(len(power))
        apart = abs(number[:, None] - number) > CHIP
        return np.array([_significance(product, own, apart, self._degrees)
                         for product, own in zip(self._products, power.T,
                                                 strict=True)])


def _level(part):
    """A part of a reference without its mean and slope."""
    place = np.linspace(-1, 1, len(part))
    part = part - part.mean()
    return part - place * (place @ part) / (place @ place)


def _significance(product, power, apart, degrees):
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
