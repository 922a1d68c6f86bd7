"""The numbers at the end of a rehearsal, and whether all was well."""
import numpy as np
from rich.table import Table

from .expectations import EXPECTED

#: counts of which every one must be 0
ZERO = ("trains_lost_by_us", "pulses_unaccounted", "trains_unaccounted",
        "wrong_permits", "wrong_reasons", "identity_broken",
        "replay_mismatches", "too_late", "not_recovered",
        "alarms_that_did_not_fire", "problems")


def summarise(rehearsal, replay):
    """The summary of a finished `Rehearsal`; `replay`: what `replay_all`
    found. "last_strikes": [time, kind, train id before it]."""
    judge, problems = rehearsal.judge, rehearsal.problems
    counts = judge.counts
    memory_growth = rehearsal.memory.growth()
    numbers = {
        "seconds": round(rehearsal.seconds, 1),
        "faults_injected": rehearsal.struck.total(),
        "trains_sent": counts["trains_sent"],
        "trains_received": counts["trains_received"],
        "pulses_received": counts["pulses_received"],
        "trains_lost_to_faults": sum(judge.explained.values()),
        "latency_ms_p50": _percentile(judge.latencies, 50),
        "latency_ms_p99": _percentile(judge.latencies, 99),
        "latency_ms_p99_faults_included": _percentile(
            judge.all_latencies, 99),
        "rss_growth_mb": memory_growth.get("classifier"),
        "snapshots_replayed": replay["snapshots"],
        "replay_mismatches": replay["mismatches"],
        "problems": len(problems)}
    numbers |= {key: counts[key] for key in ZERO if key not in numbers}
    return numbers | {
        "rss_growth_mb_of": memory_growth,
        "lost_to": dict(judge.explained),
        "struck": dict(sorted(rehearsal.struck.items())),
        "seconds_to_safe": rehearsal.times.table(),
        "wrongs": [*judge.wrongs, *problems],
        "classifier_says": rehearsal.readings,
        "restarts": rehearsal.crew.restarts,
        "last_strikes": list(rehearsal.trace)}


def nothing_wrong(numbers):
    """True if there is nothing that an operator would have to be told."""
    return (numbers["trains_received"] > 0 and numbers["faults_injected"] > 0
            and not any(numbers[key] for key in ZERO))


def _percentile(values, percent):
    return (round(float(np.percentile(values, percent)), 2)
            if len(values) else None)


def tables(numbers):
    """What is printed: the numbers, and the times to safe."""
    main = Table(title="Rehearsal", show_header=False)
    for key, value in numbers.items():
        if not isinstance(value, (list, dict)):
            style = "bold red" if key in ZERO and value else ""
            main.add_row(key, str(value), style=style)
    safe = Table("fault", "n", "median s", "p95 s", "max s", "limit s",
                 title="From fault to closed shutter")
    for kind, row in numbers["seconds_to_safe"].items():
        safe.add_row(kind, str(row["n"]), f"{row['median']:.3f}",
                     f"{row['p95']:.3f}", f"{row['max']:.3f}",
                     f"{EXPECTED[kind].within:.1f}")
    return main, safe
