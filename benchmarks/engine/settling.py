"""How far the weights of a reduced baseline are from settled after ten solves.

    python benchmarks/engine/settling.py [--seed 64001] [--solves 8,0,2 ...]

The largest distance to the baseline of the same knots with 100 solves more, in
units of the noise of a point, for ways to share ten solves among knots four
times, twice and once as far apart as its own: simulated Gotthard-II spectra of
every preset with their lines and shifts, the published ramp, and the strong
peaks of `knot_error.py`. Float64 throughout, a minute.
"""
import argparse

import knot_error
import numpy as np

from spectra_classifier.core.preprocessing.baseline import (
    iterate,
    knot_step_for,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.published_ramp import ramp

SPECTRA, PEAKS, P = 48, 16, .002
#: stiffness of the published method, and the same on 1280 of 4023 channels
LAMS = 1e5, 1025.
MORE = 100
WAYS = (6, 2, 2), (7, 1, 2), (8, 0, 2), (5, 2, 2), (6, 1, 2), (8, 1, 1)
#: largest step of the first knots
COARSEST = 32


def sets(seed):
    """(name, spectra (P, n) float64, lam, p, noise) one after another."""
    for name in PRESETS:
        for scenario in "ramp", "shift":
            source = GotthardSource(PRESETS[name], scenario, seed, 1000)
            y = np.concatenate([
                source.train(1000 + 40 * k, SPECTRA // 4).adc - source.dark
                for k in range(4)]).astype(float)
            for lam in LAMS:
                yield f"{name} {scenario}", y, lam, P, noise_of(y)
    y = ramp.curves(numbers=np.linspace(0, ramp.CURVES - 1, SPECTRA),
                    seed=seed)[1].astype(float)
    yield "published ramp", y, LAMS[0], P, noise_of(y)
    for lam in knot_error.LAMS:
        for p in knot_error.SHARES:
            for height in knot_error.HEIGHTS:
                for width in knot_error.WIDTHS:
                    y = knot_error.spectra(width * lam ** .25, height, seed)
                    yield (f"peaks of {height:g} noise, {width:g} lengths",
                           y[:PEAKS].astype(float), lam, p, knot_error.NOISE)


def noise_of(y):
    """Noise of a point by second differences, robust."""
    return np.median(np.abs(np.diff(y, 2, axis=1))) / .6745 / np.sqrt(6)


def distances(y, lam, p, noise, ways):
    """Largest distance of each way to the settled baseline."""
    y, step = np.ascontiguousarray(y.T), knot_step_for(lam)

    def stages(coarse, middle, fine):
        if 4 * step > COARSEST:
            coarse, middle = 0, coarse + middle
        every = (4 * step, coarse), (2 * step, middle), (step, fine)
        return [stage for stage in every if stage[1]]

    settled = iterate(y, lam, p, stages(6, 2, MORE))
    return [np.abs(iterate(y, lam, p, stages(*way)) - settled).max() / noise
            for way in ways]


def main():
    """Print the sets where a way is further away than a thousandth."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seed", type=int, default=64001)
    parser.add_argument("--solves", nargs="+", default=WAYS, type=lambda text:
                        tuple(map(int, text.split(","))))
    arguments = parser.parse_args()
    print(f"{'':40}", *(f"{'+'.join(map(str, way)):>7}"
                         for way in arguments.solves))
    found = []
    for name, y, lam, p, noise in sets(arguments.seed):
        found.append(distances(y, lam, p, noise, arguments.solves))
        if max(found[-1]) > .001:
            print(f"{name}, lam {lam:g}, p {p:g}".ljust(51)[:51],
                  *(f"{each:7.3f}" for each in found[-1]))
    for limit in .01, .1:
        print(f"of {len(found)} sets further than {limit:g}".ljust(51),
              *np.count_nonzero(np.array(found) > limit, axis=0))


if __name__ == "__main__":
    main()
