"""Is a pattern that nobody taught found by the mean of a train?

    python benchmarks/accuracy/train_means.py [-o train_means.json]
    python benchmarks/accuracy/train_means.py --cost

Simulated detectors of the three presets and scenarios, each with a model of
its own captures, then streams of it that no choice has seen (`FIRST_SEED`):
strangers drawn by seed, and taught states and their mixtures under the drift
of the preset, other intensities and another pedestal. Every train is
classified as in the device. Prints, for each preset, the share of streams
that are decided to be unknown within `TRAINS` trains (half a second), by
single pulses alone and with the mean, and how many trains of taught states
have a mean that is called foreign. For new lines an oracle is asked as well
(`line_oracle`). About 5 minutes of one core per seed.
`--cost` prints the CPU time of a train of 2700 pulses instead.
"""
import argparse
import json
import time
from collections import defaultdict
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from line_oracle import THRESHOLD, Oracle
from rich.progress import track

from spectra_classifier.core.decision import (
    DecisionConfig,
    DecisionState,
    ModelStanding,
    Observation,
    step,
)
from spectra_classifier.core.decision.mean_verdict import MeanVerdict
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.live.mean_judge import MeanJudge
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.gotthard.drift import Disturbance
from spectra_classifier.simulation.gotthard.frames import photon_pool
from spectra_classifier.simulation.gotthard.source import PHOTON_POOL
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.scenario import MARGIN
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

FIRST_SEED = 60001
SCENARIOS = ("ramp", "redistribution", "shift")
PULSES, TRAINS = 600, 5
#: strangers of each kind and detector, streams of each taught case
STRANGERS, STREAMS = 4, 4
KINDS = ("mirrored", "shuffled", "shifted by 32 channels", "foreign",
         "new line, 10 % of the photons", "new line, 5 % of the photons",
         "new line, 2 % of the photons", "new line, 1 % of the photons",
         "new line, 0.5 % of the photons")
#: (words, coordinate, gain, pedestal in units of the mean counts)
TAUGHT = (("first state", 0., 1., 0.), ("second state", 1., 1., 0.),
          ("mixture 1 : 3", 0.25, 1., 0.), ("mixture 1 : 1", 0.5, 1., 0.),
          ("0.6 of the intensity", 0., 0.6, 0.),
          ("1.6 of the intensity", 1., 1.6, 0.),
          ("pedestal + 8 %", 0., 1., 0.08), ("pedestal - 8 %", 1., 1., -0.08))
TAKEN = 100_000     # trains after the captures


def strange(kind, density, random):
    """The density of a stranger, from that of a taught state."""
    channels = len(density)
    place = np.arange(channels)
    if kind == "mirrored":
        return density[::-1]
    if kind == "shuffled":
        return random.permutation(density)
    if kind.startswith("shifted"):
        return np.roll(density, 32)
    if kind.startswith("new line"):
        share = float(kind.split()[2]) / 100
        return density / density.sum() + share * new_line(channels, random)
    count = int(random.integers(4, 20))
    peaks = np.exp(-0.5 * (
        (place - random.uniform(0, channels, (count, 1))) / random.lognormal(
            np.log(channels / 60), 0.5, (count, 1))) ** 2)
    return (random.uniform(0.1, 1) * np.exp(
        -place / channels * random.uniform(0, 3))
        + random.gamma(1.5, 1., count) @ peaks)


def new_line(channels, random):
    """Its density, which sums to 1."""
    line = np.exp(-0.5 * ((np.arange(channels)
                           - random.uniform(0.1, 0.9) * channels)
                          / random.uniform(1.5, 6)) ** 2)
    return line / line.sum()


def oracle(source, kind, random):
    """The `Oracle` of the stranger that these random numbers make."""
    if not kind.startswith("new line"):
        return None
    random.integers(len(source.classes))
    return Oracle(source, new_line(source.scenario.density.shape[1], random))


def stranger(source, kind, random):
    """The same detector in front of another sample."""
    state = int(random.integers(len(source.classes)))
    density = strange(kind, source.scenario.density[state].copy(), random)
    density = density / density[MARGIN:-MARGIN].sum()
    other = GotthardSource(source.preset, source.scenario.name, source.seed)
    other._pools = np.stack([photon_pool(density, PHOTON_POOL, random)] * len(
        other._pools))
    other._total = np.full(len(other._pools), density.sum())
    return other


def taught(source):
    """Model and report of captures of this detector."""
    return train(take_captures(source, 4, 5, 60), TrainingOptions(
        members="linear", normalisation="area"))


def cost():
    """CPU time (ms) of the mean of one pulse pattern: median, least."""
    source = GotthardSource(PRESETS["realistic"], "ramp", FIRST_SEED)
    device = Device(taught(source).definition, source)
    given = make_train(1, source.train(TAKEN, 2700, 0.).adc)
    judge, times = MeanJudge(), []
    for _ in range(500):
        begin = time.process_time()
        judge(given, np.zeros(2700, np.int8), device.settings, device.known)
        times.append(1e3 * (time.process_time() - begin))
    return np.median(times), min(times)


class Device:
    """A classifier without Karabo."""

    def __init__(self, definition, source):
        self._engine = FusedEngine(definition)
        self.settings = Settings(dark=source.dark)
        self._config = DecisionConfig(definition.classes)
        self.known = SimpleNamespace(
            hash="one", decision=self._config, model=SimpleNamespace(
                definition=definition))

    def stream(self, source, first, coordinate, knowing=None):
        """(scores of the means, unknown by pulses, unknown with the mean,
        amount of a line as the oracle `knowing` sees it).

        The two in the middle: whether that was decided in the end.
        """
        judge, scores, amounts = MeanJudge(), [], []
        states = [DecisionState(), DecisionState()]
        for number in range(TRAINS):
            made = source.train(first + number, PULSES, coordinate)
            if knowing is not None:
                amounts.append(knowing(made, source.disturbance))
            verdicts = np.where(made.label == Code.BAD_DATA, Code.BAD_DATA, 0)
            verdicts[made.gain.any(axis=1)] = Code.SATURATED
            given = make_train(first + number, made.adc, verdicts=verdicts)
            labels = self._engine.classify(given, self.settings).label
            means = judge(given, labels, self.settings, self.known)
            scores.append(means.worst)
            for which, each in enumerate((MeanVerdict(), means)):
                states[which], _ = step(states[which], Observation(
                    first + number, labels, 0.1 * number, ModelStanding(),
                    means=each), self._config)
        return (scores, *(state.patterns[0].state < 0 for state in states),
                sum(amounts) / np.sqrt(TRAINS))


def examine(preset, name, seed):
    """Figures of one detector."""
    source = GotthardSource(preset, name, seed)
    result = taught(source)
    rule = result.definition.mean_rule
    device = Device(result.definition, source)
    random = np.random.default_rng((seed, 1))
    found = {"rule": result.report["unknown"]["means"], "strange": {},
             "taught": {}, "false": {}}
    if rule is None:
        return found
    for kind in KINDS:
        rows = []
        for number in range(STRANGERS):
            knowing = oracle(source, kind, deepcopy(random))
            rows.append(device.stream(stranger(source, kind, random),
                                      TAKEN + 137 * number, 0., knowing))
        found["strange"][kind] = [
            [bool(pulses), bool(both), float(np.nanmedian(scores)),
             float(amount)] for scores, pulses, both, amount in rows]
    level = preset.photons * preset.gain / source.channels
    for words, coordinate, gain, pedestal in TAUGHT:
        changed = GotthardSource(preset, name, seed, disturbance=Disturbance(
            gain=gain, pedestal=pedestal * level))
        rows = [device.stream(changed, TAKEN + 211 * number, coordinate,
                              Oracle(source, new_line(
                                  source.scenario.density.shape[1], random)))
                for number in range(STREAMS)]
        found["taught"][words] = [row[0] for row in rows]
        found["false"][words] = [float(row[3]) for row in rows]
    return found


def section(found):
    """Both tables, as in docs/accuracy.md."""
    names = [name for name in PRESETS if name in found]
    detectors = ", ".join(f"{len(found[name])} {name}" for name in names)
    text = f"""## The mean of a train

Simulated detectors of the presets ({detectors}) over the scenarios
{", ".join(SCENARIOS)}; a model of four captures of
each state with 300 pulses each; streams of {PULSES} pulses a train, drawn
from seed {FIRST_SEED} on. Streams of a sample that was not taught, and how
many of them are decided to be *unknown* after {TRAINS} trains (half a
second), by single pulses alone and with the mean as well:

| not taught | """ + " | ".join(
        f"{name}: pulses | with the mean" for name in names) + """ |
|---|""" + "---|---|" * len(names) + "\n"
    for kind in KINDS:
        rows = [[row for each in found[name]
                 for row in each["strange"].get(kind, ())] for name in names]
        text += f"| {kind} | " + " | ".join(
            f"{sum(row[0] for row in some)} of {len(some)} | "
            f"{sum(row[1] for row in some)}" for some in rows) + " |\n"
    text += """
Trains of taught states, their mixtures, and what a beamline does to them: how
many have a mean that is called foreign, and the largest score (1 at the
limit):

| taught | """ + " | ".join(
        f"{name}: foreign | largest" for name in names) + """ |
|---|""" + "---|---|" * len(names) + "\n"
    for words, *_ in TAUGHT:
        scores = [np.array([score for each in found[name] for row in
                            each["taught"].get(words, ()) for score in row])
                  for name in names]
        text += f"| {words} | " + " | ".join(
            f"{int((~(some <= 1)).sum())} of {some.size} | "
            f"{np.nanmax(some):.2f}" for some in scores) + " |\n"
    return text + lines(found, names)


def lines(found, names):
    """New lines by the rule and by the oracle."""
    text = """
New lines by the rule and by an oracle that knows place and width of the line,
the classes, the drift of each train, the gain of each strip and the covariance
of all noise (`line_oracle.py`), with the same trains and a level of 1 %:

| new line | """ + " | ".join(
        f"{name}: rule | oracle" for name in names) + """ |
|---|""" + "---|---|" * len(names) + "\n"
    for kind in KINDS:
        if not kind.startswith("new line"):
            continue
        rows = [[row for each in found[name]
                 for row in each["strange"].get(kind, ())] for name in names]
        text += f"| {kind.removeprefix('new line, ')} | " + " | ".join(
            f"{sum(row[1] for row in some)} of {len(some)} | "
            f"{sum(row[3] > THRESHOLD for row in some)}"
            for some in rows) + " |\n"
    amounts = [np.array([value for each in found[name]
                         for row in each["false"].values() for value in row])
               for name in names]
    return text + "| taught states | " + " | ".join(
        f"{_foreign_streams(found[name])} of {some.size} | "
        f"{int((some > THRESHOLD).sum())}"
        for name, some in zip(names, amounts, strict=True)) + " |\n"


def _foreign_streams(detectors):
    """Streams of taught states in which one mean or more is foreign."""
    return sum(not all(score <= 1 for score in row) for each in detectors
               for rows in each["taught"].values() for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--seeds", type=int, default=2,
                        help="detectors of each preset and scenario")
    parser.add_argument("--first", type=int, default=FIRST_SEED,
                        help="seed of the first one")
    parser.add_argument("--cost", action="store_true")
    arguments = parser.parse_args()
    if arguments.cost:
        print("CPU of the mean of a train: median {:.2f} ms, least {:.2f} ms"
              .format(*cost()))
        return
    found = defaultdict(list)
    cases = [(name, scenario, arguments.first + number)
             for number in range(arguments.seeds)
             for name in PRESETS for scenario in SCENARIOS]
    for name, scenario, seed in track(cases, "Detectors"):
        found[name].append(examine(PRESETS[name], scenario, seed))
        if arguments.output:
            arguments.output.write_text(json.dumps(found, indent=1))
    print(section(found))


if __name__ == "__main__":
    main()
