"""The section of docs/accuracy.md on transitions."""
import sys
from pathlib import Path

import numpy as np
from sections import percent, table

sys.path.append(str(Path(__file__).parents[1]))
import transitions

COLUMNS = ["number right", "interval holds", "oracle", "width", "oracle",
           "ratio"]


def transition_rows(kinds):
    """A row for each kind."""
    rows = []
    for words, found in kinds.items():
        known = transitions.summary(found)
        held = len([each for row in found for each in row["holds"]])
        error = 196 * np.sqrt(known["holds"] * (1 - known["holds"]) / held)
        rows.append([
            words, percent(known["right"]),
            f"{percent(known['holds'])} +- {error:.1f}",
            percent(known["oracle_holds"]), f"{known['width']:.1f}",
            f"{known['oracle_width']:.1f}",
            f"{known['width'] / known['oracle_width']:.2f}"])
    return rows


def write(found):
    """Number and place of transitions, of sequences and live."""
    whole = [each for rows in found["offline"].values() for row in rows
             for each in row["holds"]]
    count = len(next(iter(found["offline"].values())))
    return (
        f"## Transitions\n\n{count} sequences of each kind, of "
        f"{transitions.STEPS} steps, from seed {transitions.KEPT}; choices "
        f"were made on seeds {transitions.DEVELOPMENT.start} to "
        f"{transitions.DEVELOPMENT.stop}. Shares in percent; widths are "
        "interpolated medians, in steps. The oracle knows everything but the "
        "place, of the slow wave its height alone. An interval of a whole "
        "number of steps holds more than 95 % where it is short. All "
        f"intervals: {percent(float(np.mean(whole)))} % hold.\n\n"
        + table(["sequence", *COLUMNS], transition_rows(found["offline"]))
        + "\n### Transitions, live\n\nStreams of "
        f"{transitions.LIVE_PULSES} pulses a train, "
        f"{100 * transitions.LOST:.0f} % of the trains lost; the interval "
        "from `decision.transitionEarliestTrainId` to "
        "`decision.transitionLatestTrainId`, in trains. The oracle knows how "
        "long the change takes, that it is a ramp and the share of wrong "
        "labels; the interval knows that the share of the new class does not "
        "fall.\n\n"
        + table(["change, labels", *COLUMNS],
                transition_rows(found["live"])))
