"""Replay: the same spectra in the same engine must give the same codes."""
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.engine import Engine
from ...core.spectra import TrainResult
from ...errors import ModelFileError
from ...model import LoadedModel, load, make_engine
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from .reading import open_snapshot
from .snapshot import CODES, SHARES, RunContext
from .writing import environment

#: what must be the same to the last bit
FIELDS = ("label", "confidence", "scores", "mixture", "residual", "intensity")
assert set(FIELDS) <= {*CODES, *SHARES}
#: differences that are kept, with train and pulse
MOST = 50


@dataclass(frozen=True)
class Difference:
    """One value of one pulse that is not reproduced."""
    train_id: int
    pulse_id: int
    field: str
    recorded: float | list[float]
    replayed: float | list[float]


@dataclass
class Replay:
    """The result of a replay.

    Attributes
    ----------
    fields
        Fields of the results that are compared.
    trains
        Number of trains with codes.
    without_codes
        Number of trains that the engine did not get.
    pulses
        Number of pulses compared.
    mismatches
        Number of pulses that differ in one of `fields`.
    differences
        The first `MOST` of the differences.
    models, engines
        Names of the models and engines used.
    changed
        {name: (recorded, here)} of versions and processor.
    data
        What was understood of the snapshot, see `Snapshot.understood`.
    """
    fields: tuple[str, ...]
    trains: int = 0
    without_codes: int = 0
    pulses: int = 0
    mismatches: int = 0
    differences: list[Difference] = field(default_factory=list)
    models: list[str] = field(default_factory=list)
    engines: list[str] = field(default_factory=list)
    changed: dict[str, tuple[str, str]] = field(default_factory=dict)
    data: JsonObject | None = None


def replay(path: AnyPath, model: AnyPath | None = None,
           engine: str | None = None,
           progress: Callable[[int, int], None] | None = None) -> Replay:
    """Replay a snapshot.

    Parameters
    ----------
    path
        The snapshot.
    model
        Model file that must be the recorded model; by default the model that
        the snapshot itself holds.
    engine
        Engine other than the recorded one; then only labels are compared,
        because engines agree in them but not in the last bit of other numbers.
    progress
        Called with (trains done, trains in all) after each train.

    Raises
    ------
    DataFileError
        If the snapshot cannot be read.
    ModelFileError
        If the model is not the recorded one.
    """
    with open_snapshot(path) as snapshot:
        here = environment()
        found = Replay(("label",) if engine else FIELDS, changed={
            name: (value, here.get(name, ""))
            for name, value in snapshot.environment.items()
            if value != here.get(name, "")}, data=snapshot.understood())
        engines = _Engines(path, model, engine, found)
        for number, train in enumerate(snapshot.trains(), 1):
            if (train.train is None or train.settings is None
                    or train.result is None):
                found.without_codes += 1
            else:
                runner = engines.of(train.context)
                found.trains += 1
                found.pulses += train.pulses
                _compare(train.result,
                         runner.classify(train.train, train.settings), found)
            if progress:
                progress(number, len(snapshot))
    return found


def _compare(recorded: TrainResult, replayed: TrainResult,
             found: Replay) -> None:
    differs = np.zeros(recorded.pulses, bool)
    for name in found.fields:
        ours, theirs = getattr(recorded, name), getattr(replayed, name)
        rows = _differing(ours, theirs)
        found.differences += [
            Difference(recorded.train_id, int(recorded.pulse_ids[row]), name,
                       ours[row].tolist(), theirs[row].tolist())
            for row in np.flatnonzero(rows)[:MOST - len(found.differences)]]
        differs |= rows
    found.mismatches += int(np.count_nonzero(differs))


def _differing(ours: NDArray[Any], theirs: NDArray[Any]) -> NDArray[np.bool_]:
    """(P,) bool: rows that are not the same bit for bit, NaN included."""
    if not len(ours):
        return np.zeros(0, bool)
    return (_bytes(ours) != _bytes(theirs.astype(ours.dtype))).any(axis=1)


def _bytes(values: NDArray[Any]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(values).view(np.uint8).reshape(
        len(values), -1)


class _Engines:
    """One engine per model and engine of a snapshot."""

    def __init__(self, path: AnyPath, model: AnyPath | None,
                 engine: str | None, found: Replay) -> None:
        self._path, self._model, self._engine = path, model, engine
        self._found = found
        self._loaded: dict[str, LoadedModel] = {}
        self._made: dict[tuple[str, str, int], Engine] = {}

    def of(self, context: RunContext) -> Engine:
        kind = self._engine or context.engine
        key = context.identity, kind, context.threads
        if key not in self._made:
            runner = make_engine(self._load(context), kind, context.threads)
            runner.warm_up()
            self._made[key] = runner
            self._found.engines.append(runner.name)
        return self._made[key]

    def _load(self, context: RunContext) -> LoadedModel:
        if context.identity not in self._loaded:
            loaded = (_kept(self._path, context) if self._model is None
                      else self._given(self._model, context))
            self._loaded[context.identity] = loaded
            self._found.models.append(context.model_id)
        return self._loaded[context.identity]

    def _given(self, model: AnyPath, context: RunContext) -> LoadedModel:
        loaded = load(model)
        identity = loaded.identity
        if identity != context.identity:
            raise ModelFileError(
                f"{model} is {loaded.definition.model_id} with hash "
                f"{identity[:10]}..., {self._path} was recorded with "
                f"{context.model_id} with hash {context.identity[:10]}...: "
                "the model has changed; leave --model out to use the one "
                "that the snapshot holds")
        return loaded


def _kept(path: AnyPath, context: RunContext) -> LoadedModel:
    """The model in the snapshot itself, verified as every model is."""
    if not context.graph:
        raise ModelFileError(
            f"{path}: the model {context.model_id} was too large to be kept "
            f"in it; give it with --model (it was {context.path})")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.onnx"
        file.write_bytes(context.graph)
        loaded = load(file)
    if loaded.identity != context.identity:
        raise ModelFileError(f"{path}: the model in it is not the one that "
                             "its manifest describes: the file is damaged")
    return loaded
