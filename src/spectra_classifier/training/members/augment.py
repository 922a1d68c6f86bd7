"""Copies of training spectra: with noise, or as the instrument makes them.
"""
import numpy as np
from numpy.typing import NDArray

from ...core.preprocessing.preprocess import preprocess
from ..options import PUBLISHED_CURVES, TrainingOptions
from .fitted import Task

#: noise width over largest intensity in the published training: 1/12 of 46
_RELATIVE_WIDTH = 1 / 550


def copies_for(spectra: int) -> int:
    """Copies of each of `spectra` curves that make about 44 in all."""
    return max(round(PUBLISHED_CURVES / spectra) - 1, 0)


def noise_width(spectra: NDArray[np.float32],
                options: TrainingOptions) -> float:
    """Width of the uniform noise in preprocessed units."""
    if options.noise_width is not None:
        return options.noise_width
    return _RELATIVE_WIDTH * float(np.abs(spectra).max())


def augment(
        spectra: NDArray[np.float32], labels: NDArray[np.int64],
        options: TrainingOptions,
        random: np.random.Generator,
        ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Spectra with noisy copies appended.

    "zero-mean": the originals, then copies with uniform noise of that width
    around 0. "published": noise in [0, width) was written into the originals
    themselves, so that the first two blocks are original + noise and the
    others carry a second draw on top.

    Parameters
    ----------
    spectra : (K, n)
        Preprocessed.
    labels : (K,)
        Class indices.

    Returns
    -------
    spectra : ((copies + 1) K, n)
    labels : ((copies + 1) K,)
    """
    copies = (copies_for(len(spectra)) if options.copies is None
              else options.copies)
    width = noise_width(spectra, options)

    def draw() -> NDArray[np.float64]:
        return width * random.random(spectra.shape)

    if options.noise == "published" and copies:
        base = spectra + draw()
        blocks = [base, base] + [base + draw() for _ in range(copies - 1)]
    else:
        blocks = [spectra.astype(np.float64)] + [
            spectra + draw() - width / 2 for _ in range(copies)]
    return (np.concatenate(blocks).astype(np.float32),
            np.tile(labels, copies + 1))


def with_variants(
        task: Task, rows: NDArray[np.int64],
        options: TrainingOptions,
        ) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The spectra `rows` of a task, with `variants` of each appended.

    Returns
    -------
    spectra : ((variants + 1) K, n)
        Preprocessed; the variants as `vary` makes them.
    labels : ((variants + 1) K,)
    """
    spectra, labels = task.spectra[rows], task.labels[rows]
    if not options.variants:
        return spectra, labels
    random = np.random.default_rng(options.seed)
    raw = np.concatenate([vary(task.raw[rows], options, random)
                          for _ in range(options.variants)])
    return (np.concatenate([spectra, preprocess(
        raw, options.preprocessing())]),
        np.tile(labels, options.variants + 1))


def vary(raw: NDArray[np.number], options: TrainingOptions,
         random: np.random.Generator) -> NDArray[np.float64]:
    """Raw spectra (N, n) as the same sample gives them on another day.

    A shift of the axis by up to `shift` channels (linear interpolation), a
    gain (log-normal, `gain`), a pedestal and a slope of up to `pedestal` and
    `slope` of the highest intensity. Nothing that could make another state:
    no line is moved against another, none is broadened.
    """
    raw = np.asarray(raw, np.float64)
    count, channels = raw.shape
    place = np.arange(channels)

    def share(largest: float) -> NDArray[np.float64]:
        return random.uniform(-largest, largest, (count, 1))

    moved = np.stack([np.interp(place + step, place, spectrum)
                      for spectrum, step in zip(
                          raw, share(options.shift)[:, 0], strict=True)])
    top = np.abs(raw).max(axis=1, keepdims=True)
    return (moved * random.lognormal(0, options.gain, (count, 1))
            + top * (share(options.pedestal)
                     + share(options.slope) * np.linspace(-1, 1, channels)))
