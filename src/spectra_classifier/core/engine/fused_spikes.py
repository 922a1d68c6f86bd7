"""`preprocessing.spikes.removed` with compiled kernels."""
import numpy as np
from numpy.typing import NDArray

from ..model_definition import SpikeRule
from ..spectra import RawSpectra
from .kernels import spikes
from .kernels.options import LANES
from .kernels.plans import Run
from .thread_team import Team


def removed(raw: RawSpectra, rows: NDArray[np.intp], rule: SpikeRule,
            run: Run, team: Team) -> tuple[NDArray[np.intp],
                                           NDArray[np.float32]]:
    """Return those of the rows (R,) of raw spectra (P, n) that have spikes,
    and their spectra without, (K, n) raw.

    Parameters
    ----------
    run
        With the dark and the mask.
    team
        Looks for spikes; the few that have some are mended by the caller.
    """
    suspect = np.empty(len(rows), bool)
    counts = np.float32(rule.counts)
    team.share(len(rows), LANES, lambda start, stop: spikes.suspects(
        raw, rows, start, stop, run, counts, suspect))
    rows = rows[suspect]
    clean = np.empty((len(rows), raw.shape[1]), np.float32)
    number = np.empty(len(rows), np.int64)
    spikes.remove(raw, rows, run, counts, np.float64(rule.roughness), clean,
                  number)
    return rows[number > 0], clean[number > 0]
