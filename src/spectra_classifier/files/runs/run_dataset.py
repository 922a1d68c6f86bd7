"""Labelled spectra from a run, as a `Dataset` that fits into memory."""
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.dataset import Dataset
from ...core.preprocessing.memory_cells import CellMeans, Darks, leveller
from ...core.preprocessing.preprocess import correct
from ...core.preprocessing.raw_frames import prepare
from ...core.spectra import Axis, Code, Train, make_train
from ...errors import DataFileError, InputError
from ...model.plain import AnyPath
from ...model.strict_json import JsonObject
from ..checksum import file_sha256
from ..refusals import MAX_BYTES
from ..spectra.assembly import assemble
from .matched_runs import JoinedRun, run_source
from .run_labels import labels_from_table, labels_from_values
from .runs import RunOptions, RunSource


@dataclass(frozen=True)
class ValueLabels:
    """Labels from another source of the run: one value per train.

    Value v of `key` of `source` gets classes[number of limits <= v].
    """
    source: str
    key: str
    limits: tuple[float, ...]
    classes: tuple[str, ...]


def read_run(path: AnyPath, options: RunOptions | None = None,
             labels: AnyPath | ValueLabels | None = None,
             axis: Axis | None = None,
             progress: Callable[[int, int], None] | None = None,
             darks: Darks | None = None) -> Dataset:
    """Read the usable spectra of a run, train by train; see `files.read`.

    Pulses that were never received, have a strip in another gain stage or are
    not finite are left out, as are trains without a label and, where there are
    labels, trains whose id the data acquisition marks as suspect;
    `provenance["changes"]` counts them. Strips that are masked in a whole
    train are bridged by a straight line, as in the engine.

    Parameters
    ----------
    path
        The run.
    options
        Which spectra of it.
    labels
        Table of train ids, or another source; None for no labels.
    axis
        Axis of the spectra; None for channel numbers.
    progress
        Called with (trains read, trains in all).
    darks
        Where those of even and odd memory cells differ, the frames become such
        that their mean fits all; it is not subtracted.

    Raises
    ------
    DataFileError
        If nothing is usable, or more than `MAX_BYTES`.
    """
    source = run_source(path, options)
    words, captures, record = _labels(source, labels)
    wanted = np.array([word is not None for word in words]) & (
        source.pulses > 0)
    doubted = wanted & source.suspect
    if labels is not None:
        wanted &= ~source.suspect
    _check_size(source, wanted)
    spectra, indices, counts, lost = [], [], [], _Lost(source.path)
    level = None if darks is None else leveller(darks)
    for step, position in enumerate(np.flatnonzero(wanted).tolist()):
        train, good, rows = usable(source, position, lost, level)
        spectra.append(train.spectra[good])
        indices.append(source.indices(position)[rows])
        counts.append(len(rows))
        if progress:
            progress(step + 1, int(wanted.sum()))
    if not sum(counts):
        raise DataFileError(f"{source.path}: no usable spectra: "
                            f"{'; '.join(lost.sentences()) or 'no data'}")
    provenance = source.provenance
    changes = lost.sentences()
    if labels is not None and doubted.any():
        changes.append(f"{int(doubted.sum())} trains of doubtful train id "
                       "left out")
    axis_from = ("positions that count from 0" if axis is None
                 else "the calibration that was given")
    axis = axis or Axis.channels(source.channels)
    if len(axis) != source.channels:
        raise DataFileError(f"{source.path}: {source.channels} channels, the "
                            f"axis has {len(axis)}")
    labelled = labels is not None
    dataset = assemble(
        source.path, provenance["format"], axis, np.concatenate(spectra),
        labels=np.repeat(words[wanted].astype(str), counts) if labelled
        else None,
        class_names=_order(labels, words[wanted]) if labelled else None,
        groups=np.repeat(captures[wanted], counts) if labelled else None,
        indices=np.concatenate(indices), changes=changes,
        sha256=provenance["sha256"], axis_from=axis_from, **{
            key: value for key, value in provenance.items() if key not in (
                "path", "format", "sha256", "reader", "changes")})
    return replace(dataset, provenance=dict(dataset.provenance) | record)


def dark_of_run(path: AnyPath, options: RunOptions | None = None,
                progress: Callable[[int, int], None] | None = None
               ) -> tuple[Darks, JsonObject]:
    """Average the usable spectra of a dark run.

    One train at a time is in memory.

    Parameters
    ----------
    path
        The dark run.
    options
        Options of the run that it is the dark of, whose source and key are
        taken.
    progress
        Called with (trains read, trains in all).

    Returns
    -------
    darks
        Of even and of odd memory cells where they differ.
    provenance
        Origin of the spectra.
    """
    options = options or RunOptions()
    source = run_source(path, replace(
        options, pulses="", trains="", monitor="", min_energy=0.))
    total, lost = CellMeans(source.channels), _Lost(source.path)
    for position in range(len(source)):
        train, good, _ = usable(source, position, lost)
        total.add(train.spectra[good].astype(np.float64), good)
        if progress:
            progress(position + 1, len(source))
    if not total.frames:
        raise DataFileError(f"{source.path}: no usable spectra in the dark "
                            "run")
    return total.result(), source.provenance


def usable(source: RunSource | JoinedRun, position: int, lost: "_Lost",
           level: Callable[[Train], Train] | None = None
          ) -> tuple[Train, NDArray[np.int64], NDArray[np.int64]]:
    """A train, which of its frames can be used, and their rows in the run.

    Parameters
    ----------
    level
        Makes one dark fit all frames.
    """
    nothing = (make_train(0, np.empty((0, source.channels), source.dtype)),
               np.empty(0, np.int64), np.empty(0, np.int64))
    try:
        ready = prepare(int(source.train_ids[position]),
                        source.arrays(position), source.selection,
                        source.calibrated, source.channels)
    except InputError as error:
        lost.train(str(error))
        return nothing
    if ready.mask is not None and np.all(ready.mask):
        lost.train("every strip is masked")
        return nothing
    train = ready.train if level is None else level(ready.train)
    if ready.mask is not None:
        train = replace(train, spectra=correct(
            train.spectra, mask=ready.mask).astype(np.float32))
    finite = np.all(np.isfinite(train.spectra), axis=1)
    good = np.flatnonzero((train.verdicts == 0) & finite)
    lost.pulses(train.verdicts, finite)
    return train, good, good if ready.rows is None else ready.rows[good]


class _Lost:
    """Counts what is left out, by reason."""

    def __init__(self, path: AnyPath) -> None:
        self._path = path
        self._reasons: dict[str, int] = {}

    def train(self, problem: str) -> None:
        self._add(f"trains: {problem}", 1)

    def pulses(self, verdicts: NDArray[np.int8],
               finite: NDArray[np.bool_]) -> None:
        for code, reason in (
                (Code.SATURATED, "strips in another gain stage"),
                (Code.BAD_DATA, "never received or partly masked")):
            self._add(f"spectra: {reason}", int(np.count_nonzero(
                verdicts == code)))
        self._add("spectra: not finite", int(np.count_nonzero(
            ~finite & (verdicts == 0))))

    def _add(self, reason: str, number: int) -> None:
        if number:
            self._reasons[reason] = self._reasons.get(reason, 0) + number

    def sentences(self) -> list[str]:
        return [f"{number} {reason}, left out"
                for reason, number in self._reasons.items()]


def _labels(source: RunSource | JoinedRun, labels: AnyPath | ValueLabels | None
           ) -> tuple[NDArray[np.object_], NDArray[np.int64], JsonObject]:
    """(words, captures, provenance) of the trains; all wanted without."""
    if labels is None:
        return (np.full(len(source), "", object),
                np.zeros(len(source), np.int64), {})
    if isinstance(labels, ValueLabels):
        values = source.values(labels.source, labels.key)
        words, captures = labels_from_values(
            values, np.array(labels.limits), labels.classes,
            source.train_ids)
        return words, captures, {"labels": {
            "source": labels.source, "key": labels.key,
            "limits": list(labels.limits), "classes": list(labels.classes)}}
    words, captures = labels_from_table(Path(labels), source.train_ids)
    return words, captures, {"labels": {"path": str(labels),
                                        "sha256": file_sha256(labels)}}


def _order(labels: AnyPath | ValueLabels | None,
           words: NDArray[np.object_]) -> list[str] | None:
    """Class names in the order of their bands; None: sorted."""
    if not isinstance(labels, ValueLabels):
        return None
    present = set(words)
    return list(dict.fromkeys(name for name in labels.classes
                              if name in present))


def _check_size(source: RunSource | JoinedRun,
                wanted: NDArray[np.bool_]) -> None:
    pulses = sum(np.count_nonzero(~source.selection.left_out(count))
                 for count in source.pulses[wanted])
    size = pulses * source.channels * source.dtype.itemsize
    if size > MAX_BYTES:
        raise DataFileError(
            f"{source.path}: {pulses} spectra are {size / 1024**3:.1f} GiB, "
            f"{MAX_BYTES / 1024**3:.0f} GiB are held in memory: take fewer "
            "with --trains ::10 or --pulses ::10; classify needs no memory "
            "for them")
