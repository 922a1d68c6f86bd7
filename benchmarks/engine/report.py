"""The page docs/benchmarks.md and its plot, from recorded measurements.

    python benchmarks/engine/report.py

Takes results.json (`measure.py`), knot_error.json (`knot_error.py`),
live_*.json (`benchmarks/live.py --record`) and what the programs of `OTHERS`
record, in its folder.
"""
import json
from pathlib import Path

import knot_report
import live_report
import start_report
from tables import of, ratios, table, time

HERE = Path(__file__).resolve().parent
HEAD = """# Benchmarks

Written by `python benchmarks/engine/measure.py` and `python
benchmarks/live.py --record`; do not edit. Measured on {cpu}, {cores} cores,
load {load:.1f} at the end. Times are CPU milliseconds of the process per
train of 2700 pulses, median of repeated rounds in which engine and peers take
turns on the same data, one thread each unless stated; what takes less than 20
ms is repeated within its turn. In brackets lowest and highest. Ratios are
medians of paired rounds, again with lowest and highest. Peers that were not
installed are missing. Spectra are those of the simulated
published ramp, 100 counts per published unit: a baseline of some 500 counts,
noise of 6 counts in mid-range and up to 90 at the ends of the axis.
"""


#: recorded by a program of its own -> its section
OTHERS = {"profile": live_report.profile, "memory": live_report.memory,
          "hours": live_report.hours, "swaps": live_report.swaps,
          "peers": live_report.peers, "cold_start": start_report.section}


def write(cases, docs, runs=(), errors=(), others=None):
    """docs/benchmarks.md and docs/figures/growth.png.

    `cases`: the list of `bench --json`; `runs`: those of `live.py`;
    `errors`: those of `knot_error.py`; `others`: {name of `OTHERS`: report}.
    """
    parts = [HEAD.format(**cases[-1]["machine"]),
             thresholds(of(cases, "thresholds")),
             baselines(of(cases, "als_reduced", "als_exact")),
             end_to_end(of(cases, "end_to_end")),
             roofline(cases), stages(of(cases, "stages")),
             knot_report.section(errors), live_report.section(runs),
             *(section((others or {}).get(name))
               for name, section in OTHERS.items()),
             growth(of(cases, "growth"))]
    (docs / "figures").mkdir(parents=True, exist_ok=True)
    (docs / "benchmarks.md").write_text("\n".join(filter(None, parts)))
    plot(of(cases, "growth"), docs / "figures/growth.png")


def thresholds(cases):
    rows = [[str(c["channels"]), c["dtype"], time(c),
             f"{c['spectra_per_second'] / 1e6:.2f} million",
             f"{c['votes_ms_per_train']:.2f}",
             f"{c['mismatches']} of {c['points_checked'] / 1e6:.1f} million",
             ratios(c)] for c in cases]
    note = (
        "Spectra to votes of every bin, scores, confidence and labels; peers "
        "stop at the votes. uint16 words are compared where they lie. "
        f"Networks: {cases[0]['networks']}, "
        f"{cases[0]['steps_per_channel']:.2f} steps per channel. Points are "
        "compared with the networks in float64, in integers where that cannot "
        "tell: every step, two floats or words on each side, measured and "
        "arbitrary intensities.\n")
    return "## Thresholds\n\n" + note + "\n" + table(
        ["channels", "type", "ms", "spectra/s", "ms to votes", "wrong points",
         "times faster than"], rows)


def _what(case):
    """Channels, lam, length and knot step: what a speed is of."""
    return [str(case["channels"]), f"{case['lam']:.4g}",
            f"{case['length']:.1f}", str(case["knot_step"])]


def _error(case):
    return (f"{case['max_error']:.3g} / {case['rms_error']:.2g}",
            f"{case['max_error_sigma']:.3g} / {case['rms_error_sigma']:.2g}")


def baselines(cases):
    rows = [[c["case"], *_what(c), time(c),
             f"{c['spectra_per_second']:,.0f}", *_error(c), ratios(c)]
            for c in cases]
    return ("## Baselines\n\nuint16 counts to float32 counts over the "
            "baseline, p 0.002, 10 iterations. Errors against the exact "
            "float64 reference; sigma is the noise of the point.\n\n") + table(
        ["case", "channels", "lam", "length, channels", "knot step", "ms",
         "spectra/s", "error, counts, max / rms", "error, sigma, max / rms",
         "times faster than"], rows)


def _bare(case):
    """What two threads gain in bare arithmetic."""
    limits = case.get("arithmetic_interval", ())
    return f"{case['arithmetic_faster']:.2f}" + (
        " ({:.2f}-{:.2f})".format(*limits) if limits else "")


def end_to_end(cases):
    rows = [[*_what(c), str(c["threads"]), time(c),
             f"{c['wall_ms_per_train']:.2f}",
             f"{c['spectra_per_second']:,.0f}",
             "" if c["threads"] == 1 else ratios(c),
             "" if c["threads"] == 1 else _bare(c),
             _error(c)[1],
             f"{c['mismatches']} of {c['labels_checked']}"] for c in cases]
    return ("## End to end\n\nuint16 counts, dark, reduced baseline, "
            "published ensemble, labels, confidence, scores, mixture, "
            "residual, quality. Spectra per second of wall time where there "
            "are two threads. One and two threads take turns in 60 pairs of "
            "rounds; gains are medians, with 5 and 95 % of the pairs in "
            "brackets. *Bare arithmetic* is what two threads gain on this "
            "machine with multiply-adds on registers alone, alternating with "
            "the engine: less than 2 where the host lends two threads of one "
            "core, or has other work.\n\n") + table(
        ["channels", "lam", "length, channels", "knot step", "threads",
         "CPU ms", "wall ms", "spectra/s", "faster in wall time than",
         "bare arithmetic", "error, sigma, max / rms",
         "labels unlike float64 engine"], rows)


def roofline(cases):
    """Share of the memory bandwidth and of the arithmetic peak reached."""
    roof = cases[-1]["machine"]
    read, peak = roof["read_gb_per_s"], roof["fma_gflop_per_s"]
    rows = []
    for case in of(cases, "thresholds", "als_reduced", "als_exact"):
        size = 2 if case["dtype"] == "uint16" else 4
        took = case.get("votes_ms_per_train", case["cpu_ms_per_train"])
        rate = 2700 / took / 1e6        # 10^9 spectra a second
        bytes_ = rate * size * case["channels"]
        flop = rate * case.get("flop_per_spectrum", 0)
        rows.append([case["case"], str(case["channels"]), case["dtype"],
                     f"{case['lam']:.4g}" if "lam" in case else "",
                     f"{bytes_:.2g} ({bytes_ / read:.0%})",
                     f"{flop:.3g} ({flop / peak:.0%})" if flop else ""])
    return (f"## Roofline\n\nOne thread of this machine reads {read:.0f} GB/s "
            f"from memory, copies {roof['copy_gb_per_s']:.0f} GB/s (read and "
            f"written), and does {peak:.0f} GFLOP/s in float32 multiply-adds "
            "on registers, half of it in float64. Operations of a baseline "
            "are counted in the source of the kernels. A train that is still "
            "in the last cache is read faster than memory: more than 100 % of "
            "its bandwidth. Thresholds to the votes.\n\n") + table(
        ["case", "channels", "type", "lam", "GB/s", "GFLOP/s"], rows)


def stages(cases):
    """Where the time of a train goes."""
    names = list(cases[0]["stages"])
    rows = []
    for case in cases:
        total = sum(case["stages"].values())
        rows.append([str(case["channels"]), f"{case['lam']:.4g}",
                     str(case["knot_step"]),
                     f"{case['cpu_ms_per_train']:.2f}", *(
                         f"{case['stages'][name]:.2f} "
                         f"({case['stages'][name] / total:.0%})"
                         for name in names)])
    return ("Stages of a train, CPU ms and share: *load* reads, transposes "
            "and subtracts the dark; *members* counts steps and sums up what "
            "mixture and residual need; *decision* is votes to labels, "
            "mixture and residual; *quality* reads every word once more. "
            "Each runs apart from the others here; in the engine all but "
            "quality and decision are one pass. Shares are of the sum of the "
            "stages.\n\n") + table(
        ["channels", "lam", "knot step", "ms of a train", *names], rows)


#: what grows -> the time on paper of a train with a times as much of it
ON_PAPER = {
    "pulses": "a",
    "channels": "a: every stage goes over all of them",
    "bins": "1: every channel is in one bin, and only the votes grow",
    "classes": "members a - 1 of the time with two, the baseline 1"}


def growth(cases):
    """Markdown: a plot, and a table beside what is expected."""
    text = ("## Growth\n\nEnd to end, one thread, lam 1e5; on paper the time "
            "of a train with *a* times as much is so many times as long. "
            "Several workers: see [collector](collector.md#measured).\n\n"
            "![CPU time against pulses, channels, bins and classes]"
            "(figures/growth.png)\n\n")
    rows = []
    for name, expected in ON_PAPER.items():
        mine = [case for case in cases if case["of"] == name]
        rows.append([name, expected, ", ".join(
            f"{case[name]}: {case['cpu_ms']:.2f}" for case in mine)])
    return text + table(["what grows", "on paper", "CPU ms of a train"], rows)


def plot(cases, path):
    """CPU time against what grows, four panels."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 4, figsize=(11, 2.8))
    for panel, name in zip(panels, ("pulses", "channels", "bins",
                                    "classes"), strict=True):
        mine = [case for case in cases if case["of"] == name]
        panel.plot([case[name] for case in mine],
                   [case["cpu_ms"] for case in mine], "o-", markersize=4)
        panel.set_xlabel(name)
        panel.grid(alpha=.3)
        panel.set_xlim(left=0)
        panel.set_ylim(bottom=0)
    panels[0].set_ylabel("CPU ms per train")
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


def rewrite(root):
    """The page below `root` from what is recorded below it."""
    folder = root / "benchmarks/engine"

    def recorded(name):
        path = folder / f"{name}.json"
        return json.loads(path.read_text()) if path.exists() else None

    write(recorded("results"), root / "docs",
          [json.loads(path.read_text())
           for path in sorted(folder.glob("live_*.json"), key=lambda path: (
               "curves" in path.stem, path.stem))],
          recorded("knot_error") or (),
          {name: recorded(name) for name in OTHERS})


if __name__ == "__main__":
    rewrite(HERE.parents[1])
