"""Is drift named by its right cause, and never where there is none?

    python benchmarks/drift.py [--seeds N] [--trains N] [--pulses N]
    python benchmarks/drift.py --cost

Plays simulated trains of detectors that the released model never saw through
its drift monitor: the ramp as it is (states held and mixed, all drift and
jitter of the preset "realistic"), and the same with one disturbance from a
certain train on. Prints the tables of docs/drift.md and, as the last line,
the CPU time of a train. About four minutes of one core. `--cost` measures
that time alone, for trains of 2700 pulses; under a minute.
"""
import argparse
import time
from pathlib import Path
from statistics import median

import numpy as np

from spectra_classifier import model
from spectra_classifier.core.drift import DriftMonitor
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.preprocessing.quality import assess
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.gotthard.drift import Disturbance
from spectra_classifier.simulation.presets import preset

MODELS = Path(__file__).parents[1] / "models"
FIRST_SEED = 3000
#: trains and pulses where only the cost is wanted
COSTLY = 200, 2700
#: trains before the disturbance, and after it until it must be named
BEFORE, WITHIN = 30, 100
#: (expected cause, what is done, `Disturbance`)
CASES = (
    ("intensity", "a third of the intensity", {"gain": 0.33}),
    ("axis", "axis +4 channels", {"shift": 4.}),
    ("axis", "axis +6 channels", {"shift": 6.}),
    ("axis", "axis -6 channels", {"shift": -6.}),
    ("baseline", "pedestal +20 ADU", {"pedestal": 20.}),
    ("baseline", "pedestal +40 ADU", {"pedestal": 40.}),
    ("peak", "a line of 60 ADU at strip 600", {"peak": 60., "place": 600}),
    ("peak", "a line of 120 ADU at strip 600", {"peak": 120., "place": 600}),
    ("peak", "a line of 120 ADU at strip 1000", {"peak": 120.,
                                                 "place": 1000}))


def released():
    """The definition of the released model for the simulated Gotthard-II."""
    path, = MODELS.glob("gotthard2-ramp-*.onnx")
    return model.load(path).definition


def play(definition, seed, trains, pulses, disturbance=None):
    """(train number, `DriftReport`, CPU s) of every train of a stream."""
    first = 977 * (seed - FIRST_SEED)
    if disturbance is not None:
        disturbance = Disturbance(begin=first + BEFORE, **disturbance)
    source = GotthardSource(preset("realistic"), "ramp", seed,
                            first_train=first, disturbance=disturbance)
    settings = Settings(dark=source.dark)
    monitor = DriftMonitor(definition)
    for number in range(trains):
        made = source.train(first + number, pulses)
        settled = np.where(made.label == Code.BAD_DATA, Code.BAD_DATA, 0)
        settled[made.gain.any(axis=1)] = Code.SATURATED
        train = make_train(first + number, made.adc, verdicts=settled)
        labels, _ = assess(train, definition, settings)
        begin = time.process_time()
        report = monitor.add(train, labels, settings)
        yield number, report, time.process_time() - begin


def clean(definition, seeds, trains, pulses):
    """(worst score and its cause of each seed, CPU s of each train)."""
    worst, costs = [], []
    for seed in seeds:
        reports = list(play(definition, seed, trains, pulses))
        costs += [cost for *_, cost in reports]
        worst.append(max(((report.score, report.cause)
                          for _, report, _ in reports if report.ranges)))
    return worst, costs


def disturbed(definition, seed, pulses, change):
    """(cause named first, trains that took), ("", 0) where none was."""
    for number, report, _ in play(definition, seed, BEFORE + WITHIN, pulses,
                                  change):
        if report.score > 1:
            return report.cause, number - BEFORE
    return "", 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--trains", type=int, default=600)
    parser.add_argument("--pulses", type=int, default=32)
    parser.add_argument("--cost", action="store_true",
                        help="only the CPU time, of full trains")
    options = parser.parse_args()
    definition = released()
    if options.cost:
        show_cost(clean(definition, [FIRST_SEED], *COSTLY)[1])
        return
    seeds = range(FIRST_SEED, FIRST_SEED + options.seeds)
    worst, costs = clean(definition, seeds, options.trains, options.pulses)
    scores = [score for score, _ in worst]
    print(f"limits of the model: {definition.drift.limits}\n")
    print("| no disturbance | streams | trains each | false alarms | highest "
          "score: median | of all | its cause |")
    print("|---|---|---|---|---|---|---|")
    print(f"| clean ramp | {len(seeds)} | {options.trains} | "
          f"{sum(score > 1 for score in scores)} | {median(scores):.2f} | "
          f"{max(scores):.2f} | {max(worst)[1] or 'none'} |\n")
    print("| disturbance | streams | named rightly | otherwise | not within "
          f"{WITHIN} trains | trains until named: median | most |")
    print("|---|---|---|---|---|---|---|")
    for cause, words, change in CASES:
        found = [disturbed(definition, seed, options.pulses, change)
                 for seed in seeds]
        right = [trains for named, trains in found if named == cause]
        missed = sum(named == "" for named, _ in found)
        other = sorted({named for named, _ in found} - {cause, ""})
        times = (f"{median(right):.0f} | {max(right)}" if right
                 else "- | -")
        print(f"| {words} | {len(found)} | {len(right)} | "
              f"{len(found) - len(right) - missed}"
              f"{' (' + ', '.join(other) + ')' if other else ''} | {missed} "
              f"| {times} |")
    print()
    show_cost(costs)


def show_cost(costs):
    """The last line."""
    costs = np.sort(costs) * 1e3
    print(f"CPU of a train: mean {costs.mean():.2f} ms, "
          f"99 % {costs[int(0.99 * len(costs))]:.2f} ms")


if __name__ == "__main__":
    main()
