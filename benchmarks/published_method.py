"""The published method on the simulated ramp, beside the published numbers.

    python benchmarks/published_method.py [--seeds N]

Trains on the four published curves at the published settings, with the
published one-sided noise and with zero-mean noise, and prints the tables of
docs/published-method.md. About 80 seconds of one core per training.
"""
import argparse
import tempfile
from pathlib import Path

import numpy as np
from rich.progress import Progress

from spectra_classifier import model
from spectra_classifier.core import bins as binning
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.validation import statistics

#: accuracies that the publication's notebook printed for its 15 bins
PUBLISHED = np.array([
    .6304, .6560, .6717, .6437, .7300, .6437, .5124, .6164, .7810, .6608,
    .6230, .7115, .7303, .6251, .5069])
CURVES, BOUNDARY = (80, 300, 260, 120), 185
NOISES = "published", "zero-mean"


def ramp_data():
    """All 349 curves with the labels of the notebook."""
    x, spectra = ramp.curves()
    labels = (np.arange(len(spectra)) >= BOUNDARY).astype(int)
    return Dataset(Axis(x, "two_theta", "deg"), spectra, labels,
                   ("low pressure", "high pressure"))


def run(data, noise, seed, progress):
    """One training: accuracies, labels of all curves, parity of ONNX."""
    result = train(data.select(np.array(CURVES)), TrainingOptions.published(
        noise=noise, seed=seed, folds=0), progress)
    spectra = make_train(0, data.spectra.astype(np.float32))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ramp.onnx"
        result.save(path)
        loaded = model.load(path)
    exact, graph = (model.make_engine(loaded, kind).classify(
        spectra, Settings()) for kind in ("numpy", "onnxruntime"))
    numbers = np.arange(len(data))
    return {
        "accuracy": np.array([entry["training_accuracy"]
                              for entry in result.report["bins"]]),
        "agreement": np.count_nonzero(graph.label == data.labels),
        "boundary": statistics.boundary_error(graph.label, data.labels,
                                              numbers) + BOUNDARY,
        "ambiguous": ambiguous(graph.label),
        "labels_differ": np.count_nonzero(exact.label != graph.label),
        "points_differ": int(np.abs(exact.votes - graph.votes).sum() / 2),
        "points": len(data) * sum(stop - start for start, stop
                                  in loaded.definition.bins)}


def ambiguous(labels):
    """(last curve of the first run, first curve of the last run)."""
    changes = np.flatnonzero(np.diff(labels))
    if not len(changes):
        return len(labels) - 1, len(labels) - 1
    return int(changes[0]), int(changes[-1]) + 1


def print_bins(runs):
    weight = binning.published_weights
    print("| bin | " + " | ".join(
        ["published", *(f"ours, {noise} noise" for noise in runs),
         "published weight", *(f"our weight, {noise}" for noise in runs)])
        + " |")
    print("|" + "---|" * (3 + 2 * len(runs)))
    means = {noise: np.mean([run["accuracy"] for run in each], axis=0)
             for noise, each in runs.items()}
    spread = {noise: np.ptp([run["accuracy"] for run in each], axis=0)
              for noise, each in runs.items()}
    for b in range(len(PUBLISHED)):
        accuracies = [f"{means[n][b]:.3f}" + (
            f" ± {spread[n][b] / 2:.3f}" if len(runs[n]) > 1 else "")
            for n in runs]
        weights = [f"{weight(means[n][b], 2):.3f}" for n in runs]
        print(f"| {b} | {PUBLISHED[b]:.3f} | {' | '.join(accuracies)} | "
              f"{weight(PUBLISHED[b], 2):.3f} | {' | '.join(weights)} |")
    print()
    for noise, mean in means.items():
        print(f"- {noise} noise: mean absolute difference of the accuracies "
              f"{np.abs(mean - PUBLISHED).mean():.3f}, correlation "
              f"{np.corrcoef(mean, PUBLISHED)[0, 1]:.2f}")


def print_labels(runs):
    print("\n| noise | seed | labels agreeing | share | predicted switch | "
          "boundary error | last of first run, first of last run | "
          "ONNX: labels, points that differ from float64 |")
    print("|" + "---|" * 8)
    print("| notebook (its own data) | | 339 of 349 | 97.1 % | 195 | 10 | "
          "194, 195 | |")
    for noise, each in runs.items():
        for seed, run in enumerate(each):
            print(f"| {noise} | {seed} | {run['agreement']} of 349 | "
                  f"{run['agreement'] / 3.49:.1f} % | {run['boundary']:g} | "
                  f"{run['boundary'] - BOUNDARY:+g} | "
                  f"{run['ambiguous'][0]}, {run['ambiguous'][1]} | "
                  f"{run['labels_differ']}, {run['points_differ']} of "
                  f"{run['points']} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=1)
    seeds = range(parser.parse_args().seeds)
    data = ramp_data()
    runs = {noise: [] for noise in NOISES}
    with Progress() as bar:
        for noise in NOISES:
            for seed in seeds:
                task = bar.add_task(f"{noise} noise, seed {seed}")
                runs[noise].append(run(
                    data, noise, seed, lambda step, steps, _, task=task:
                    bar.update(task, completed=step, total=steps)))
    print_bins(runs)
    print_labels(runs)


if __name__ == "__main__":
    main()
