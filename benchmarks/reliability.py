"""The tables of docs/reliability.md, from a rehearsal's summary.

    bash scripts/rehearse.sh --seconds 3600 --seed 1 --summary r.json
    .venv/bin/python benchmarks/reliability.py r.json [--write]

`--write` puts them into the page, in the place of those that are there.
"""
import argparse
import json
from pathlib import Path

from spectra_lab.rehearsal.expectations import (
    ATTACK,
    CLASSIFIER,
    GUARD,
    PROCESS,
    SHUTTER,
    SOURCE,
    WORK,
)

TESTS = {**dict.fromkeys(SOURCE, "test_source_faults"),
         **dict.fromkeys(PROCESS, "test_processes"),
         **dict.fromkeys(ATTACK, "test_rehearsal"),
         "classifier without broker": "test_broker_loss",
         **dict.fromkeys(("classifier stopped briefly", "model swapped",
                          "classifier's broker frozen", "snapshot"),
                         "test_rehearsal"),
         "cores busy": "test_busy"}
KEYS = ("seconds", "faults_injected", "trains_sent", "trains_lost_by_us",
        "trains_lost_to_faults", "pulses_received", "pulses_unaccounted",
        "trains_unaccounted", "wrong_permits", "wrong_classes",
        "wrong_reasons", "too_late",
        "alarms_that_did_not_fire", "not_recovered", "identity_broken",
        "problems", "snapshots_replayed", "replay_mismatches",
        "latency_ms_p50", "latency_ms_p99", "latency_ms_p99_faults_included",
        "rss_growth_mb")
PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
#: lines of the page between which the tables stand
BEGIN = "<!-- measured: begin (made by benchmarks/reliability.py) -->\n"
END = "<!-- measured: end -->\n"
#: who closed the shutter, in words
BY = {CLASSIFIER: "the classifier: its word was no",
      GUARD: "the guard: no word came, or the connection closed",
      SHUTTER: "the shutter: its hold time ran out"}


def reaction(expected):
    """What has to happen, in words."""
    if expected.denies:
        return f'no permit: "... {expected.reason} ..."; closed'
    if expected.within is not None:
        return "closed"
    return "nothing lost" if expected.usable else "nothing lost; no class"


def spread(times):
    """A distribution of seconds, in a cell."""
    return (f"{times['median']:.2f} / {times['p95']:.2f} / "
            f"{times['max']:.2f} (n = {times['n']})")


def fault_rows(summary):
    """Lines of the table, one per fault."""
    safe, struck = summary["seconds_to_safe"], summary["struck"]
    for kind, expected in (SOURCE | PROCESS | WORK | ATTACK).items():
        measured = spread(safe[kind]) if kind in safe else "-"
        limit = "-" if expected.within is None else f"{expected.within:.1f}"
        yield (f"| {kind}: {expected.what} | {reaction(expected)} | "
               f"`{TESTS[kind]}` | {struck.get(kind, 0)} | {limit} | "
               f"{measured} |")


def noticed_rows(summary):
    """Lines of the table of who noticed."""
    for by, times in summary["seconds_to_safe_by"].items():
        kinds = ", ".join(f"{kind} ({count})"
                          for kind, count in times["kinds"].items())
        yield f"| {BY[by]} | {spread(times)} | {kinds} |"


def memory_rows(summary):
    """Lines of the table of memory."""
    for name, life in summary["memory"].items():
        growth, slope = ("-" if life[key] is None else f"{life[key]:+.1f}"
                         for key in ("growth_mb", "mb_per_hour"))
        yield (f"| {name} | {life['seconds']:.0f} | {life['mb']:.0f} | "
               f"{growth} | {slope} |")


def markdown(summary):
    """The lines of all tables."""
    host = summary["host"]
    yield (f"`{summary['command']}` on {host['cores']} cores of "
           f"{host['processor']}, Linux {host['kernel']}, spectra_classifier "
           f"{host['spectra_classifier']}:\n")
    yield "| | |\n|---|---|"
    yield from (f"| `{key}` | {summary[key]} |" for key in KEYS)
    yield ("\nWho closed the shutter:\n\n| by | median / p95 / max, s | "
           "faults (how often) |\n|---|---|---|")
    yield from noticed_rows(summary)
    yield ("\nMemory, longest life of each process:\n\n| process | life, s | "
           "MB at the end | growth, MB | slope, MB / h |\n|---|---|---|---|"
           "---|")
    yield from memory_rows(summary)
    yield ("\n| fault | what has to happen | test | struck | limit, s | "
           "median / p95 / max, s |\n|---|---|---|---|---|---|")
    yield from fault_rows(summary)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("summary", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = "\n".join(markdown(json.loads(options.summary.read_text())))
    if not options.write:
        print(text)
        return
    before, begin, rest = PAGE.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise SystemExit(f"{PAGE} has no lines {BEGIN!r} and {END!r}")
    PAGE.write_text(f"{before}{begin}\n{text}\n\n{end}{after}")


if __name__ == "__main__":
    main()
