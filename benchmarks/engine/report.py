"""From the cases of `spectra-classifier bench --json` to a page and a plot.

    python benchmarks/engine/report.py     # from results.json beside it
"""
import json
from pathlib import Path

HEAD = """# Benchmarks of the engine

Written by `python benchmarks/engine/measure.py`; do not edit. Measured on
{cpu}, {cores} cores, load {load:.1f} at the end. Times are CPU milliseconds
of the process per train of 2700 pulses, median of repeated rounds in which
engine and peers take turns on the same data, one thread each unless stated;
in brackets lowest and highest. Ratios are medians of paired rounds, again
with lowest and highest. Peers that were not installed are missing.
"""


def write(cases, docs):
    """docs/benchmarks.md and docs/figures/growth.png."""
    parts = [HEAD.format(**cases[-1]["machine"]),
             thresholds(_of(cases, "thresholds")),
             baselines(_of(cases, "als_reduced", "als_exact")),
             end_to_end(_of(cases, "end_to_end")),
             roofline(cases),
             "## Growth\n\nEnd to end, one thread, lam 1e5.\n\n"
             "![CPU time against pulses, channels, bins and classes]"
             "(figures/growth.png)\n"]
    (docs / "figures").mkdir(parents=True, exist_ok=True)
    (docs / "benchmarks.md").write_text("\n".join(parts))
    plot(_of(cases, "growth"), docs / "figures/growth.png")


def _of(cases, *names):
    return [case for case in cases if case["case"] in names]


def _table(heads, rows):
    return "\n".join(["| " + " | ".join(row) + " |" for row in (
        heads, ["---"] * len(heads), *rows)]) + "\n"


def _time(case):
    low, high = case["cpu_ms_spread"]
    return f"{case['cpu_ms_per_train']:.2f} ({low:.2f}-{high:.2f})"


def _ratios(case):
    limits = case.get("ratio_interval", {})
    return "; ".join(
        f"{value:.3g}" + (f" ({limits[name][0]:.3g}-{limits[name][1]:.3g})"
                          if name in limits else "") + f" {name}"
        for name, value in case["ratio_to"].items())


def thresholds(cases):
    rows = [[str(c["channels"]), c["dtype"], _time(c),
             f"{c['spectra_per_second']:,.0f}",
             f"{c['mismatches']} of {c['points_checked']:,}", _ratios(c)]
            for c in cases]
    note = (f"Networks: {cases[0]['networks']}, "
            f"{cases[0]['steps_per_channel']:.2f} steps per channel.\n")
    return "## Thresholds\n\n" + note + "\n" + _table(
        ["channels", "type", "ms", "spectra/s", "wrong points",
         "times faster than"], rows)


def baselines(cases):
    rows = [[c["case"], str(c["channels"]), f"{c['lam']:.4g}",
             str(c["knot_step"]), _time(c),
             f"{c['spectra_per_second']:,.0f}",
             f"{c['max_error']:.3g} / {c['rms_error']:.2g}", _ratios(c)]
            for c in cases]
    return ("## Baselines\n\nErrors in counts against the float64 reference, "
            f"noise {cases[0]['noise']:g} counts in mid-range and up to 90 at "
            "the ends of the axis.\n\n") + _table(
        ["case", "channels", "lam", "knot step", "ms", "spectra/s",
         "error max / rms", "times faster than"], rows)


def end_to_end(cases):
    rows = [[str(c["channels"]), f"{c['lam']:.4g}", str(c["knot_step"]),
             str(c["threads"]), _time(c), f"{c['wall_ms_per_train']:.2f}",
             f"{c['ratio_to']['one thread']:.2f}",
             f"{c['mismatches']} of {c['labels_checked']}"] for c in cases]
    return ("## End to end\n\nuint16 counts, dark, reduced baseline, "
            "published ensemble, labels, scores, mixture, quality.\n\n"
            ) + _table(
        ["channels", "lam", "knot step", "threads", "CPU ms", "wall ms",
         "speed-up of wall", "labels unlike numpy"], rows)


def roofline(cases):
    """Share of the memory bandwidth and of the arithmetic peak reached."""
    roof = cases[-1]["machine"]
    read, peak = roof["read_gb_per_s"], roof["fma_gflop_per_s"]
    rows = []
    for case in _of(cases, "thresholds", "als_reduced", "als_exact"):
        size = 2 if case["dtype"] == "uint16" else 4
        rate = case["spectra_per_second"] / 1e9
        bytes_ = rate * size * case["channels"]
        flop = rate * case.get("flop_per_spectrum", 0)
        rows.append([case["case"], str(case["channels"]), case["dtype"],
                     f"{case['lam']:.4g}" if "lam" in case else "",
                     f"{bytes_:.2g} ({bytes_ / read:.0%})",
                     f"{flop:.3g} ({flop / peak:.0%})" if flop else ""])
    return (f"## Roofline\n\nOne thread of this machine reads {read:.0f} "
            f"GB/s from memory and does {peak:.0f} GFLOP/s in float32 "
            "multiply-adds (half of it in float64). Operations of a baseline "
            "are counted in the source of the kernels.\n\n") + _table(
        ["case", "channels", "type", "lam", "GB/s", "GFLOP/s"], rows)


def plot(cases, path):
    """CPU time against what grows, four panels."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, 4, figsize=(11, 2.8), sharey=True)
    for panel, name in zip(panels, ("pulses", "channels", "bins",
                                    "classes"), strict=True):
        mine = [case for case in cases if case["of"] == name]
        panel.plot([case[name] for case in mine],
                   [case["cpu_ms"] for case in mine], "o-", markersize=4)
        panel.set_xlabel(name)
        panel.grid(alpha=.3)
        panel.set_ylim(bottom=0)
    panels[0].set_ylabel("CPU ms per train")
    figure.tight_layout()
    figure.savefig(path, dpi=150)
    pyplot.close(figure)


if __name__ == "__main__":
    here = Path(__file__).resolve()
    write(json.loads(here.with_name("results.json").read_text()),
          here.parents[2] / "docs")
