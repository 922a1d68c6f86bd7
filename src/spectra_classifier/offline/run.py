"""A job from its first chunk to the finished file."""
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .. import __version__
from ..files import ResultWriter, RunOptions
from ..files.atomic import check_target
from ..files.results.checkpoint import Checkpoint
from ..files.results.columns import Chunk
from ..files.results.table import SUFFIX, CsvWriter
from ..files.runs.runs import PREFIX, run_path
from ..files.runs.train_source import TrainSource
from ..model import LoadedModel, load
from ..model.plain import AnyPath
from ..model.strict_json import Json, JsonObject
from .chunks import classify
from .cluster import Cluster
from .job import CHUNK_TRAINS, Job, need_channels, need_monitor, open_source
from .tally import Tally


def classify_run(model: AnyPath, run: AnyPath, output: AnyPath,
                 source: str = "", key: str = "data.adc",
                 chunk_trains: int = CHUNK_TRAINS, **more: Any) -> JsonObject:
    """Classify a run with a model file; the short form of `analyse`.

    Parameters
    ----------
    model
        Model file.
    run
        Folder of the run.
    output
        File to write.
    source, key
        Of the spectra; `source` may be left out where only one has the key.
    chunk_trains
        Trains per chunk.
    **more
        Keywords of `analyse`.

    Returns
    -------
    dict
        Counts, see `Tally.report`.
    """
    options = RunOptions(source, key)
    data = f"{PREFIX}{run_path(run)}"
    opened = open_source(data, options)
    loaded = load(model)
    need_channels(opened, loaded.definition, run)
    need_monitor(opened, loaded.definition, data)
    job = Job.of(model, data, opened, run=options,
                 chunk_trains=chunk_trains)
    return analyse(job, opened, output, loaded,
                   job.configuration(loaded.definition), **more)


def analyse(job: Job, source: TrainSource, output: AnyPath,
            loaded: LoadedModel, configuration: Json, *,
            cluster: Cluster | None = None, restart: bool = False,
            licence: str = "",
            progress: Callable[[int, int], object] | None = None,
            each: Callable[[Chunk], object] | None = None) -> JsonObject:
    """Classify all trains of a source into a file.

    Chunks that an interrupted run has finished are not computed again; the
    file has the same content as without the interruption, and with any
    `cluster`.

    Parameters
    ----------
    job
        The job.
    source
        Its data.
    output
        File to write.
    loaded
        Its model.
    configuration
        JSON values for the file.
    cluster
        From `cluster.workers`; None for this process.
    restart
        Whether chunks of another job are dropped.
    licence
        Licence of the results.
    progress
        Called with (trains done, trains in all).
    each
        Called with every chunk of the result, in order, as it is written.

    Returns
    -------
    dict
        Counts, see `Tally.report`, and of the chunks.

    Raises
    ------
    DataFileError
        If the file cannot be written there.
    ConfigurationError
        If chunks of another job are there, or another process writes the file.
    """
    output = Path(output)
    check_target(output)
    chunks = dict(enumerate(job.chunks(len(source))))
    identity = job.identity() | {"program": __version__}
    with Checkpoint(output, identity, restart) as checkpoint:
        finished = checkpoint.done()
        meter = _Meter(len(source), progress, sum(
            stop - first for number, (first, stop) in chunks.items()
            if number in finished))
        todo = {number: trains for number, trains in chunks.items()
                if number not in finished}
        if cluster:
            cluster(job, todo, checkpoint.write, meter)
        else:
            for number, (first, stop) in todo.items():
                checkpoint.write(number, classify(
                    job.warm_engine(), job.settings, source, first, stop,
                    meter))
        report = _assemble(source, loaded, checkpoint, len(chunks),
                           output, configuration, licence, each)
        checkpoint.remove()
    return report | {"resumed_chunks": len(finished), "chunks": len(chunks)}


class _Meter:
    """Counts trains for the progress bar."""

    def __init__(self, trains: int,
                 progress: Callable[[int, int], object] | None,
                 done: int) -> None:
        self._trains, self._progress, self._done = trains, progress, done
        self(0)

    def __call__(self, trains: int = 1) -> None:
        self._done += trains
        if self._progress:
            self._progress(self._done, self._trains)


def _assemble(source: TrainSource, loaded: LoadedModel, checkpoint: Checkpoint,
              chunks: int, output: AnyPath, configuration: Json,
              licence: str, each: Callable[[Chunk], object] | None,
              ) -> JsonObject:
    """Puts the chunks together in the order of the trains."""
    definition = loaded.definition
    tally = Tally(definition.classes)
    writer: ResultWriter | CsvWriter
    if Path(output).suffix.lower() == SUFFIX:
        writer = CsvWriter(output, classes=definition.classes,
                           names=source.files,
                           trains=bool(source.train_ids.any()))
    else:
        writer = ResultWriter(
            output, classes=definition.classes, model=loaded.manifest,
            model_id=definition.model_id, model_sha256=loaded.identity,
            source=source.provenance, configuration=configuration,
            licence=licence, names=source.files)
    with writer as out:
        for number in range(chunks):
            chunk = checkpoint.read(number)
            out.add(chunk)
            tally.add(chunk)
            if each:
                each(chunk)
    return tally.report()
