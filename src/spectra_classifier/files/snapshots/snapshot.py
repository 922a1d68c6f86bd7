"""What an event snapshot is; written by `snapshot_writing`, read by
`snapshot_reading`, checked by `replay`."""
from dataclasses import asdict, dataclass, fields

import numpy as np

from ...core.decision import PulsePattern
from ...core.model_definition import Settings
from ...core.spectra import Axis

FORMAT_VERSION = 1
#: what led to a snapshot
MANUAL, CHANGE, ALARM = KINDS = "manual", "change", "alarm"
#: codes of a pulse: name of the field of `TrainResult` -> (dtype, long name)
CODES = {
    "label": (np.int8, "class index, or a negative code"),
    "confidence": (np.float32, "calibrated confidence"),
    "residual": (np.float32, "share that no mixture explains"),
    "intensity": (np.float32, "mean intensity above the dark"),
    "pulse_ids": (np.uint64, "pulse id"),
}
SHARES = {
    "scores": "share of the vote of each class",
    "mixture": "fraction of each taught state",
}
#: facts of a train with a column of their own, by type
FACTS = {
    "source_time": np.float64, "coverage": np.float64, "degraded": np.uint32,
    "latency_ms": np.float64, "train_age_ms": np.float64,
    "fate": str, "problem": str, "sample_state": str, "permit": bool,
    "permit_reason": str, "alarm": str,
}


@dataclass(frozen=True)
class Event:
    """Why a snapshot was taken.

    `kind` of `KINDS`; `reasons`: sentences; `train_id`: of the first of
    them; `time`: seconds since the epoch; `device`: who took it.
    """
    kind: str
    reasons: tuple
    train_id: int
    time: float
    device: str = ""


@dataclass(frozen=True, eq=False)
class RunContext:
    """What was live: a model, an engine, and everything that was set.

    `graph`: bytes of the ONNX file, `path` where it was; `values`: every
    property a code or the permit rests on, by name; `hash` of them.
    """
    axis: Axis
    classes: tuple
    model_id: str
    model_sha256: str
    manifest: dict
    graph: bytes
    path: str
    engine: str
    threads: int
    values: dict
    hash: str

    @property
    def identity(self):
        """Hash of everything that a code depends on; "" in a snapshot of an
        older format of models, which no model of today has."""
        return self.manifest.get("identity", "")


def plain_settings(settings):
    """(JSON values, {name: array}) of `Settings`."""
    values, arrays = {}, {}
    for field in fields(settings):
        value = getattr(settings, field.name)
        if not field.init:
            continue
        if isinstance(value, np.ndarray):
            arrays[field.name] = value
        elif field.name == "average_within":
            values[field.name] = [asdict(pattern) for pattern in value]
        else:
            values[field.name] = value
    return values, arrays


def made_settings(values, arrays):
    """`Settings` from what `plain_settings` made of them."""
    values = dict(values)
    values["selected_bins"] = tuple(values["selected_bins"])
    values["average_within"] = tuple(
        PulsePattern(**pattern) for pattern in values["average_within"])
    return Settings(**(values | arrays))
