"""How much light a dark from the beam must hold to be refused.

    python benchmarks/dark_light.py [--seeds 3]

Darks of the simulated Gotthard-II, 20 trains of 500 frames, with a share of
the usual light, against the released model and a dark in force that is
right. One line for every preset and share: how many were refused, and by how
many standard errors the light of a class was seen.
"""
import argparse
from dataclasses import replace

import numpy as np

from spectra_classifier import model as models
from spectra_classifier.core.preprocessing.dark import DarkSum, objection
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_lab.demo.sources import released_model

SHARES = (0., 0.03, 0.05, 0.1, 0.2)
FIRST, TRAINS, PULSES = 1000, 20, 500


def dark_of(name, seed, share, definition):
    """(what speaks against the dark, standard errors of its light)."""
    usual = PRESETS[name]
    source = GotthardSource(
        replace(usual, photons=usual.photons * share) if share else usual,
        "ramp", seed, FIRST)
    total = DarkSum(TRAINS, definition.references)
    for train_id in range(FIRST, FIRST + TRAINS):
        train = source.train(train_id, PULSES, coordinate=seed % 2,
                             light=share > 0)
        good = (train.gain == 0).all(axis=1) & (train.cell != 255)
        total.add(make_train(train_id, train.adc, verdicts=np.where(
            good, 0, Code.BAD_DATA).astype(np.int8)))
    dark = total.result()
    return objection(dark, definition, source.dark), dark.light.max()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    seeds = range(parser.parse_args().seeds)
    definition = models.load(released_model()).definition
    for name in PRESETS:
        for share in SHARES:
            found = [dark_of(name, seed, share, definition)
                     for seed in seeds]
            refused = sum(bool(reason) for reason, _ in found)
            print(f"{name}, {share:.0%} of the light: {refused} of "
                  f"{len(found)} refused, "
                  f"{', '.join(f'{light:.1f}' for _, light in found)} "
                  "standard errors", flush=True)


if __name__ == "__main__":
    main()
