"""What training and one live train cost with the model that `auto` chose.

    python benchmarks/accuracy/cost.py -o cost.json
    python benchmarks/accuracy/cost.py -o cost.json --against OTHER/src

2 classes, 4 captures each, 10 trains a capture, 2700 x 1280 uint16 from the
simulated Gotthard-II; then 2700 x 1280 a train through the fused engine,
dark, gate, normalisation, members, mixture and residual included. Times are
CPU times of one thread. What stands in the output already is kept.

`--against` compares trainings by this source and by another one instead: in
pairs, in turn, each in a process of its own, of the sets of `SETS`.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import families
import numpy as np
from rich.progress import track

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

PULSES = 2700
#: presets and scenarios of the simulated Gotthard-II
CASES = (("realistic", "ramp"), ("realistic", "shift"),
         ("hard", "redistribution"))
#: a training of `--against`: prints its CPU seconds
CHILD = """
import sys, time
import numpy as np
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
some = np.load(sys.argv[1])
spectra, labels = some["spectra"], some["labels"]
data = Dataset(Axis.channels(spectra.shape[1]), spectra, labels,
               tuple(map(str, range(labels.max() + 1))),
               some["groups"] if "groups" in some else None)
started = time.process_time()
train(data, TrainingOptions(members="auto"))
print(time.process_time() - started)
"""


def captures(preset, scenario, pulses):
    source = GotthardSource(PRESETS[preset], scenario, seed=1)
    return source, take_captures(source, captures=4, trains=10, pulses=pulses)


def measure(preset, scenario, pulses):
    source, data = captures(preset, scenario, pulses)
    wall, cpu = time.perf_counter(), time.process_time()
    result = train(data, TrainingOptions(members="auto"))
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    live = source.train(10 ** 6, PULSES)
    settings = Settings(dark=source.dark)
    engine = FusedEngine(result.definition)
    engine.warm_up()
    raw = make_train(0, live.adc)
    times = []
    for _ in range(15):
        started = time.thread_time()
        codes = engine.classify(raw, settings)
        times.append(1e3 * (time.thread_time() - started))
    known = live.label >= 0
    decided = codes.label[known] >= 0
    return {
        "preset": preset, "scenario": scenario, "spectra": len(data),
        "training_cpu_s": cpu, "training_wall_s": wall,
        "seconds_by_step": result.report["seconds_by_step"],
        "chosen": [entry["name"] for entry
                   in result.report["choice"]["chosen"]],
        "verdict": result.report["null_tests"]["verdict"],
        "ms_per_train": float(np.median(times)),
        "ms_per_train_least": float(min(times)),
        "decided": float(decided.mean()),
        "accuracy_decided": float((codes.label[known][decided]
                                   == live.label[known][decided]).mean())}


def family(count, classes, seed=0):
    spectra, labels = families.family(seed, classes).draw(
        [count] * classes, np.random.default_rng(seed))
    return Dataset(Axis.channels(spectra.shape[1]), spectra, labels,
                   tuple(map(str, range(classes))))


def curves():
    """The published ramp, of which every 8th curve is taught."""
    _, spectra = ramp.curves(seed=0)
    spectra = spectra[::8].astype(np.float32)
    return Dataset(Axis.channels(spectra.shape[1]), spectra, (
        np.arange(len(spectra)) * 8 >= 185).astype(int), ("low", "high"))


#: {name: () -> Dataset} of `--against`
SETS = {
    "ramp, curves": curves,
    "family, 3 x 60": lambda: family(60, 3),
    "family, 5 x 200": lambda: family(200, 5),
    **{f"{preset}, {scenario}, {pulses} pulses":
       lambda of=(preset, scenario, pulses): captures(*of)[1]
       for preset, scenario in CASES for pulses in (30, 300)},
    "realistic, ramp, 2700 pulses":
        lambda: captures("realistic", "ramp", PULSES)[1]}


def compared(other, pairs, words):
    """[{set, spectra, CPU seconds of each training here and there}]."""
    trees = {"here": str(Path(__file__).parents[2] / "src"), "there": other}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.npz"
        for name, make in track([item for item in SETS.items() if any(
                word in item[0] for word in words)], "Sets"):
            data = make()
            np.savez(path, spectra=data.spectra, labels=data.labels, **(
                {} if data.groups is None else {"groups": data.groups}))
            times = {tree: [] for tree in trees}
            # the first pair fills what is compiled once for a machine
            for number in range(pairs + 1):
                for tree in sorted(trees, reverse=number % 2 == 1):
                    spent = float(subprocess.run(
                        [sys.executable, "-c", CHILD, str(path)], check=True,
                        capture_output=True, env=os.environ | {
                            "PYTHONPATH": trees[tree], "OMP_NUM_THREADS": "1",
                            "OPENBLAS_NUM_THREADS": "1"}).stdout)
                    if number:
                        times[tree].append(spent)
            yield {"set": name, "spectra": len(data), **times}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--pulses", type=int, default=PULSES)
    parser.add_argument("--sets", nargs="*", default=[""],
                        help="words in the names of the sets")
    parser.add_argument("--against", metavar="SRC")
    parser.add_argument("--pairs", type=int, default=5)
    arguments = parser.parse_args()
    path = arguments.output
    if arguments.against:
        found = []
        for entry in compared(arguments.against, arguments.pairs,
                              arguments.sets):
            found.append(entry)
            path.write_text(json.dumps(found, indent=1))
            ratio = np.divide(entry["here"], entry["there"])
            print(f"{entry['set']}: {np.median(entry['here']):.2f} s, there "
                  f"{np.median(entry['there']):.2f} s, ratio "
                  f"{np.median(ratio):.3f} ({ratio.min():.3f} to "
                  f"{ratio.max():.3f})", flush=True)
        return
    found = json.loads(path.read_text()) if path.is_file() else []
    known = [(entry["preset"], entry["scenario"]) for entry in found]
    for case in track([case for case in CASES if case not in known],
                      "Models"):
        found.append(measure(*case, arguments.pulses))
        path.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
