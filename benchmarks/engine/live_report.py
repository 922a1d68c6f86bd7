"""The section on live runs of the page, from the reports of `live.py`."""
from tables import table


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
        "first ones included; memory from the end of settling on.\n\n"
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
