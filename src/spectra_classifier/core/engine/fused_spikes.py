"""`preprocessing.spikes.removed` with compiled kernels, in two steps."""
import numpy as np
from numpy.typing import NDArray

from ..model_definition import SpikeRule
from ..spectra import RawSpectra, read_only
from .kernels import spikes
from .kernels.options import LANES
from .kernels.plans import Run
from .thread_team import Team


def suspects(raw: RawSpectra, rows: NDArray[np.intp], rule: SpikeRule,
             run: Run, team: Team) -> NDArray[np.bool_]:
    """Return (R,) whether the rows (R,) of raw spectra may have spikes.

    Where spectra are classified as they are, the kernels of `blocks` and
    `rows` tell on their way.
    """
    suspect = np.empty(len(rows), bool)
    counts = np.float32(rule.counts)
    team.share(len(rows), LANES, lambda start, stop: spikes.suspects(
        raw, rows, start, stop, run, counts, suspect))
    return suspect


def removed(raw: RawSpectra, rows: NDArray[np.intp], rule: SpikeRule,
            run: Run) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return which of the few suspect rows (R,) have spikes, and them without.

    Parameters
    ----------
    run
        With the dark and the mask.

    Returns
    -------
    spiked : NDArray[np.intp]
        (K,) places in `rows`.
    clean : NDArray[np.float32]
        (K, n) raw, read-only.
    """
    clean = np.empty((len(rows), raw.shape[1]), np.float32)
    number = np.empty(len(rows), np.int64)
    spikes.remove(raw, rows, run, np.float32(rule.counts),
                  np.float64(rule.roughness), clean, number)
    spiked = np.flatnonzero(number)
    return spiked, read_only(clean[spiked])
