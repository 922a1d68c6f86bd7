"""The same spectra through the same engine must give the same codes."""
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from ...errors import ModelFileError
from ...model import load, make_engine
from .reading import open_snapshot
from .snapshot import CODES, SHARES
from .writing import environment

#: what must be the same to the last bit
FIELDS = ("label", "confidence", "scores", "mixture", "residual", "intensity")
assert set(FIELDS) <= {*CODES, *SHARES}
#: differences that are kept, with train and pulse
MOST = 50


@dataclass(frozen=True)
class Difference:
    """One pulse that is not what it was."""
    train_id: int
    pulse_id: int
    field: str
    recorded: object
    replayed: object


@dataclass
class Replay:
    """What came of it.

    `trains`: with codes; `without_codes`: that the engine did not have;
    `pulses` compared, `mismatches` of them that differ in one of `fields`;
    `differences`: the first `MOST` of them; `models` and `engines` used;
    `changed`: {name: (recorded, here)} of versions and processor.
    """
    fields: tuple
    trains: int = 0
    without_codes: int = 0
    pulses: int = 0
    mismatches: int = 0
    differences: list = field(default_factory=list)
    models: list = field(default_factory=list)
    engines: list = field(default_factory=list)
    changed: dict = field(default_factory=dict)


def replay(path, model=None, engine=None, progress=None):
    """A `Replay` of an event snapshot.

    model : path of a model file that must be the recorded one; by default
        the model that the snapshot itself holds.
    engine : engine other than the recorded one. Engines agree in every
        label, but not in the last bit of the other numbers: then only labels
        are compared.
    progress : called with (trains done, trains) after each train.
    """
    with open_snapshot(path) as snapshot:
        here = environment()
        found = Replay(("label",) if engine else FIELDS, changed={
            name: (value, here.get(name, ""))
            for name, value in snapshot.environment.items()
            if value != here.get(name, "")})
        engines = _Engines(path, model, engine, found)
        for number, train in enumerate(snapshot.trains(), 1):
            if train.result is None:
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


def _compare(recorded, replayed, found):
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


def _differing(ours, theirs):
    """(P,) bool: rows that are not the same to the last bit, NaN included."""
    if not len(ours):
        return np.zeros(0, bool)
    return (_bytes(ours) != _bytes(theirs.astype(ours.dtype))).any(axis=1)


def _bytes(values):
    return np.ascontiguousarray(values).view(np.uint8).reshape(
        len(values), -1)


class _Engines:
    """One engine per model and engine of a snapshot."""

    def __init__(self, path, model, engine, found):
        self._path, self._model, self._engine = path, model, engine
        self._found = found
        self._loaded, self._made = {}, {}

    def of(self, context):
        kind = self._engine or context.engine
        key = context.identity, kind, context.threads
        if key not in self._made:
            runner = make_engine(self._load(context), kind, context.threads)
            runner.warm_up()
            self._made[key] = runner
            self._found.engines.append(runner.name)
        return self._made[key]

    def _load(self, context):
        if context.identity not in self._loaded:
            loaded = self._given(context) if self._model else _kept(
                self._path, context)
            self._loaded[context.identity] = loaded
            self._found.models.append(context.model_id)
        return self._loaded[context.identity]

    def _given(self, context):
        loaded = load(self._model)
        identity = loaded.identity
        if identity != context.identity:
            raise ModelFileError(
                f"{self._model} is {loaded.definition.model_id} with hash "
                f"{identity[:10]}..., {self._path} was recorded with "
                f"{context.model_id} with hash {context.identity[:10]}...: "
                "the model has changed; leave --model out to use the one "
                "that the snapshot holds")
        return loaded


def _kept(path, context):
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
