"""Peaks against the Cramer-Rao bound: bias and spread of each observable.

    python benchmarks/exploration/peaks.py [--seed 56001] [--tries 400]

The bound is that of the true peak, from derivatives by differences.
"""
import argparse

import numpy as np

from spectra_classifier.core.evaluation.peak import fit

NAMES = "intensity", "position", "width", "asymmetry"


def expected(x, truth):
    """Mean counts of every channel, written independently of the fit."""
    intensity, middle, width, skew, background = truth
    z = (x - middle) / width
    density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi) / width
    return intensity * density * (
        1 + skew * (z ** 3 - 3 * z) / 6) * (x[1] - x[0]) + background


def bound(x, truth):
    """Smallest standard deviation of an unbiased estimate of each."""
    truth = np.asarray(truth, float)
    step = 1e-4 * np.maximum(np.abs(truth), 0.1)
    slopes = np.array([(expected(x, truth + h) - expected(x, truth - h))
                       / (2 * np.abs(h).sum()) for h in np.diag(step)])
    return np.sqrt(np.diag(np.linalg.inv(
        slopes / expected(x, truth) @ slopes.T)))


def measured(truth, tries, random, gain=1., noise=0.):
    """(bias, spread, mean stated error), in units of the bound; failures."""
    x = np.arange(60) * 0.1 + 530
    mean = expected(x, truth)
    found, stated, failed = [], [], 0
    for _ in range(tries):
        peak = fit(x, gain * random.poisson(mean)
                   + noise * random.standard_normal(len(x)))
        if not np.isfinite(peak.position):
            failed += 1
            continue
        found.append([getattr(peak, name) for name in NAMES])
        stated.append([getattr(peak, f"{name}_error") for name in NAMES])
    found, stated = np.array(found), np.array(stated)
    found[:, 0] /= gain
    stated[:, 0] /= gain
    limit = bound(x, truth)[:4]
    return ((found.mean(axis=0) - truth[:4]) / limit,
            found.std(axis=0) / limit, np.median(stated, axis=0) / limit,
            failed)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=56001)
    parser.add_argument("--tries", type=int, default=400)
    given = parser.parse_args()
    random = np.random.default_rng(given.seed)
    for background in 0.5, 5.:
        for skew in 0., 0.2:
            for photons in 300, 1000, 3000, 10000:
                truth = photons, 533.03, 0.45, skew, background
                bias, spread, stated, failed = measured(
                    truth, given.tries, random)
                for place, name in enumerate(NAMES):
                    print(f"{background} | {skew} | {photons} | {name} | "
                          f"{bias[place]:+.2f} | {spread[place]:.2f} | "
                          f"{stated[place]:.2f} | {failed}")


if __name__ == "__main__":
    main()
