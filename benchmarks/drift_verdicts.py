"""How often drift alone is called separable, and how often a change is.

    python benchmarks/drift_verdicts.py [--trials 100] [--seed 0]

Captures A B A B of the *identical* state, each with drift of its own, of
several kinds and sizes; and of the states of the simulated Gotthard-II, whose
drift has 311 trains from one capture to the next. Prints one line a case.
"""
import argparse

import numpy as np

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS, preset
from spectra_classifier.simulation.scenario import SCENARIOS
from spectra_classifier.training.checks import null_tests

CHANNELS, CAPTURES, EACH = 120, 4, 40
PLACE = np.arange(CHANNELS)
#: kinds of drift and their sizes: in units of the noise of one channel of
#: one pulse, of the intensity (gain, intensity) or in channels (shift)
DRIFTS = {"none": (0.,), "pedestal": (0.1, 0.3, 1., 3.),
          "one direction": (0.1, 0.3, 1., 3.), "gain": (0.02, 0.1),
          "intensity": (0.05, 0.3), "linear": (0.1, 1.),
          "random walk": (0.3, 2.), "shift": (0.2, 1., 3.)}


def drifting(kind, size, random):
    """A `Dataset` of one state, captured as if it were two."""
    capture = np.repeat(np.arange(CAPTURES), EACH)
    shift = np.zeros(CAPTURES)
    if kind == "shift":
        shift = size * random.normal(size=CAPTURES)
    line = 10 * np.exp(-0.5 * ((PLACE - 60 - shift[:, None]) / 5) ** 2) + 5
    spectra = line[capture] * random.gamma(4, 0.25, (len(capture), 1))
    pattern = random.normal(size=(CAPTURES, CHANNELS))
    if kind == "gain":
        spectra *= (1 + size * pattern)[capture]
    elif kind == "intensity":
        spectra *= (1 + size * random.normal(size=(CAPTURES, 1)))[capture]
    elif kind == "linear":
        time = np.arange(len(capture))[:, None] / EACH
        spectra += size * time * pattern[0]
    elif kind == "one direction":
        spectra += (size * random.normal(size=(CAPTURES, 1))
                    * pattern[0])[capture]
    elif kind == "random walk":
        spectra += size * np.cumsum(pattern, axis=0)[capture]
    elif kind == "pedestal":
        spectra += size * pattern[capture]
    spectra += random.normal(size=spectra.shape)
    return Dataset(Axis.channels(CHANNELS), spectra.astype(np.float32),
                   capture % 2, ("a", "b"), capture)


def separable(datasets):
    """How many of them get that verdict."""
    return sum(null_tests.check(each)["verdict"] == "separable"
               for each in datasets)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--changes", type=int, default=3,
                        help="trials of every true change")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    for kind, sizes in DRIFTS.items():
        for size in sizes:
            wrong = separable(drifting(kind, size, random)
                              for _ in range(options.trials))
            print(f"drift alone, {kind} {size:g}: {wrong} of "
                  f"{options.trials} called separable", flush=True)
    for name in PRESETS:
        for scenario in SCENARIOS:
            right = separable(
                take_captures(GotthardSource(
                    preset(name), scenario, options.seed + trial, 1000),
                    captures=2, trains=10, pulses=30)
                for trial in range(options.changes))
            print(f"a change, {name} {scenario}: {right} of "
                  f"{options.changes} called separable", flush=True)


if __name__ == "__main__":
    main()
