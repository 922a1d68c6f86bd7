"""Clusters without labels: how often right, and how often drift makes one.

    python benchmarks/exploration/clusters.py [--seed 54001] [--streams 3]
        [--drift 100] [--sets FOLDER] [--peers]

Streams of the simulated beam that goes up and down between two or three
states; the adjusted Rand index over all bright spectra, and over those of
pure states, labels being used for this alone. Peers: k-means on raw spectra
and on their principal components, which are given the true number of
clusters; Gaussian mixtures by BIC, HDBSCAN and k-means with the gap statistic
on the same components as ours; ruptures (PELT) on these.
"""
import argparse
import sys
import warnings
from collections import defaultdict
from pathlib import Path

import numpy as np

from spectra_classifier.exploration import clusters, shapes
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS

SCENARIOS = "ramp", "redistribution", "shift", "ramp3"
TRAINS, PULSES = 300, 4


def stream(preset, scenario, seed, still=False):
    """Spectra (N, channels) above the dark, and the true coordinate."""
    source = GotthardSource(PRESETS[preset], scenario, seed=seed)
    spectra, truth = [], []
    for train_id in range(TRAINS):
        train = source.train(train_id, PULSES, 0 if still else None)
        used = (train.label >= 0) & ~train.gain.any(axis=1)
        spectra.append(source.signal(train)[used])
        truth.append(train.fraction[used])
    return np.concatenate(spectra), np.concatenate(truth)


def components(spectra):
    """What our clusters are found in, and the rows that are bright."""
    fine = shapes.coarse(spectra)
    used = np.flatnonzero(shapes.bright(fine))
    averaged = clusters._averaged(fine[used], 1, -(-len(used) // 400))
    shape, _ = shapes.shapes(averaged.blocks)
    parts = clusters._above_noise(shape, clusters._pairs(
        averaged.phase, np.arange(len(shape))))
    return used, averaged.of, parts


def principal(spectra, number=10):
    from sklearn.decomposition import PCA

    return PCA(min(number, *spectra.shape), svd_solver="randomized",
               random_state=0).fit_transform(spectra)


def k_means(values, count):
    from sklearn.cluster import KMeans

    return KMeans(count, n_init=4, random_state=0).fit(values)


def mixture(parts):
    from sklearn.mixture import GaussianMixture

    fits = [GaussianMixture(k, random_state=0, reg_covar=1e-2).fit(parts)
            for k in range(1, 9)]
    return min(fits, key=lambda fit: fit.bic(parts)).predict(parts)


def density(parts):
    from sklearn.cluster import HDBSCAN

    return HDBSCAN(min_cluster_size=max(5, len(parts) // 25),
                   copy=True).fit_predict(parts)


def gap(parts):
    """The number of R. Tibshirani et al. (2001), uniform reference."""
    random = np.random.default_rng(0)
    low, high = parts.min(axis=0), parts.max(axis=0)

    def spread(values):
        return [np.log(k_means(values, k).inertia_) for k in range(1, 9)]

    own = np.array(spread(parts))
    other = np.array([spread(random.uniform(low, high, parts.shape))
                      for _ in range(5)])
    found, error = other.mean(axis=0) - own, other.std(axis=0) * 1.1
    for k in range(7):
        if found[k] >= found[k + 1] - error[k + 1]:
            return k_means(parts, k + 1).labels_
    return k_means(parts, 8).labels_


def segments(parts):
    import ruptures

    penalty = 3 * parts.shape[1] * np.log(len(parts))
    ends = ruptures.Pelt("l2", min_size=4, jump=2).fit(parts).predict(penalty)
    return np.searchsorted(ends, np.arange(len(parts)), side="right")


def answers(spectra, count, peers):
    """{method: labels (N,)}; what is in no cluster is one of its own."""
    found = {"ours": clusters.find(spectra).labels}
    if not peers:
        return found
    used, block, parts = components(spectra)
    flat = np.asarray(spectra[used], float)

    def spread(labels):
        whole = np.full(len(spectra), -1)
        whole[used] = np.where(labels < 0, 99, labels)
        return whole

    found["k-means, raw, true number"] = spread(k_means(flat, count).labels_)
    found["k-means, components, true number"] = spread(
        k_means(principal(flat), count).labels_)
    for name, method in (("mixture, BIC", mixture), ("HDBSCAN", density),
                         ("k-means, gap", gap), ("ruptures", segments)):
        labels = np.zeros(1 + block.max(), int) if parts is None else (
            method(parts))
        found[name] = spread(labels[block])
    return found


def number(labels):
    return len(np.unique(labels[labels >= 0]))


def main():
    from sklearn.metrics import adjusted_rand_score as index

    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=54001)
    parser.add_argument("--streams", type=int, default=3)
    parser.add_argument("--drift", type=int, default=100)
    parser.add_argument("--sets")
    parser.add_argument("--peers", action="store_true")
    given = parser.parse_args()
    seed = given.seed
    table = defaultdict(list)
    for preset in PRESETS:
        for scenario in SCENARIOS:
            for _ in range(given.streams):
                spectra, truth = stream(preset, scenario, seed)
                seed += 1
                label, pure = np.floor(truth + 0.5), truth % 1 == 0
                states = number(label)
                for name, found in answers(spectra, states,
                                           given.peers).items():
                    used = found != clusters.DIM
                    table[preset, scenario, name].append((
                        index(label[used], found[used]),
                        index(label[used & pure], found[used & pure]),
                        number(found)))
            for (one, other, name), rows in table.items():
                if (one, other) == (preset, scenario):
                    every, pure, count = np.transpose(rows)
                    print(f"{preset} | {scenario} | {name} | "
                          f"{np.mean(every):.3f} | {np.mean(pure):.3f} | "
                          f"{count.astype(int).tolist()} of {states}",
                          flush=True)
    wrong = defaultdict(lambda: [0, 0])
    for turn in range(given.drift):
        preset = list(PRESETS)[turn % 3]
        spectra, _ = stream(preset, SCENARIOS[turn // 3 % 3], seed, True)
        seed += 1
        for name, found in answers(spectra, 2, given.peers).items():
            wrong[name, preset][0] += number(found) > 1
            wrong[name, preset][1] += 1
        if turn % 10 == 9:
            print(turn + 1, dict(wrong), file=sys.stderr, flush=True)
    for (name, preset), (bad, of) in wrong.items():
        print(f"drift alone | {preset} | {name} | {bad} of {of}")
    if given.sets:
        sets(Path(given.sets), given.peers, index)


def sets(folder, peers, index):
    sys.path.insert(0, str(folder))
    import load

    for name in ("y2mn2o7_insitu_xrd", "cucr2o4_vt_xrd",
                 "fermentation_midir"):
        _, spectra, labels, _ = load.load(name)
        for method, found in answers(
                spectra, len(np.unique(labels)), peers).items():
            used = found != clusters.DIM
            print(f"{name} | {method} | "
                  f"{index(labels[used], found[used]):.3f} | "
                  f"{number(found)} of {len(np.unique(labels))}", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
