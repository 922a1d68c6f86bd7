"""What a simulated train costs: CPU time of one core per train.

    python benchmarks/simulation_cost.py [--trains N] [--pulses N] [--json]

Times are process CPU time, so that other work on the machine counts little.
"""
import argparse
import json
import time

import numpy as np

from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import PRESETS
from spectra_classifier.simulation.published_ramp.curve_source import (
    CurveSource,
)


def cost(source, pulses, trains):
    """{"median", "p95"} of the CPU time per train, ms."""
    source.train(0, 10)                 # compiles
    times = []
    for train_id in range(trains):
        begun = time.process_time()
        source.train(train_id, pulses)
        times.append(1e3 * (time.process_time() - begun))
    return {"median": float(np.median(times)),
            "p95": float(np.quantile(times, 0.95))}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--trains", type=int, default=100)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cases = [(name, GotthardSource(preset), options.pulses)
             for name, preset in PRESETS.items()]
    cases.append(("curves", CurveSource(), 1))
    rows = [{"source": name, "pulses": pulses, "channels": source.channels,
             "cpu_ms_per_train": cost(source, pulses, options.trains)}
            for name, source, pulses in cases]
    if options.json:
        print(json.dumps(rows, indent=1))
        return
    print("| source | pulses | CPU ms per train, median | p95 |\n"
          "|---|---|---|---|")
    for row in rows:
        times = row["cpu_ms_per_train"]
        print(f"| {row['source']} | {row['pulses']} | "
              f"{times['median']:.1f} | {times['p95']:.1f} |")


if __name__ == "__main__":
    main()
