"""What is to be classified and how: everything a result depends on."""
import hashlib
import json
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np

from ..core.model_definition import Settings
from ..errors import ConfigurationError, InputError
from ..files import checksum, is_run, read
from ..files.runs.train_source import DatasetSource
from ..files.runs.matched_runs import run_source
from ..files.runs.runs import PREFIX, RunOptions, run_path
from ..files.spectra.delimited import TextOptions
from ..model import load, make_engine

#: trains per chunk: at 10 Hz the beam of some seconds
CHUNK_TRAINS = 50


@dataclass(frozen=True, eq=False)
class Job:
    """A model, data and settings; small, and sent to workers as it is.

    `model_sha256` of the model file and `input_sha256` of the data
    (`provenance`): a worker that sees others refuses. `run`: `RunOptions`,
    used where `data` is a run. `axis` (quantity, unit) of a file that does
    not state it, or None; `text`: `TextOptions` of text files.
    """
    model: str
    data: str
    settings: Settings = field(default_factory=Settings)
    run: RunOptions = field(default_factory=RunOptions)
    axis: tuple = None
    text: TextOptions = field(default_factory=TextOptions)
    engine: str = "fused"
    threads: int = 1
    chunk_trains: int = CHUNK_TRAINS
    model_sha256: str = ""
    input_sha256: str = ""

    @classmethod
    def of(cls, model, data, source, settings=None, **options):
        """The job of classifying `source`, which is `data` opened."""
        return cls(str(Path(model).resolve()), absolute(data),
                   settings or Settings(), model_sha256=checksum(model),
                   input_sha256=source.provenance["sha256"], **options)

    def warm_engine(self):
        """The engine of this job, ready for the first train."""
        return open_engine(self.model, self.model_sha256, self.engine,
                           self.threads)

    def configuration(self, dark=None):
        """What the codes depend on beside model and input, JSON values.

        `dark`: where the dark spectrum of the settings comes from.
        """
        return {"engine": self.engine, "hash": self.settings.hash,
                "min_confidence": self.settings.min_confidence, "dark": dark}

    def chunks(self, trains):
        """[(first, stop)] of the positions of `trains` trains."""
        return [(first, min(first + self.chunk_trains, trains))
                for first in range(0, trains, self.chunk_trains)]

    def identity(self):
        """Everything that the content of the result depends on, as JSON.

        Where the data lie and how many threads or workers there are is not
        part of it.
        """
        return {"model": self.model_sha256, "settings": self.settings.hash,
                "input": self.input_sha256,
                "run": asdict(self.run), "axis": self.axis,
                "text": asdict(self.text),
                "engine": self.engine, "chunk_trains": self.chunk_trains}


def absolute(data):
    """DATA as workers elsewhere find it, with the prefix of a run."""
    prefix = PREFIX if str(data).startswith(PREFIX) else ""
    return prefix + str(run_path(data).resolve())


def need_channels(source, definition, data):
    """`InputError` where spectra have other channels than the model."""
    if source.channels != len(definition.axis):
        raise InputError(
            f"{data}: {source.channels} channels, model "
            f"{definition.model_id} has {len(definition.axis)}; take the "
            "model of this detector, or train one")


def need_monitor(source, definition, data):
    """`ConfigurationError` where a run and a model do not agree on whether
    spectra are taken per pulse energy. A file of spectra is what it is."""
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


def open_source(data, run, axis=None, text=None):
    """The spectra train by train: a `RunSource` or a `DatasetSource`."""
    if is_run(data):
        return run_source(data, run)
    return DatasetSource(read(data, axis=axis, text=text))


@lru_cache(maxsize=1)
def same_source(data, run, axis, sha256, text=None):
    """The source of a job, or `ConfigurationError` if it has changed."""
    source = open_source(data, run, axis, text)
    if source.provenance["sha256"] != sha256:
        raise ConfigurationError(
            f"{data}: holds other data here than where the work was given "
            "out; wait until the run is complete on this machine, and start "
            "again with --restart")
    return source


@lru_cache(maxsize=2)
def open_engine(model, sha256, engine, threads):
    """A warm engine of the model file that has this checksum."""
    if checksum(model) != sha256:
        raise ConfigurationError(
            f"{model}: is another model here than where the work was given "
            "out; let all workers see the same file")
    ready = make_engine(load(model), engine, threads)
    ready.warm_up()
    return ready


def digest(arrays, into=None):
    """SHA-256 object that has taken in the arrays of a train."""
    into = into or hashlib.sha256()
    for name in sorted(arrays):
        values = arrays[name]
        into.update(json.dumps([name, values.dtype.str,
                                values.shape]).encode())
        into.update(np.ascontiguousarray(values))
    return into
