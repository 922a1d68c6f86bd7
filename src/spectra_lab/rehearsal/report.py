"""The numbers at the end of a rehearsal, and whether all was well."""
import os
import platform
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from spectra_classifier.files.snapshots.writing import environment
from spectra_classifier.model.strict_json import JsonObject

from .expectations import EXPECTED
from .options import Options
from .replay import Replayer

if TYPE_CHECKING:       # which needs Karabo
    from .run import Rehearsal

#: counts of which every one must be 0
ZERO = ("trains_lost_by_us", "pulses_unaccounted", "trains_unaccounted",
        "wrong_permits", "wrong_classes", "wrong_reasons", "identity_broken",
        "replay_mismatches", "too_late", "not_recovered",
        "alarms_that_did_not_fire", "problems")


def summarise(rehearsal: "Rehearsal", replayer: Replayer) -> JsonObject:
    """The summary of a finished `Rehearsal` and its `Replayer`.

    "last_strikes": [time, kind, train id before it]; the other keys are in
    docs/reliability.md.
    """
    judge, options = rehearsal.judge, rehearsal.options
    problems = [*rehearsal.problems, *replayer.problems]
    counts = judge.counts
    lives = rehearsal.memory.lives()
    numbers: JsonObject = {
        "seconds": round(rehearsal.seconds, 1),
        "seed": options.seed,
        "finished": True,
        "faults_injected": rehearsal.struck.total(),
        "trains_sent": counts["trains_sent"],
        "trains_received": counts["trains_received"],
        "pulses_received": counts["pulses_received"],
        "trains_lost_to_faults": sum(judge.explained.values()),
        "latency_ms_p50": _percentile(judge.latencies, 50),
        "latency_ms_p99": _percentile(judge.latencies, 99),
        "latency_ms_p99_faults_included": _percentile(
            judge.all_latencies, 99),
        "rss_growth_mb": lives.get("classifier", {}).get("growth_mb"),
        "snapshots_replayed": replayer.snapshots,
        "replay_mismatches": replayer.mismatches,
        "problems": len(problems)}
    numbers |= {key: counts[key] for key in ZERO if key not in numbers}
    return numbers | {
        "memory": lives,
        "lost_to": dict(judge.explained),
        "struck": dict(sorted(rehearsal.struck.items())),
        "seconds_to_safe": rehearsal.times.table(),
        "seconds_to_safe_by": rehearsal.times.table_by(),
        "wrongs": [*judge.wrongs, *problems],
        "classifier_says": rehearsal.readings,
        "restarts": rehearsal.crew.restarts,
        "command": _command(options),
        "host": _host(),
        "last_strikes": list(rehearsal.trace)}


def _command(options: Options) -> str:
    """With which it can be done again."""
    words = ["bash scripts/rehearse.sh", f"--seconds {options.seconds:g}",
             f"--seed {options.seed}", f"--pulses-per-train {options.pulses}",
             f"--preset {options.preset}"]
    if options.model:
        words.append(f"--model {options.model.name}")
    if set(options.kinds) != set(EXPECTED):
        words.append("--faults " + " ".join(map(repr, options.kinds)))
    return " ".join(words)


def _host() -> dict[str, str | int | None]:
    """On what it was done: processor, cores, versions."""
    return environment() | {"cores": os.cpu_count(),
                            "kernel": platform.release()}


def nothing_wrong(numbers: JsonObject) -> bool:
    """True if there is nothing that an operator would have to be told."""
    return (numbers["trains_received"] > 0 and numbers["faults_injected"] > 0
            and not any(numbers[key] for key in ZERO))


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return (round(float(np.percentile(values, percent)), 2)
            if len(values) else None)


def tables(numbers: JsonObject) -> tuple[Table, Table]:
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
