"""A job from its first chunk to the finished file."""
from pathlib import Path

from .. import __version__
from ..files import ResultWriter, RunOptions
from ..files.atomic import check_target
from ..files.results.checkpoint import Checkpoint
from ..files.runs.runs import PREFIX, run_path
from ..model import load
from .chunks import classify
from .job import CHUNK_TRAINS, Job, need_channels, need_monitor, open_source
from .tally import Tally


def classify_run(model, run, output, source="", key="data.adc",
                 chunk_trains=CHUNK_TRAINS, **more):
    """Classifies a run with a model file; the short form of `analyse`.

    `run`: folder of the run; `source` may be left out where only one has
    the `key`; `more`: keywords of `analyse`.
    """
    options = RunOptions(source, key)
    data = f"{PREFIX}{run_path(run)}"
    opened = open_source(data, options)
    loaded = load(model)
    need_channels(opened, loaded.definition, run)
    need_monitor(opened, loaded.definition, data)
    job = Job.of(model, data, opened, run=options,
                 chunk_trains=chunk_trains)
    return analyse(job, opened, output, loaded, job.configuration(), **more)


def analyse(job, source, output, loaded, configuration, *, cluster=None,
            restart=False, licence="", progress=None):
    """Classifies all trains of `source`, the data of `job`, into a file.

    Chunks that an interrupted run has finished are not computed again; the
    file has the same content as if nothing had happened, and whatever the
    `cluster` (a function from `cluster`, None for this process). `loaded`:
    the `LoadedModel` of the job; `configuration`: JSON values for the file.
    `progress(done, trains)` is called with numbers of trains. Returns the
    counts of `Tally` as JSON values.
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
                checkpoint.write(number, classify(job, source, first, stop,
                                                  meter))
        report = _assemble(source, loaded, checkpoint, len(chunks),
                           output, configuration, licence)
        checkpoint.remove()
    return report | {"resumed_chunks": len(finished), "chunks": len(chunks)}


class _Meter:
    """Counts trains for the progress bar."""

    def __init__(self, trains, progress, done):
        self._trains, self._progress, self._done = trains, progress, done
        self(0)

    def __call__(self, trains=1):
        self._done += trains
        if self._progress:
            self._progress(self._done, self._trains)


def _assemble(source, loaded, checkpoint, chunks, output, configuration,
              licence):
    """Puts the chunks together in the order of the trains."""
    definition = loaded.definition
    tally = Tally(definition.classes)
    with ResultWriter(
            output, classes=definition.classes, model=loaded.manifest,
            model_id=definition.model_id, model_sha256=loaded.identity,
            source=source.provenance, configuration=configuration,
            licence=licence) as out:
        for number in range(chunks):
            chunk = checkpoint.read(number)
            out.add(chunk)
            tally.add(chunk)
    return tally.report()
