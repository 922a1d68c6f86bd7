"""What training and one live train cost with the model that `auto` chose.

    python benchmarks/accuracy/cost.py -o cost.json

2 classes, 4 captures each, 10 trains a capture, 2700 x 1280 uint16 from the
simulated Gotthard-II; then 2700 x 1280 a train through the fused engine,
dark, gate, normalisation, members, mixture and residual included. Times are
CPU times of one thread. What stands in the output already is kept.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
from rich.progress import track

from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions

PULSES = 2700
#: presets and scenarios of the simulated Gotthard-II
CASES = (("realistic", "ramp"), ("realistic", "shift"),
         ("hard", "redistribution"))


def measure(preset, scenario, pulses):
    source = GotthardSource(PRESETS[preset], scenario, seed=1)
    data = take_captures(source, captures=4, trains=10, pulses=pulses)
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


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--pulses", type=int, default=PULSES)
    arguments = parser.parse_args()
    path = arguments.output
    found = json.loads(path.read_text()) if path.is_file() else []
    known = [(entry["preset"], entry["scenario"]) for entry in found]
    for case in track([case for case in CASES if case not in known],
                      "Models"):
        found.append(measure(*case, arguments.pulses))
        path.write_text(json.dumps(found, indent=1))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
