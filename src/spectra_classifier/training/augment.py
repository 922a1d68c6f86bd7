"""Copies of training spectra with noise."""
import numpy as np

from .options import PUBLISHED_CURVES

#: noise width over largest intensity in the published training: 1/12 of 46
_RELATIVE_WIDTH = 1 / 550


def copies_for(spectra):
    """Copies of each of `spectra` curves that make about 44 in all."""
    return max(round(PUBLISHED_CURVES / spectra) - 1, 0)


def noise_width(spectra, options):
    """Width of the uniform noise in preprocessed units."""
    if options.noise_width is not None:
        return options.noise_width
    return _RELATIVE_WIDTH * float(np.abs(spectra).max())


def augment(spectra, labels, options, random):
    """(spectra, labels) with noisy copies behind: ((copies + 1) K, n).

    "zero-mean": the originals, then copies with uniform noise of that width
    around 0. "published": noise in [0, width) was written into the originals
    themselves, so that the first two blocks are original + noise and the
    others carry a second draw on top.
    """
    copies = (copies_for(len(spectra)) if options.copies is None
              else options.copies)
    width = noise_width(spectra, options)

    def draw():
        return width * random.random(spectra.shape)

    if options.noise == "published" and copies:
        base = spectra + draw()
        blocks = [base, base] + [base + draw() for _ in range(copies - 1)]
    else:
        blocks = [spectra] + [spectra + draw() - width / 2
                              for _ in range(copies)]
    return (np.concatenate(blocks).astype(np.float32),
            np.tile(labels, copies + 1))
