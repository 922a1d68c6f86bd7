"""Transitions of simulated scans: are they in their intervals?

    python benchmarks/exploration/scans.py [--seed 55001] [--scans 200]
        [--preset realistic]

For every twenty scans a model is trained on captures of the simulated beam;
the sample then goes from one state to the other and back while a value is
scanned, through a ramp (or an error function) of random midpoint and width,
with a hysteresis. Single pulses are classified, drift included.
"""
import argparse
from math import erf

import numpy as np

import spectra_classifier
from spectra_classifier.core.evaluation.train_answers import PulseSums
from spectra_classifier.exploration import scan as scans
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS

TRAINS, PULSES = 4, 12
#: scans that a model is used for
PER_MODEL = 20
#: 10 to 90 % of an error function, in its standard deviations
NORMAL = 2.5631


def answers_of(result, ids):
    """Sums by train, as of a result on disk."""
    trains, of = np.unique(ids, return_inverse=True)
    sums = PulseSums(len(trains), len(result.classes))
    sums.add(of, result.codes, result.mixture, result.residual)
    return sums.answers("trains", trains, result.classes)


def truth(position, middle, width, smooth):
    """Fraction of the second state; `width` from 10 to 90 %."""
    if smooth:
        return np.array([0.5 + 0.5 * erf((x - middle) / width * NORMAL
                                         / np.sqrt(2)) for x in position])
    return np.clip((position - middle) / width * 0.8 + 0.5, 0, 1)


def one(source, model, random, smooth):
    """(true, found) of every sweep of one scan up and down."""
    steps = int(random.integers(20, 41))
    up = np.linspace(0, 10, steps)
    middle = random.uniform(3.5, 6.5)
    lag, width = random.uniform(0, 1), random.uniform(0.6, 4)
    position = np.concatenate([up, up[::-1]])
    fraction = np.concatenate([
        truth(up, middle + lag / 2, width, smooth),
        truth(up[::-1], middle - lag / 2, width, smooth)])
    first = int(random.integers(10 ** 6))
    spectra, ids, place = [], [], []
    for step, share in enumerate(fraction):
        for turn in range(TRAINS):
            train_id = first + step * TRAINS + turn
            train = source.train(train_id, PULSES, share)
            used = (train.label >= 0) & ~train.gain.any(axis=1)
            spectra.append(source.signal(train)[used])
            ids.append(np.full(np.count_nonzero(used), train_id))
            place.append(position[step])
    result = model.classify(np.concatenate(spectra))
    answers = answers_of(result, np.concatenate(ids))
    value = np.asarray(place)[np.isin(
        first + np.arange(len(place)), answers.ids)]
    found = scans.scan(answers, scans.find_steps(value), "delay")
    for each in found.transitions:
        yield (middle + (lag if each.rising else -lag) / 2, width), each.found
    for each in found.hysteresis:
        yield lag, each


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=55001)
    parser.add_argument("--scans", type=int, default=200)
    parser.add_argument("--preset", default="realistic")
    parser.add_argument("--scenario", default="redistribution")
    parser.add_argument("--smooth", action="store_true")
    given = parser.parse_args()
    random = np.random.default_rng(given.seed)
    inside, fits = {"midpoint": [], "width": [], "hysteresis": []}, []
    for number in range(given.scans):
        if number % PER_MODEL == 0:
            source = GotthardSource(PRESETS[given.preset], given.scenario,
                                    seed=given.seed + number)
            model = spectra_classifier.train(spectra_classifier.Spectra(
                take_captures(source, 4, 5, 60)), members="linear")
        for true, found in one(source, model, random, given.smooth):
            if isinstance(found, scans.Hysteresis):
                inside["hysteresis"].append(found.low <= true <= found.high)
                continue
            middle, width = true
            inside["midpoint"].append(
                found.midpoint_low <= middle <= found.midpoint_high)
            inside["width"].append(
                found.width_low <= width <= found.width_high)
            fits.append(np.array([
                [found.midpoint - middle, found.width - width],
                [found.midpoint_high - found.midpoint_low,
                 found.width_high - found.width_low]]) / width)
    for name, hits in inside.items():
        print(f"{name} | {np.mean(hits):.1%} of {len(hits)} in the interval")
    errors, lengths = np.array(fits).transpose(1, 0, 2)
    for name, error, length in zip(("midpoint", "width"), errors.T, lengths.T,
                                   strict=True):
        # who knew the errors would take one length for all, in true widths
        needed = 2 * np.quantile(np.abs(error), 0.95)
        print(f"{name} | in units of the width: median error "
              f"{np.median(error):+.4f}, median interval "
              f"{np.median(length):.3f}, 95 % of the errors need "
              f"{needed:.3f}")


if __name__ == "__main__":
    main()
