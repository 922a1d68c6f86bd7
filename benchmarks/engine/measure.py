"""Measures the engine and its peers, and writes what the docs quote.

    python benchmarks/engine/measure.py [--quick] [-o FOLDER]

Writes results.json and knot_error.json in benchmarks/engine,
docs/benchmarks.md and docs/figures/growth.png. Less than ten minutes on a
quiet machine.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

import knot_error
import report

ROOT = Path(__file__).resolve().parents[2]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true",
                        help="small and meaningless: shows that it works")
    parser.add_argument("-o", "--output", type=Path, default=ROOT,
                        help="where docs/ and benchmarks/ are written")
    options = parser.parse_args()
    command = [Path(sys.executable).with_name("spectra-classifier"), "bench",
               "--json", *(["--quick"] if options.quick else [])]
    cases = json.loads(subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    folder = options.output / "benchmarks/engine"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "results.json").write_text(json.dumps(cases, indent=1) + "\n")
    knot_error.record(folder)
    report.rewrite(options.output)


if __name__ == "__main__":
    main()
