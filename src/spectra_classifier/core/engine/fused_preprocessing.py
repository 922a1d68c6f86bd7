"""Raw counts to preprocessed spectra with compiled kernels.

The fast counterpart of `preprocessing.preprocess`; see `kernels.blocks` for
what happens to a block of spectra.
"""
from collections import deque

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..model_definition import NORMALISATIONS, Baseline, Preprocessing
from ..preprocessing import baseline as rules
from ..preprocessing.preprocess import bridge
from ..spectra import RawSpectra
from .kernels import blocks, plans
from .kernels.plans import Run, Scratch
from .within_class_variation import Comparison


class FusedPreprocessing:
    """Constants of a preprocessing, and scratch arrays for its shards.

    Parameters
    ----------
    references
        (C, channels) that spectra are projected on, None for none.
    hidden
        Units of the widest hidden layer of the members.
    comparison
        For the residual without the variation within a class.
    """

    def __init__(self, preprocessing: Preprocessing, channels: int,
                 references: NDArray[np.float32] | None = None,
                 hidden: int = 1,
                 comparison: Comparison | None = None) -> None:
        baseline = preprocessing.baseline
        rules.check(baseline)
        none = np.zeros(0, np.int64)
        if references is None:
            references = np.zeros((0, channels), np.float32)
        self._hidden = hidden
        self._constant = plans.Run(
            dark=np.zeros(channels, np.float32), holes=none, left=none,
            right=none, share=np.zeros(0),
            reduced=baseline.mode == "reduced",
            exact=baseline.mode == "exact",
            levels=plans.levels(baseline, channels),
            plan=plans.exact_plan(baseline, channels),
            normalisation=NORMALISATIONS.index(preprocessing.of_spectrum),
            references=np.ascontiguousarray(references, np.float32),
            width=comparison.width if comparison else channels,
            compared=(comparison.rows if comparison
                      else np.zeros((0, 1), np.float32)),
            spikes=np.float32(preprocessing.spikes.counts
                              if preprocessing.spikes else np.inf))
        self._spare: deque[Scratch] = deque()

    def run(self, dark: NDArray[np.float32] | None = None,
            mask: NDArray[np.bool_] | None = None) -> Run:
        """Return the constants of a run.

        Parameters
        ----------
        dark
            (channels,) in raw units, or None.
        mask
            (channels,) True where a strip is ignored, or None.
        """
        run = self._constant
        if dark is not None:
            # a copy: kernels have no version for a read-only dark
            run = run._replace(dark=np.array(dark, np.float32, order="C"))
        if mask is not None and np.any(mask):
            mask = np.asarray(mask, bool)
            left, right, share = bridge(mask)
            run = run._replace(holes=np.flatnonzero(mask).astype(np.int64),
                               left=left.astype(np.int64),
                               right=right.astype(np.int64),
                               share=share.astype(np.float64))
        return run

    def borrow(self) -> Scratch:
        """Return scratch arrays for one shard; return them with `give_back`.
        """
        try:
            return self._spare.pop()
        except IndexError:
            return plans.scratch(self._constant, self._hidden)

    def give_back(self, scratch: Scratch) -> None:
        """Return scratch arrays from `borrow`."""
        self._spare.append(scratch)

    def spectra(self, raw: RawSpectra, rows: NDArray[np.intp],
                run: Run) -> NDArray[np.float32]:
        """Return preprocessed spectra (R, n) of `rows` (R,) of `raw` (P, n).
        """
        result = np.empty((len(rows), raw.shape[1]), np.float32)
        scratch = self.borrow()
        blocks.spectra(raw, rows, 0, len(rows), run, scratch, result)
        self.give_back(scratch)
        return result


def subtract(spectra: ArrayLike, baseline: Baseline) -> NDArray[np.float32]:
    """Return spectra minus their baselines, (P, n).

    Parameters
    ----------
    spectra
        (P, n). uint16 and float32 are used directly, other types as float32. A
        spectrum with NaN or Inf becomes NaN.
    """
    spectra = np.ascontiguousarray(spectra)
    if spectra.dtype not in (np.uint16, np.float32):
        spectra = spectra.astype(np.float32)
    engine = FusedPreprocessing(Preprocessing(baseline), spectra.shape[1])
    result = engine.spectra(spectra, np.arange(len(spectra)), engine.run())
    result[~np.isfinite(spectra).all(axis=1)] = np.nan
    return result
