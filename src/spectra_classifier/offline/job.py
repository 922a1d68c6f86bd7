"""What is classified and how: everything that a result depends on."""
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..core.engine.engine import Engine
from ..core.model_definition import ModelDefinition, Settings
from ..errors import ConfigurationError, InputError
from ..files import is_run, read
from ..files.reading import checksum
from ..files.runs.matched_runs import run_source
from ..files.runs.runs import PREFIX, RunOptions, run_path
from ..files.runs.train_source import ArraySource, TrainSource
from ..files.spectra.axis_names import QuantityUnit
from ..files.spectra.delimited import TextOptions
from ..model import engine_kind, load, make_engine
from ..model.plain import AnyPath
from ..model.strict_json import Json, JsonObject

#: a checksum in progress
type Hash = hashlib._Hash

#: trains per chunk: at 10 Hz the beam of some seconds
CHUNK_TRAINS = 50


@dataclass(frozen=True, eq=False)
class Job:
    """A model, data and settings; small, and sent to workers as it is.

    Attributes
    ----------
    model
        Model file.
    data
        File, folder or run.
    settings
        Settings of the engine.
    run
        Used where `data` is a run.
    axis
        (quantity, unit) of a file that does not state it.
    text
        Dialect of text files.
    engine
        Kind of the engine.
    threads
        Threads of the engine.
    chunk_trains
        Trains per chunk.
    model_sha256
        Checksum of the model file; a worker that has another one fails.
    input_sha256
        Checksum of the data (`provenance`), likewise.
    input_state
        `TrainSource.state` of the data: an interrupted job goes on only with
        the same.
    """
    model: str
    data: str
    settings: Settings = field(default_factory=Settings)
    run: RunOptions = field(default_factory=RunOptions)
    axis: QuantityUnit | None = None
    text: TextOptions = field(default_factory=TextOptions)
    engine: str = "fused"
    threads: int = 1
    chunk_trains: int = CHUNK_TRAINS
    model_sha256: str = ""
    input_sha256: str = ""
    input_state: str = ""

    @classmethod
    def of(cls, model: AnyPath, data: AnyPath, source: TrainSource,
           settings: Settings | None = None, **options: Any) -> Self:
        """The job of classifying `source`, which is `data` opened.

        Parameters
        ----------
        model
            Model file.
        data
            File, folder or run.
        source
            From `open_source`.
        settings
            Settings of the engine, by default those of the model.
        **options
            Further attributes of the job.
        """
        return cls(str(Path(model).resolve()), absolute(data),
                   settings or Settings(), model_sha256=checksum(model),
                   input_sha256=source.provenance["sha256"],
                   input_state=source.state, **options)

    def warm_engine(self) -> Engine:
        """The engine of this job, ready for the first train."""
        return open_engine(self.model, self.model_sha256, self.engine,
                           self.threads)

    def configuration(self, definition: ModelDefinition,
                      dark: Json = None) -> JsonObject:
        """What the codes depend on besides model and input, JSON values.

        Parameters
        ----------
        definition
            Of the model.
        dark
            Origin of the dark spectrum of the settings.
        """
        return {"engine": engine_kind(definition, self.engine),
                "hash": self.settings.hash,
                "min_confidence": self.settings.min_confidence, "dark": dark}

    def chunks(self, trains: int) -> list[tuple[int, int]]:
        """[(first, stop)] of the positions of `trains` trains."""
        return [(first, min(first + self.chunk_trains, trains))
                for first in range(0, trains, self.chunk_trains)]

    def identity(self) -> JsonObject:
        """Everything that the content of the result depends on, as JSON.

        The place of the data and the number of threads or workers are not part
        of it.
        """
        return {"model": self.model_sha256, "settings": self.settings.hash,
                "input": [self.input_sha256, self.input_state],
                "run": asdict(self.run), "axis": self.axis,
                "text": asdict(self.text),
                "engine": self.engine, "chunk_trains": self.chunk_trains}


def absolute(data: AnyPath) -> str:
    """The absolute path of the data, with the prefix of a run."""
    prefix = PREFIX if str(data).startswith(PREFIX) else ""
    return prefix + str(run_path(data).resolve())


def need_channels(source: TrainSource, definition: ModelDefinition,
                  data: AnyPath) -> None:
    """Check that spectra have the channels of the model.

    Raises
    ------
    InputError
        If they have not.
    """
    if source.channels != len(definition.axis):
        raise InputError(
            f"{data}: {source.channels} channels, model "
            f"{definition.model_id} has {len(definition.axis)}; take the "
            "model of this detector, or train one")


def need_monitor(source: TrainSource, definition: ModelDefinition,
                 data: AnyPath) -> None:
    """Check that a run and a model agree on spectra per pulse energy.

    A file of spectra is taken as it is.

    Raises
    ------
    ConfigurationError
        If they do not agree.
    """
    wanted = definition.preprocessing.by_monitor
    if not is_run(data) or wanted == source.monitored:
        return
    if wanted:
        raise ConfigurationError(
            f"{data}: model {definition.model_id} takes spectra per pulse "
            "energy; name the monitor with --monitor and --min-energy")
    raise ConfigurationError(
        f"{data}: a monitor is named, and the normalisation of model "
        f"{definition.model_id} is "
        f"{definition.preprocessing.normalisation}: leave out --monitor")


def open_source(data: AnyPath, run: RunOptions,
                axis: QuantityUnit | None = None,
                text: TextOptions | None = None) -> TrainSource:
    """Open a run, or read a file of spectra, as trains."""
    if is_run(data):
        return run_source(data, run)
    return ArraySource.of(read(data, axis=axis, text=text))


@lru_cache(maxsize=1)
def same_source(data: str, run: RunOptions, axis: QuantityUnit | None,
                sha256: str, text: TextOptions | None = None) -> TrainSource:
    """Open the source of a job.

    Raises
    ------
    ConfigurationError
        If it has changed.
    """
    source = open_source(data, run, axis, text)
    if source.provenance["sha256"] != sha256:
        raise ConfigurationError(
            f"{data}: holds other data here than where the work was given "
            "out; wait until the run is complete on this machine, and start "
            "again with --restart")
    return source


@lru_cache(maxsize=2)
def open_engine(model: str, sha256: str, engine: str, threads: int) -> Engine:
    """Load a model and warm up its engine.

    Raises
    ------
    ConfigurationError
        If the model file has another checksum.
    """
    if checksum(model) != sha256:
        raise ConfigurationError(
            f"{model}: is another model here than where the work was given "
            "out; let all workers see the same file")
    ready = make_engine(load(model), engine, threads)
    ready.warm_up()
    return ready


def digest(arrays: Mapping[str, NDArray[Any]],
           into: Hash | None = None) -> Hash:
    """Update a SHA-256 object, by default a new one, by arrays of a train."""
    into = into or hashlib.sha256()
    for name in sorted(arrays):
        values = arrays[name]
        into.update(json.dumps([name, values.dtype.str,
                                values.shape]).encode())
        into.update(np.ascontiguousarray(values))
    return into
