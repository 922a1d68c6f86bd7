"""Compare the codes of the live classifier with those of a later analysis."""
from collections.abc import Callable, Mapping
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from ...errors import DataFileError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..hdf5 import opened
from ..results.columns import MATRICES
from .recorded_codes import PER_PULSE, RecordedCodes


def compare(result: AnyPath, recorded: RecordedCodes,
            progress: Callable[[int, int], None] | None = None) -> JsonObject:
    """Compare a result of `classify` with recorded codes.

    NaN equals NaN.

    Parameters
    ----------
    result
        File with the result.
    recorded
        The codes of the live classifier.
    progress
        Called with (trains done, trains in all).

    Returns
    -------
    dict
        JSON values: `trains` and `pulses` that both have, `only_live` and
        `only_result` (numbers of trains that only one has; trains without
        pulses count as absent), `different` {column: number of pulses},
        `other_lengths` (trains with another number of pulses),
        `first_different` (train id or None), `equal`: no difference in any
        train of both, and at least one such train.

    Raises
    ------
    DataFileError
        If the file is no result of `classify`.
    """
    try:
        with opened(result) as file:
            return _compare(file["entry"], recorded, progress)
    except (OSError, KeyError) as error:
        raise DataFileError(f"{result}: is not a result of classify ({error})"
                            ) from None


def _compare(entry: h5py.Group, recorded: RecordedCodes,
             progress: Callable[[int, int], None] | None) -> JsonObject:
    trains = {name: entry[f"trains/{name}"][()]
              for name in ("train_id", "first", "pulses")}
    rows = {int(id_): slice(int(first), int(first + pulses))
            for id_, first, pulses in zip(*trains.values(), strict=True)
            if pulses}
    live = {int(id_) for id_ in recorded.train_ids}
    both = sorted(live & rows.keys())
    report = {"trains": len(both), "pulses": 0,
              "only_live": len(live - rows.keys()),
              "only_result": len(rows.keys() - live), "other_lengths": 0,
              "different": dict.fromkeys(PER_PULSE, 0),
              "first_different": None}
    for done, train_id in enumerate(both, 1):
        if _differs(entry, rows[train_id], recorded.pulses(train_id), report
                    ) and report["first_different"] is None:
            report["first_different"] = train_id
        if progress:
            progress(done, len(both))
    report["equal"] = bool(both) and report["first_different"] is None
    return report


def _differs(entry: h5py.Group, rows: slice, live: Mapping[str, NDArray[Any]],
             report: JsonObject) -> bool:
    """Whether a train differs; its differences go into the report."""
    if rows.stop - rows.start != len(live["label"]):
        report["other_lengths"] += 1
        return True
    report["pulses"] += len(live["label"])
    found = 0
    for column, values in live.items():
        group = "scores" if column in MATRICES else "result"
        other = entry[f"{group}/{column}"][rows]
        if other.ndim == 2:     # the channel has room for more classes
            values = values[:, :other.shape[1]]
        same = (values == other) | ((values != values) & (other != other))
        unequal = int(np.count_nonzero(
            ~same.reshape(len(same), -1).all(axis=1)))
        report["different"][column] += unequal
        found += unequal
    return found > 0
