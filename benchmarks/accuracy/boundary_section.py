"""The section of docs/accuracy.md on what five states leave to be had."""
import numpy as np
import sections as s
from boundaries import DENSER, SPACING
from peers import SIMPLE
from sequences import UNCERTAIN

_METHODS = ("auto", *SIMPLE, "nearest in time")


def write(found):
    ways = [e for e in found.values() if e["step"] == SPACING]
    accuracy = {m: 100 * np.array([e["accuracy"][m] for e in ways])
                for m in _METHODS}
    rows = [[name, f"{v.mean():.1f}", f"{v.min():.1f} - {v.max():.1f}",
             "" if name == "auto" else _difference(accuracy["auto"] - v)]
            for name, v in accuracy.items()]
    rows += [[word,
              f"{v.mean():.1f}", f"{v.min():.1f} - {v.max():.1f}",
              _difference(accuracy["auto"] - v)]
             for word, v in zip(
                 ("worst candidate, chosen on the test patterns",
                  "mean of all candidates",
                  "best candidate, chosen on the test patterns"),
                 100 * np.array([e["candidates"] for e in ways]).T,
                 strict=True)]
    wrong = sum(e["wrong"] for e in ways)
    excess = np.array([e["excess"] for e in ways])
    return (
        "### Five states: what can be achieved\n\nEvery 20th pattern "
        f"is for training, from each of the {len(ways)} possible first "
        "ones; the stored splits are two of these ways. *Nearest in time* "
        "gives a pattern the label of the nearest training pattern and looks "
        "at no spectrum. Differences with 95 % over the ways:\n\n"
        + s.table(["method", "mean", "range", "`auto` minus it"], rows)
        + f"\nOf the {wrong} wrong calls of `auto` all {len(SIMPLE)} simple "
        "peers make "
        f"{s.percent(sum(e['wrong_for_all'] for e in ways) / wrong, 0)} %, "
        f"too. More than {UNCERTAIN} patterns from a boundary `auto` is right "
        f"for {s.percent(min(e['accuracy_far'] for e in ways))} to "
        f"{s.percent(max(e['accuracy_far'] for e in ways))} %. Excess "
        f"calibration error: mean {excess.mean():.3f}, median "
        f"{np.median(excess):.3f}, from {excess.min():.3f} to "
        f"{excess.max():.3f}, above 0.03 in {np.count_nonzero(excess > 0.03)} "
        f"of {len(ways)} ways.\n\nWith closer labels (means of two ways):\n\n"
        + s.table(["every", *_METHODS], [
            [step, *(s.percent(np.mean([
                e["accuracy"][m] for e in found.values()
                if e["step"] == step])) for m in _METHODS)]
            for step in (SPACING, *DENSER)]))


def _difference(values):
    """Mean and 95 % interval of paired differences, normal theory."""
    half = 1.96 * values.std(ddof=1) / len(values) ** 0.5
    return (f"{values.mean():+.1f} ({values.mean() - half:+.1f} ... "
            f"{values.mean() + half:+.1f})")
