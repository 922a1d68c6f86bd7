"""The table of faults of docs/reliability.md, from a rehearsal's summary.

    bash scripts/rehearse.sh --seconds 3600 --seed 1 --summary r.json
    .venv/bin/python benchmarks/reliability.py r.json
"""
import json
import sys
from pathlib import Path

from spectra_classifier.lab.rehearsal.expectations import (
    PROCESS,
    SOURCE,
    WORK,
)

TESTS = {**dict.fromkeys(SOURCE, "test_source_faults"),
         **dict.fromkeys(PROCESS, "test_processes"),
         "classifier without broker": "test_broker_loss",
         **dict.fromkeys(("classifier stopped briefly", "model swapped",
                          "classifier's broker frozen", "snapshot"),
                         "test_rehearsal"),
         "cores busy": "test_busy"}
KEYS = ("seconds", "faults_injected", "trains_sent", "trains_lost_by_us",
        "trains_lost_to_faults", "pulses_received", "pulses_unaccounted",
        "wrong_permits", "wrong_reasons", "too_late", "not_recovered",
        "snapshots_replayed", "replay_mismatches", "latency_ms_p50",
        "latency_ms_p99", "latency_ms_p99_faults_included", "rss_growth_mb")


def reaction(expected):
    """What has to happen, in words."""
    if expected.denies:
        return f'no permit: "... {expected.reason} ..."; closed'
    if expected.within is not None:
        return "closed"
    return "nothing lost" if expected.usable else "nothing lost; no class"


def fault_rows(summary):
    """Lines of the table, one per fault."""
    safe, struck = summary["seconds_to_safe"], summary["struck"]
    for kind, expected in (SOURCE | PROCESS | WORK).items():
        times = safe.get(kind)
        measured = "-" if times is None else (
            f"{times['median']:.2f} / {times['p95']:.2f} / "
            f"{times['max']:.2f} (n = {times['n']})")
        limit = "-" if expected.within is None else f"{expected.within:.1f}"
        yield (f"| {kind}: {expected.what} | {reaction(expected)} | "
               f"`{TESTS[kind]}` | {struck.get(kind, 0)} | {limit} | "
               f"{measured} |")


def main(path):
    """Prints both tables."""
    summary = json.loads(Path(path).read_text())
    print("| | |\n|---|---|")
    for key in KEYS:
        print(f"| `{key}` | {summary[key]} |")
    print("\n| fault | what has to happen | test | struck | limit, s | "
          "median / p95 / max, s |\n|---|---|---|---|---|---|")
    print("\n".join(fault_rows(summary)))


if __name__ == "__main__":
    main(sys.argv[1])
