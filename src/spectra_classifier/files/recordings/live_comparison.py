"""Do the codes of the beam and those of a later analysis agree?"""
import h5py
import numpy as np

from ...errors import DataFileError
from ..results.columns import MATRICES
from .recorded_codes import PER_PULSE


def compare(result, recorded, progress=None):
    """Counts of where a result of `classify` and `RecordedCodes` differ.

    JSON values: `trains` and `pulses` that both have, `only_live` and
    `only_result` (numbers of trains that one alone has; trains without
    pulses count as absent), `different` {column: number of pulses},
    `other_lengths` (trains with another number of pulses), `first_different`
    (train id or None), `equal`: no difference in any train of both, and at
    least one such train. NaN equals NaN. `progress(done, trains)`.
    """
    try:
        with h5py.File(result) as file:
            return _compare(file["entry"], recorded, progress)
    except (OSError, KeyError) as error:
        raise DataFileError(f"{result}: is no result of classify ({error})"
                            ) from None


def _compare(entry, recorded, progress):
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


def _differs(entry, rows, live, report):
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
        unequal = np.count_nonzero(~same.reshape(len(same), -1).all(axis=1))
        report["different"][column] += int(unequal)
        found += unequal
    return found > 0
