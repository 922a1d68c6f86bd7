"""Successive trains through the engine, as the live device does it."""
import hashlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any

from numpy.typing import NDArray

from ..core.decision.mean_verdict import NOT_JUDGED
from ..core.engine.engine import Engine
from ..core.engine.train_mean import TrainMean
from ..core.model_definition import Settings
from ..core.preprocessing.energy_normalisation import PerEnergy
from ..core.preprocessing.memory_cells import Leveller
from ..core.preprocessing.quality import too_few_strips
from ..core.preprocessing.raw_frames import (
    ROW,
    MaskedSettings,
    in_place,
    prepare,
)
from ..core.spectra import TrainResult
from ..core.trains.bunch_pattern import FramePulses, lit
from ..errors import InputError
from ..files.results import columns
from ..files.runs.train_source import TrainSource
from .job import Hash, Job, digest, same_source


def classify_chunk(job: Job, first: int, stop: int) -> columns.Chunk:
    """Classify the trains `first` to `stop` of a job, in a worker."""
    return classify(job.warm_engine(), job.settings, same_source(
        job.data, job.run, job.axis, job.input_sha256, job.text),
        first, stop)


def classify(engine: Engine, settings: Settings, source: TrainSource,
             first: int, stop: int,
             each_train: Callable[[], object] | None = None) -> columns.Chunk:
    """Classify successive trains.

    Only one train and the one that is read ahead are in memory.

    Parameters
    ----------
    engine
        Warm.
    settings
        Its settings.
    source
        The trains.
    first, stop
        Positions of the first train and after the last one.
    each_train
        Called after every train.
    """
    classes = len(engine.definition.classes)
    follow = MaskedSettings(), Leveller(), PerEnergy()
    mean_of = TrainMean(engine.definition)
    pulses, rows, problems = [], [], []
    content, seconds, waited = hashlib.sha256(), 0., 0.
    asked = perf_counter()
    for position, arrays, problem in _read_ahead(source, first, stop,
                                                 content):
        waited += perf_counter() - asked
        train_id = int(source.train_ids[position])
        indices = source.indices(position)
        if ROW in arrays:
            indices = indices[arrays[ROW]]
        status = columns.CLASSIFIED if len(indices) else columns.NO_DATA
        mean = NOT_JUDGED
        if not problem:
            begin = perf_counter()
            try:
                found, mean = _classify(engine, mean_of, source, position,
                                        arrays, follow, settings)
                pulses.append(columns.of_result(found, indices))
            except InputError as error:
                problem = str(error)
            seconds += perf_counter() - begin
        if problem:
            status = columns.UNUSABLE
            problems.append((train_id, problem))
            pulses.append(columns.of_unusable(train_id, indices, classes))
        rows.append(columns.of_train(train_id, len(indices), status,
                                     source.suspect[position], mean))
        if each_train:
            each_train()
        asked = perf_counter()
    return columns.Chunk(columns.joined(pulses, classes),
                         columns.joined_trains(rows), problems,
                         content.hexdigest(), seconds, waited)


def _classify(engine: Engine, mean_of: TrainMean, source: TrainSource,
              position: int, arrays: dict[str, NDArray[Any]],
              follow: tuple[MaskedSettings, Leveller, PerEnergy],
              settings: Settings) -> tuple[TrainResult, float]:
    """The codes of a train, and the score of its mean."""
    masked, level, per_energy = follow
    ready = prepare(int(source.train_ids[position]), arrays,
                    source.selection, source.calibrated,
                    len(engine.definition.axis))
    settings = masked(settings, ready.mask)
    if too_few := too_few_strips(engine.definition, settings):
        raise InputError(f"{too_few}: check the mask of the source")
    train, settings, _ = level(lit(ready.train, _machine(source, position)),
                               settings, engine.definition)
    if source.monitored:
        train, settings = per_energy(
            train, settings, engine.definition, source.beam(position),
            "the monitor has missed this train")
    found = engine.classify(train, settings)
    # a block of spectra without a train is no train
    return found, (mean_of(train, found.label, settings) if train.train_id
                   else NOT_JUDGED)


def _machine(source: TrainSource, position: int) -> FramePulses | None:
    """The pulses of a train; a pattern of no use is one that is missing."""
    try:
        return source.machine(position)
    except InputError:
        return None


def _read_ahead(source: TrainSource, first: int, stop: int, content: Hash
               ) -> Iterator[tuple[int, dict[str, NDArray[Any]], str]]:
    """(position, arrays, problem), the next train read by another thread.

    What is read goes into the checksum `content` on the way.
    """
    def read(position: int) -> tuple[dict[str, NDArray[Any]], str]:
        try:
            arrays = source.arrays(position)
        except InputError as error:
            return {}, str(error)
        digest(arrays, content)
        return dict(in_place(arrays)), ""

    with ThreadPoolExecutor(1, "reader") as reader:
        coming = reader.submit(read, first)
        for position in range(first, stop):
            now = coming.result()
            if position + 1 < stop:
                coming = reader.submit(read, position + 1)
            yield position, *now
