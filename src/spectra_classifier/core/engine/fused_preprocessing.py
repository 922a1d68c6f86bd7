"""Raw counts to preprocessed spectra with compiled kernels.

The fast counterpart of `preprocessing.preprocess`; see `kernels.blocks` for
what happens to a block of spectra.
"""
from collections import deque

import numpy as np

from ..model_definition import NORMALISATIONS, Preprocessing
from ..preprocessing import baseline as rules
from ..preprocessing.preprocess import bridge
from .kernels import blocks, plans


class FusedPreprocessing:
    """Constants of one preprocessing, and scratch arrays for its shards."""

    def __init__(self, preprocessing, channels, references=None, hidden=1,
                 comparison=None):
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
                      else np.zeros((0, 1), np.float32)))
        self._spare = deque()

    def run(self, dark=None, mask=None):
        """Constants of a run with this dark and mask (`plans.Run`)."""
        changed = {}
        if dark is not None:
            changed["dark"] = np.ascontiguousarray(dark, np.float32)
        if mask is not None and np.any(mask):
            mask = np.asarray(mask, bool)
            left, right, share = bridge(mask)
            changed |= {"holes": np.flatnonzero(mask).astype(np.int64),
                        "left": left.astype(np.int64),
                        "right": right.astype(np.int64),
                        "share": share.astype(np.float64)}
        return self._constant._replace(**changed)

    def borrow(self):
        """Scratch arrays for one shard; give them back with `give_back`."""
        try:
            return self._spare.pop()
        except IndexError:
            return plans.scratch(self._constant, self._hidden)

    def give_back(self, scratch):
        self._spare.append(scratch)

    def spectra(self, raw, rows, run):
        """Rows of raw (P, n), preprocessed: (R, n) float32."""
        result = np.empty((len(rows), raw.shape[1]), np.float32)
        scratch = self.borrow()
        blocks.spectra(raw, rows, 0, len(rows), run, scratch, result)
        self.give_back(scratch)
        return result


def subtract(spectra, baseline):
    """Spectra (P, n) minus their baselines, float32.

    uint16 and float32 are taken as they are, other types as float32.
    """
    spectra = np.ascontiguousarray(spectra)
    if spectra.dtype not in (np.uint16, np.float32):
        spectra = spectra.astype(np.float32)
    engine = FusedPreprocessing(Preprocessing(baseline), spectra.shape[1])
    result = engine.spectra(spectra, np.arange(len(spectra)), engine.run())
    result[~np.isfinite(spectra).all(axis=1)] = np.nan
    return result
