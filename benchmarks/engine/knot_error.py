"""How far a reduced baseline is from the exact one, and when it is too far.

    python benchmarks/engine/knot_error.py

Writes knot_error.json beside it and docs/benchmarks.md anew. Spectra with
one strong peak each, on a curved background, in units of the noise of a
point; the largest knot step that lam allows. Three comparisons: of the knots
alone (both iterations settled), of what the device does (ten solves each),
and of ten exact solves with settled ones, which is no error of the knots.
"""
import argparse
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import report

from spectra_classifier.core.engine.fused_preprocessing import subtract
from spectra_classifier.core.model_definition import Baseline
from spectra_classifier.core.preprocessing.baseline import (
    knot_step_for,
    length_of,
)

HERE = Path(__file__).resolve().parent
CHANNELS, SPECTRA, SETTLED = 1280, 64, 150
#: noise in counts; the peaks are as high as this many times the noise
NOISE, HEIGHTS = 5., (40., 400.)
#: full width of a peak at half its height, in lengths of the baseline
WIDTHS = (.25, .5, 1., 2., 4.)
LAMS, SHARES = (1e3, 1e5, 1e7), (1e-3, 2e-3, 1e-2, 5e-2)


def spectra(width, height, seed=0):
    """(SPECTRA, CHANNELS) float32 counts, one Lorentzian peak each."""
    rng = np.random.default_rng(seed)
    x = np.arange(CHANNELS)
    place = rng.uniform(.1, .9, (SPECTRA, 1)) * CHANNELS
    peak = height * NOISE / (1 + ((x - place) / (width / 2)) ** 2)
    background = 500 + 150 * np.cos(x / CHANNELS * 4)
    return (peak + background + rng.normal(
        0, NOISE, (SPECTRA, CHANNELS))).astype(np.float32)


def compare(lam, p, width, height):
    """One row: largest differences in units of the noise."""
    y = spectra(width * length_of(lam), height)
    exact = Baseline("exact", lam, p)
    reduced = Baseline("reduced", lam, p, knot_step=knot_step_for(lam))
    settled, ten, knots, knots_ten = (subtract(y, baseline) for baseline in (
        replace(exact, iterations=SETTLED), exact,
        replace(reduced, iterations=SETTLED), reduced))

    def largest(a, b):
        return float(np.abs(a - b).max() / NOISE)

    return {"lam": lam, "p": p, "width": width, "height": height,
            "knot_step": reduced.knot_step,
            "knots_sigma": largest(knots, settled),
            "ten_sigma": largest(knots_ten, ten),
            "unsettled_sigma": largest(ten, settled)}


def record(folder):
    """All rows into knot_error.json; half a minute."""
    rows = [compare(lam, p, width, height) for lam in LAMS for p in SHARES
            for height in HEIGHTS for width in WIDTHS]
    (folder / "knot_error.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    argparse.ArgumentParser(
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    record(HERE)
    report.rewrite(HERE.parents[1])
