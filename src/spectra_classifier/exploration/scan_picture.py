"""Picture of a scan, as the bytes of a PNG image."""
import io
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from ..colours import class_colour
from ..core.evaluation.scanned_transition import SHARE
from .scan import Scan

_STYLES = "o-", "s--", "^:", "v-."


def picture(scan: Scan) -> bytes:
    """`figure` as PNG."""
    stream = io.BytesIO()
    figure(scan).savefig(stream, format="png", dpi=110)
    return stream.getvalue()


def figure(scan: Scan) -> Figure:
    """Shares, mixture and residual against the position, sweep by sweep."""
    drawn = Figure((8, 8), layout="constrained")
    panels = drawn.subplots(3, sharex=True, height_ratios=[2, 2, 1])
    for sweep in range(int(scan.steps.sweep.max()) + 1):
        own = scan.steps.sweep == sweep
        style = _STYLES[sweep % len(_STYLES)]
        for axes, kind, names in (
                (panels[0], "share", (*scan.classes, "unknown")),
                (panels[1], "mixture", scan.classes), (panels[2], "", ("",))):
            for number, name in enumerate(names):
                _draw(axes, scan, f"{kind} {name}".strip() or "residual",
                      own, style, "0.5" if name == "unknown" else
                      class_colour(number),
                      f"{name}, sweep {sweep}" if axes is panels[0] else "")
    for each in scan.transitions:
        found = each.found
        panels[1].axvspan(found.midpoint_low, found.midpoint_high,
                          color="0.8", lw=0)
        half = found.width / SHARE / 2
        x = [scan.steps.position.min(), found.midpoint - half,
             found.midpoint + half, scan.steps.position.max()]
        panels[1].plot(x, [found.first, found.first, found.last, found.last],
                       color="black", lw=1)
    panels[0].set_ylabel("share of pulses")
    panels[1].set_ylabel("mixture")
    panels[2].set_ylabel("residual")
    panels[0].legend(frameon=False, fontsize=8)
    panels[2].set_xlabel(f"{scan.name} ({scan.unit})" if scan.unit
                         else scan.name)
    return drawn


def _draw(axes: Any, scan: Scan, column: str, own: Any, style: str,
          colour: str, label: str) -> None:
    error = scan.columns.get(f"{column} error")
    axes.errorbar(
        scan.steps.position[own], scan.columns[column][own],
        None if error is None else np.nan_to_num(error[own]), fmt=style,
        color=colour, ms=3, lw=0.8, capsize=1.5, label=label or None)
