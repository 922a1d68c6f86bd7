"""The map of the last minutes on disk, and the captures that it becomes."""
import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...core.capture import FEWEST_TRAINS, Capture, Tally, misfit
from ...core.preprocessing.preprocess import correct
from ...core.recent_spectra import RecentSpectra
from ...core.spectra import Axis, make_train
from ...errors import DataFileError, InputError, SpectraError
from ...exploration.stream_map import StreamMap
from ...files.atomic import replaced
from ...files.captures import (
    Background,
    abandon,
    is_written,
    next_number,
    start_capture,
    write_train,
)
from ...files.recent_spectra import read_recent, write_recent
from ...files.refusals import refusals
from ...live.jobs import EXPLORING, Job
from ..common.pulse_reader import AxisSettings
from .capture_recorder import require_space

#: trains of a capture that are written, spread over all it has
MOST_TRAINS = 50
_AGAIN = "explore once more"


class ClusterCaptures:
    """The last map, and which captures are its clusters. Blocks on files.

    Its captures have numbers in the order of time, whatever cluster is named
    first: the training tells a drift by that order. `map`: None where there
    is none; `reserved`: number of its last capture, 0 where none was named.
    """

    def __init__(self, directory: Path, work: Path) -> None:
        self._directory = directory
        self._work = work
        self.map: StreamMap | None = None
        self.problems: list[str] = []
        self._named = _Named()
        try:
            self.reload()
        except SpectraError as error:
            self.problems.append(str(error))

    @property
    def _map(self) -> Path:
        return self._work / "map.npz"

    @property
    def _recent(self) -> Path:
        return self._work / "recent.npz"

    @property
    def _names(self) -> Path:
        return self._work / "clusters.json"

    def job(self, recent: RecentSpectra, axis: AxisSettings,
            background: Background) -> Job:
        """Write the spectra; the `Job` that makes the map of them."""
        require_space(self._directory, 2 * recent.spectra.nbytes)
        write_recent(self._recent, recent, axis.axis(
            recent.spectra.shape[1]), background)
        return Job({"task": "explore", "recent": str(self._recent),
                    "map": str(self._map),
                    "result": str(self._work / "explore.json")},
                   self._work, "explore", EXPLORING)

    def reload(self) -> None:
        """Read the map on disk; `DataFileError` where it is damaged."""
        self.map = None
        if not self._map.is_file():
            return
        with (refusals(self._map, _AGAIN), self._map.open("rb") as file,
              np.load(file, allow_pickle=False) as found):
            self.map = StreamMap.of_arrays(dict(found))
        known = _Named()
        if self._names.is_file():
            with refusals(self._names, _AGAIN):
                known = _Named.of(json.loads(self._names.read_text()))
        identity = _identity(self.map)
        self._named = (known if known.map == identity else
                       _Named(identity, spans=known.spans))

    @property
    def reserved(self) -> int:
        found = self.map
        if found is None or not self._named.first:
            return 0
        return self._named.first + int(found.capture.max(initial=-1))

    def names(self, captures: Sequence[Capture]) -> dict[int, str]:
        """{cluster: name} of the clusters that are captures which are kept."""
        known = {each.number: each.sample_class for each in captures
                 if each.kept and each.chosen}
        return {cluster: known[number]
                for cluster, numbers in self._named.captures.items()
                for number in numbers if number in known}

    def write(self, cluster: int, name: str, captures: Sequence[Capture],
              more: Mapping[str, Any]) -> Iterator[tuple[Capture, str]]:
        """Write the captures of a cluster; each with what went wrong or "".

        Raises `InputError` where there is nothing to write.
        """
        found = self.map
        if found is None:
            raise InputError("there is no map: explore first")
        if not 0 <= cluster < found.count:
            raise InputError(f"there is no cluster {cluster}: there are "
                             f"{found.count}, from 0")
        old = self.names(captures).get(cluster)
        if old is not None:
            raise InputError(f"cluster {cluster} is {old!r} already: discard "
                             "its captures first")
        parts = [rows for each in found.rows(cluster)
                 if len(rows := self._new(each, found, captures))]
        if not parts:
            raise InputError(
                f"cluster {cluster} has no trains that follow each other and "
                "are in no capture yet: wait, and explore again")
        problem = misfit(captures, len(found.axis))
        if problem:
            raise InputError(f"the map has {problem}")
        recent, axis, background = read_recent(self._recent)
        if not np.array_equal(recent.seconds, found.seconds):
            raise InputError("the spectra of this map are not there any "
                             "more: explore again")
        numbers = self._numbers(cluster, [
            int(found.capture[rows[0]]) for rows in parts])
        self._remember(cluster, numbers, [
            found.seconds[rows[[0, -1]]].tolist() for rows in parts])
        for number, rows in zip(numbers, parts, strict=True):
            yield self._capture(
                Capture(number, name, 0, chosen=True,
                        dark=background.dark is not None),
                _some_trains(recent, rows), axis, background,
                {"cluster": cluster, **more})

    def _new(self, rows: NDArray[np.int64], found: StreamMap,
             captures: Sequence[Capture]) -> NDArray[np.int64]:
        """Rows of trains that no capture of an earlier map has."""
        kept = {each.number for each in captures if each.kept}
        seconds = found.seconds[rows]
        new = np.ones(len(rows), bool)
        for name, number, begin, end in self._named.spans:
            if name != self._named.map and number in kept:
                new &= (seconds < begin) | (seconds > end)
        few = len(np.unique(seconds[new])) < FEWEST_TRAINS
        return rows[:0] if few else rows[new]

    def _numbers(self, cluster: int, places: list[int]) -> list[int]:
        """Numbers of the captures at these places in the map."""
        free = next_number(self._directory)
        taken = {number for numbers in self._named.captures.values()
                 for number in numbers}
        first = self._named.first
        if not first or any(first + place in taken for place in places):
            first = max(free, self.reserved + 1)
        self._named = self._named._replace(first=first)
        return [first + place for place in places]

    def _remember(self, cluster: int, numbers: list[int],
                  spans: list[list[float]]) -> None:
        named = self._named
        self._named = named._replace(
            captures={**named.captures, cluster: numbers},
            spans=(*named.spans, *(
                (named.map, number, begin, end) for number, (begin, end)
                in zip(numbers, spans, strict=True))))
        with replaced(self._names) as temporary:
            temporary.write_text(json.dumps(self._named._asdict()))

    def _capture(self, capture: Capture, recent: RecentSpectra, axis: Axis,
                 background: Background, more: Mapping[str, Any]
                 ) -> tuple[Capture, str]:
        trains, begin = np.unique(recent.seconds, return_index=True)
        capture = replace(capture, wanted=len(trains), time=time.strftime(
            "%Y-%m-%dT%H:%M:%S", time.localtime(trains[0])))
        try:
            require_space(self._directory, recent.spectra.nbytes)
            start_capture(self._directory, capture, axis, background)
            for rows in np.split(np.arange(len(recent)), begin[1:]):
                capture = self._train(capture, recent, rows, axis,
                                      background, more)
        except (SpectraError, OSError, RuntimeError) as error:
            return capture, str(error)
        finally:
            if not capture.trains:
                abandon(self._directory, capture)
        return capture, ""

    def _train(self, capture: Capture, recent: RecentSpectra,
               rows: NDArray[np.int64], axis: Axis, background: Background,
               more: Mapping[str, Any]) -> Capture:
        raw = recent.spectra[rows]
        tally = Tally(len(rows), float(correct(
            raw, background.dark, background.masked).mean()))
        after = capture.with_train(tally, len(axis))
        try:
            write_train(
                self._directory, after, axis,
                make_train(int(recent.train_id[rows[0]]), raw),
                np.ones(len(rows), bool), tally,
                {**more, "pulses_of_train": recent.pulse[rows].tolist()})
        except (OSError, RuntimeError) as error:    # h5py raises either
            if not is_written(self._directory, after):
                raise DataFileError(f"capture {capture.number} cannot be "
                                    f"written: {error}") from None
        return after


class _Named(NamedTuple):
    """Which map has names, its first number, {cluster: numbers}.

    `spans`: [map, number, first second, last second] of all captures that
    were ever made of clusters.
    """
    map: str = ""
    first: int = 0
    captures: dict[int, list[int]] = {}
    spans: tuple[tuple[str, int, float, float], ...] = ()

    @classmethod
    def of(cls, known: dict[str, Any]) -> "_Named":
        return cls(str(known["map"]), int(known["first"]), {
            int(cluster): [int(each) for each in numbers]
            for cluster, numbers in known["captures"].items()}, tuple(
                (str(name), int(number), float(begin), float(end))
                for name, number, begin, end in known["spans"]))


def _identity(found: StreamMap) -> str:
    return hashlib.sha256(found.seconds.tobytes()).hexdigest()[:16]


def _some_trains(recent: RecentSpectra,
                 rows: NDArray[np.int64]) -> RecentSpectra:
    """Those of at most `MOST_TRAINS` trains, evenly spread."""
    trains = np.unique(recent.seconds[rows])
    some = trains[np.unique(np.linspace(
        0, len(trains) - 1, min(MOST_TRAINS, len(trains))).astype(int))]
    kept = rows[np.isin(recent.seconds[rows], some)]
    return RecentSpectra(recent.spectra[kept], recent.train_id[kept],
                         recent.pulse[kept], recent.seconds[kept])
