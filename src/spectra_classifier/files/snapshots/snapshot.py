"""The content of a snapshot, for its writer, its reader and the replay."""
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.decision import PulsePattern
from ...core.model_definition import Settings
from ...core.spectra import Axis
from ...model.strict_json import JsonObject

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
    "mixture": "fraction of the reference of each class",
}
#: facts of a train with a column of their own, by type
FACTS: dict[str, type] = {
    "source_time": np.float64, "coverage": np.float64, "degraded": np.uint32,
    "latency_ms": np.float64, "train_age_ms": np.float64,
    "fate": str, "problem": str, "sample_state": str, "permit": bool,
    "permit_reason": str, "alarm": str,
}


@dataclass(frozen=True)
class Event:
    """Why a snapshot was taken.

    Attributes
    ----------
    kind
        One of `KINDS`.
    reasons
        Sentences.
    train_id
        Train of the first reason.
    time
        Seconds since the epoch.
    device
        Device that took the snapshot.
    """
    kind: str
    reasons: tuple[str, ...]
    train_id: int
    time: float
    device: str = ""


@dataclass(frozen=True, eq=False)
class RunContext:
    """What was live: a model, an engine, and all settings.

    Attributes
    ----------
    axis, classes, model_id
        Of the model.
    model_sha256
        Identity of the model.
    manifest
        Its manifest.
    graph
        Bytes of the ONNX file, empty if it was too large.
    path
        Path of that file.
    engine, threads
        The engine.
    values
        Every property that a code or the permit depends on, by name.
    hash
        Hash of `values`.
    """
    axis: Axis
    classes: tuple[str, ...]
    model_id: str
    model_sha256: str
    manifest: JsonObject
    graph: bytes
    path: str
    engine: str
    threads: int
    values: JsonObject
    hash: str

    @property
    def identity(self) -> str:
        """Hash of everything that a code depends on.

        "" in a snapshot of an older format of models.
        """
        return self.manifest.get("identity", "")


def plain_settings(settings: Settings
                  ) -> tuple[JsonObject, dict[str, NDArray[Any]]]:
    """Split settings into JSON values and {name: array}."""
    values: JsonObject = {}
    arrays: dict[str, NDArray[Any]] = {}
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


def made_settings(values: Mapping[str, Any],
                  arrays: Mapping[str, NDArray[Any]]) -> Settings:
    """Make settings from the result of `plain_settings`."""
    made: JsonObject = {**values, **arrays}
    made["selected_bins"] = tuple(made["selected_bins"])
    made["average_within"] = tuple(
        PulsePattern(**pattern) for pattern in made["average_within"])
    return Settings(**made)
