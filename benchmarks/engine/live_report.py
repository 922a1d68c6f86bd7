"""The sections on live runs of the page, from the reports of `live.py`,
`live_profile.py`, `live_memory.py`, `live_peers.py` and `swaps.py`."""
import numpy as np
from tables import table

#: minutes whose median is a point of a trend, and Student's t for 95 % of
#: the slope through twelve of them
BLOCK, STUDENT = 10, 2.23


def section(runs):
    """Markdown."""
    if not runs:
        return ("## Live\n\nNot measured: `python benchmarks/live.py "
                "--record`.\n")
    return (
        "## Live\n\nA private broker and a device server each for source, "
        "classifier, guard and shutter on the same machine, 10 trains a "
        "second; the source plays prepared trains. *Entry to codes* is from "
        "the classifier's input handler to its output written, *source to "
        "receiver* from the moment a train is due at the source, before it "
        "writes, to the codes in another process. All trains count, the "
        "first ones included; memory from the end of settling on. Linux may "
        "wake who reads on the processor of who writes; `--apart` gives the "
        "source one and the event loop of the classifier another, as on two "
        "machines, and has a column of its own where it was recorded.\n\n"
        + table(["", *(run["title"] for run in runs)], _rows(runs)))


def _rows(runs):
    def row(name, text):
        return [name, *(text(run) for run in runs)]

    def percentiles(key):
        return lambda run: " / ".join(
            f"{run[f'{key}_{part}']:.1f}" for part in ("p50", "p99", "max"))

    rows = [
        row("train", lambda run: f"{run['pulses_per_train']} x "
            f"{run['channels']} {run['dtype']}, "
            f"{run['megabytes_per_train']:.1f} MB"),
        row("baseline", lambda run: run["baseline"] + (
            f", lam {run['lam']:.4g}, knot step {run['knot_step']}"
            if run["baseline"] != "none" else "")),
        row("members", lambda run: run["members"]),
        row("seconds, trains", lambda run: f"{run['seconds']:.0f}, "
            f"{run['trains_received']}"),
        row("rate, Hz", lambda run: f"{run['rate_hz']:.2f}"),
        row("trains lost, pulses skipped, unaccounted", lambda run: ", ".join(
            str(run[key]) for key in ("trains_lost", "pulses_skipped",
                                      "pulses_unaccounted"))),
        row("entry to codes, ms, p50 / p99 / max",
            percentiles("entry_to_codes_ms")),
        row("source to receiver, ms, p50 / p99 / max",
            percentiles("source_to_receiver_ms")),
        row("memory of the classifier, MB, first / last / per minute",
            lambda run: f"{run['rss_mb_first']:.0f} / "
            f"{run['rss_mb_last']:.0f} / {run['rss_mb_per_minute']:+.2f}")]
    names = list(dict.fromkeys(name for run in runs for name in run["cores"]))
    return rows + [row(f"cores: {name}", lambda run, name=name: (
        f"{run['cores'].get(name, 0.):.2f}")) for name in names]


def profile(report):
    """Markdown: the stages of a train."""
    if not report:
        return ""
    whole = sum(report["ms_per_train"].values())
    return (
        "### Stages of a train in the whole process\n\nWritten by `python "
        f"benchmarks/live_profile.py --record`: {report['samples']} samples "
        "of the stacks of the classifier's process, times its processor time "
        f"({report['cores']:.3f} of a core); {report['pulses_per_train']} x "
        f"{report['channels']}, 10 trains a second.\n\n" + table(
            ["stage", "CPU ms per train", "share"],
            [[stage, f"{ms:.2f}", f"{100 * ms / whole:.0f}%"]
             for stage, ms in report["ms_per_train"].items()]
            + [["all", f"{whole:.2f}", "100%"]]))


def memory(report):
    """Markdown: what holds the memory of a classifier."""
    if not report:
        return ""
    return (
        "### What holds the memory\n\nWritten by `python "
        "benchmarks/live_memory.py --record`: one process does what a "
        "classifier's server does, step by step; resident memory after each, "
        f"in MB. {report['pulses_per_train']} x {report['channels']}.\n\n"
        + table(["step", "MB more", "MB in all"],
                [[name, f"{more:.0f}", f"{whole:.0f}"]
                 for name, more, whole in report["steps"]]))


def hours(report):
    """Markdown: the memory of a classifier that runs for hours."""
    if not report:
        return ""
    minutes = np.array(report["rss_mb_minutes"])
    slope, half = trend(minutes)
    quarters = ", ".join(f"{each:.1f}" for each in report["rss_mb_quarters"])
    return (
        "### Memory over hours\n\nWritten by `python benchmarks/live.py "
        f"--seconds {report['seconds']:.0f} --record`: the classifier's "
        f"server while {report['trains_received']} trains of "
        f"{report['pulses_per_train']} x {report['channels']} are classified, "
        "everything on; medians of minutes. The slope goes through medians of "
        f"{BLOCK} minutes, with its 95 % interval.\n\n" + table(
            ["minutes", "first MB", "last MB", "most MB", "quarters, MB",
             "MB per hour", "of the second half",
             "trains lost, pulses unaccounted"],
            [[str(len(minutes)), f"{minutes[0]:.1f}", f"{minutes[-1]:.1f}",
              f"{minutes.max():.1f}", quarters,
              f"{slope:+z.2f} ({slope - half:+z.2f} to {slope + half:+z.2f})",
              f"{trend(minutes[len(minutes) // 2:])[0]:+z.2f}",
              f"{report['trains_lost']}, {report['pulses_unaccounted']}"]]))


def trend(minutes):
    """(slope, half of its interval) in MB per hour."""
    blocks = np.array([np.median(part) for part in np.array_split(
        minutes, max(len(minutes) // BLOCK, 3))])
    hour = np.arange(len(blocks)) * BLOCK / 60
    hour -= hour.mean()
    slope = (hour @ blocks) / (hour @ hour)
    rest = blocks - blocks.mean() - slope * hour
    error = np.sqrt(rest @ rest / (len(blocks) - 2) / (hour @ hour))
    return slope, STUDENT * error


def swaps(reports):
    """Markdown: trains while models are swapped."""
    if not reports:
        return ""
    rows = []
    for report in reports:
        without, under = (report[f"latency_ms_{kind}_swaps"]
                          for kind in ("without", "with"))
        low, high = report["p99_difference_interval_ms"]
        minutes = np.array(report["rss_mb_minutes"][:-1])   # the last: a part
        rows.append([
            "the one before" if report["models"] == 2 else "unknown",
            f"{report['swaps']}", f"{report['swap_seconds_p50']:.2f}, "
            f"{report['swap_seconds_max']:.2f}",
            f"{report['trains_lost']}, {report['trains_mixed']}, "
            f"{report['pulses_skipped']} of {report['trains_sent']}",
            *(f"{each['p50']:.1f} / {each['p99']:.1f} / {each['max']:.1f}"
              for each in (without, under)),
            f"{report['p99_difference_ms']:+.1f} ({low:.1f} to {high:.1f})",
            ", ".join(f"{each:.1f}" for each in report["rss_mb_quarters"]),
            f"{np.ptp(minutes[len(minutes) // 2:]):.2f}"])
    return (
        "### Swaps of models\n\nWritten by `python benchmarks/swaps.py "
        "--record`, alternating blocks with and without swaps at 2 a second; "
        "with two models the one asked for is known as the one before the "
        "live one, of three (`--models 3`) it is not, and is verified. "
        "Latency from the classifier's input handler to its output written; "
        "the difference with its 95 % interval from resampled blocks.\n\n"
        + table(["model asked for", "swaps", "s of a swap, median, most",
                 "trains lost, mixed, pulses skipped",
                 "ms without, p50 / p99 / max", "ms with",
                 "p99 more, ms", "memory, quarters, MB",
                 "most less least minute of the second half, MB"], rows))


def peers(report):
    """Markdown: other programs' ways next to the classifier."""
    if not report:
        return ""
    chain, *others = report["turns"].items()
    rows = [_peer(name, turns, chain[1]) for name, turns in (chain, *others)]
    return (
        "### Other ways of a train\n\nWritten by `python "
        "benchmarks/live_peers.py --record`; the same trains of "
        f"{report['pulses_per_train']} pulses, 10 a second, "
        f"{report['seconds']:.0f} s each, in {len(chain[1])} rounds of turns. "
        "*classifier* is the whole device with decision, output, properties, "
        "audit log and pictures, and its latency includes the way to another "
        "process; the others compute labels alone, with one thread. *Karabo* "
        "is a device of Karabo's own parts in a process of its own; it "
        "copies what it receives, which the classifier does not. Ratios "
        "are those of the turns of a round to the classifier's: median, "
        "lowest and highest.\n\n" + table(
            ["way", "CPU ms per train", "ratio", "p50 / p99, ms",
             "ratio of p99", "trains lost"], rows))


def _peer(name, turns, chain):
    def ratio(key):
        each = sorted(mine[key] / its[key]
                      for mine, its in zip(turns, chain, strict=True))
        return (f"{each[len(each) // 2]:.2f} ({each[0]:.2f} to "
                f"{each[-1]:.2f})")

    def middle(key):
        return sorted(turn[key] for turn in turns)[len(turns) // 2]

    return [name, f"{middle('cpu_ms'):.1f}", ratio("cpu_ms"),
            f"{middle('p50'):.1f} / {middle('p99'):.1f}", ratio("p99"),
            ", ".join(str(turn["lost"]) for turn in turns)]
