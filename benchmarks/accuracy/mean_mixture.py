"""The mixture: its bias, and the interval of the mean of a train.

    python benchmarks/accuracy/mean_mixture.py [-o mean_mixture.json]

*Bias*: two states of unequal strength, drawn by seed, in pulses whose
brightness varies from 0.3 to 3; the mean of the fractions of single pulses
minus the true fraction, the largest of several true ones.

*Coverage*: simulated detectors of the presets, with their drift, and a model
of four captures of each state; how often the interval of a train contains its
true fraction. Constants were chosen on the seeds of `DEVELOPMENT`.
"""
import argparse
import json
from pathlib import Path

import numpy as np
from rich.progress import track

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.mean_mixture import MeanMixer
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, Code, make_train
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

DEVELOPMENT, KEPT = range(60501, 60601), range(60001, 60101)
SCENARIOS = ("ramp", "redistribution", "shift")
#: true fractions of the second state
SHARES = (0., 0.1, 0.25, 0.5, 0.75, 0.9, 1.)
#: pulses and number of the trains of one detector; trains after its captures
PULSES, TRAINS, TAKEN = 300, 28, 100_000
NOTHING = Settings(min_intensity=-np.inf)
KINDS = {
    "not normalised": TrainingOptions(members="linear"),
    "area": TrainingOptions(members="linear", normalisation="area"),
    "snv": TrainingOptions(members="linear", normalisation="snv"),
    "auto": TrainingOptions(members="auto", time_budget=1.)}
CHANNELS, EACH, CAPTURES = 120, 200, 3


def states(random):
    """Two spectra (2, channels), one of them up to four times as strong."""
    place = np.arange(CHANNELS)

    def drawn(count):
        centre = random.uniform(10, CHANNELS - 10, (count, 1))
        lines = np.exp(-0.5 * ((place - centre) / 6) ** 2)
        return 2 + random.uniform(4, 8, count) @ lines

    return np.stack([drawn(3), random.uniform(1.5, 4) * drawn(3)])


def bias(seed):
    """{kind: largest bias} of states drawn by `seed`."""
    random = np.random.default_rng((seed, 1))
    pure = states(random)

    def seen(shares):
        bright = np.exp(random.uniform(np.log(0.3), np.log(3), len(shares)))
        spectra = bright[:, None] * (shares @ pure)
        return (spectra + 0.1 * random.normal(size=spectra.shape)).astype(
            np.float32)

    labels = np.tile(np.repeat([0, 1], EACH), CAPTURES)
    data = Dataset(Axis.channels(CHANNELS), seen(np.eye(2)[labels]), labels,
                   ("a", "b"), np.repeat(np.arange(2 * CAPTURES), EACH))
    mixed = [seen(np.tile([1 - share, share], (200, 1))) for share in SHARES]
    found = {}
    for kind, options in KINDS.items():
        engine = NumpyEngine(train(data, options).definition)
        found[kind] = max(abs(float(engine.classify(
            make_train(0, some), NOTHING).mixture[:, 1].mean()) - share)
            for share, some in zip(SHARES, mixed, strict=True))
    return found


def coverage(preset, scenario, seed):
    """[true, fraction, low, high] of every train of one detector."""
    source = GotthardSource(preset, scenario, seed)
    definition = train(take_captures(source, 4, 5, 60), TrainingOptions(
        members="linear", normalisation="snv")).definition
    mixer, rows = MeanMixer(definition), []
    for number in range(TRAINS):
        made = source.train(TAKEN + 137 * number, PULSES,
                            SHARES[number % len(SHARES)])
        signal = source.signal(made)
        lit = ((made.label != Code.BAD_DATA) & ~made.gain.any(axis=1)
               & (signal.mean(axis=1) >= definition.min_intensity))
        found = mixer(signal[lit])
        rows.append([float(value) for value in (
            made.fraction[lit].mean(), found.fractions[1], found.low[1],
            found.high[1])])
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--development", action="store_true")
    arguments = parser.parse_args()
    seeds = (DEVELOPMENT if arguments.development else KEPT)[
        :arguments.seeds]
    found = {"bias": [], "coverage": {}}
    for seed in track(seeds, "Seeds"):
        found["bias"].append(bias(seed))
        for name, preset in PRESETS.items():
            found["coverage"].setdefault(name, []).extend(
                coverage(preset, scenario, seed) for scenario in SCENARIOS)
        if arguments.output:
            arguments.output.write_text(json.dumps(found))
    print(section(found))


def section(found):
    """Both tables, as in docs/accuracy.md."""
    from sections import table

    worst = [[kind, len(found["bias"]), *(f"{value:.3f}" for value in (
        np.mean([each[kind] for each in found["bias"]]),
        np.max([each[kind] for each in found["bias"]])))]
        for kind in found["bias"][0]]
    rows, total = [], []
    for name, detectors in found["coverage"].items():
        true, fraction, low, high = np.concatenate(detectors).T
        # of numbers that were rounded differently
        inside = (low <= true + 1e-6) & (true - 1e-6 <= high)
        total.append(inside)
        between = (true > 0) & (true < 1)
        rows.append([name, len(detectors), len(true),
                     f"{100 * inside.mean():.1f}",
                     f"{100 * inside[between].mean():.1f}",
                     f"{np.sqrt(np.square(fraction - true).mean()):.4f}",
                     f"{np.median(high - low):.4f}"])
    return f"""## Mixture

Two states, one of them 1.5 to 4 times as strong, pulses of brightness 0.3 to
3; the largest of the biases at true fractions of 0 to 1, over pairs of states
drawn from seed {KEPT.start} on:

""" + table(["model", "pairs", "mean", "largest"], worst) + f"""
The mean fraction of a train ({PULSES} pulses, true fractions 0 to 1) and its
95 % interval, detectors of the presets with their drift, taught with four
captures of each state; seeds from {KEPT.start} on, which took part in no
choice. All together {100 * np.concatenate(total).mean():.1f} % of the
intervals contain the truth:

""" + table(["preset", "detectors", "trains", "contained, %",
             "of mixtures, %", "rms error", "median width"], rows)


if __name__ == "__main__":
    main()
