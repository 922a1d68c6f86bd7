"""Exploration of a `SpectraTrainer`: keep the last minutes, map them, name.

Nothing of it touches a capture or a training: a train that cannot be kept, a
classifier that does not answer and a process that dies are reported in
properties of their own.
"""
import time
from asyncio import Queue
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from karabo.middlelayer import Configurable, Hash, KaraboError, sleep

from ...core.recent_spectra import LastMinutes, RecentSpectra
from ...errors import InputError, SpectraError
from ...exploration.stream_map import StreamMap
from ...files.captures import Background
from ...live.threads import in_thread
from ..common.classifier_queries import first_line
from ..common.drawing.canvas import Picture
from ..common.picture_channels import size_of
from ..common.pulse_reader import PulseReader, Source
from . import map_pictures
from .properties import MapPictures
from .property_values import Report, cluster_rows

#: s between two looks at how the classifier reads, and at who looks
ASK, PERIOD = 10., 0.5
#: s that a source is remembered without its classifier
_MINUTE = 60.


class _Kept(NamedTuple):
    """What is kept, and how it was read."""
    reader: PulseReader
    trains: LastMinutes


class TrainerExploration(Configurable):
    """Part of the device: the map of the last minutes."""

    # of the device
    exploration: Any
    screens: Any
    source: Any
    logger: Any
    _session: Any
    _set: Callable[[dict[str, Any]], None]
    read_source: Callable[[], Any]

    def __init__(self, configuration: Hash) -> None:
        super().__init__(configuration)
        #: at most one train waits to be kept
        self._to_keep: Queue[tuple[int, float, Hash]] = Queue(1)
        self._kept: _Kept | None = None

    @property
    def _reach(self) -> float:
        return float(self.exploration.minutes.value) * _MINUTE

    def offer(self, train_id: int, data: Hash) -> None:
        """Keep a train if one is due; takes no time."""
        now = time.time()
        if self._to_keep.full() or (
                self._kept is not None
                and not self._kept.trains.due(now, self._reach)):
            return
        self._to_keep.put_nowait((train_id, now, data))

    async def keep_trains(self) -> None:
        """Task: keep what was offered, for ever."""
        asked = -ASK
        while True:
            train_id, seconds, data = await self._to_keep.get()
            try:
                if time.monotonic() - asked >= ASK:
                    self._read_by(await self.read_source())
                    asked = time.monotonic()
                problem = await in_thread(self._keep, train_id, seconds, data)
            except (SpectraError, KaraboError) as error:
                problem = first_line(error)
            except Exception as error:
                problem = f"{type(error).__name__}: {error}"
                self.logger.exception("a train is not kept")
            del data        # its buffer is free again
            self._show_kept(problem)

    def _read_by(self, source: Source) -> None:
        """Read as the classifier does; what was read otherwise is gone."""
        if self._kept is None or not self._kept.reader.source.same(source):
            self._kept = _Kept(PulseReader(
                source, float(self.source.intensityCut.value)),
                LastMinutes())

    def _keep(self, train_id: int, seconds: float, data: Hash) -> str:
        """Why there is nothing to keep of a train; "" if it is kept."""
        kept = self._kept
        if kept is None:
            return "it is not known how the classifier reads the source"
        train, used, _ = kept.reader.some_usable(
            kept.reader.prepared(train_id, data))
        if not used.any():
            return "no pulse of the train is usable: is there beam?"
        kept.trains.add(train_id, seconds, train.spectra[used],
                        train.pulse_ids[used].astype(np.int64))
        return ""

    def _show_kept(self, problem: str) -> None:
        count = 0 if self._kept is None else len(self._kept.trains)
        for name, value in ("trainsKept", count), ("problem", problem):
            if getattr(self.exploration, name).value != value:
                setattr(self.exploration, name, value)

    async def last_minutes(self) -> tuple[RecentSpectra, Background]:
        """What explore looks at; `InputError` where there is nothing."""
        kept = self._kept
        recent = None if kept is None else await in_thread(
            kept.trains.since, time.time() - self._reach)
        if kept is None or recent is None or kept.reader.background is None:
            raise InputError(
                "no spectrum of the last "
                f"{self.exploration.minutes.value:g} min is kept: "
                + (self.exploration.problem.value or "the source is silent"))
        return recent, kept.reader.background

    async def explored(self, report: Report) -> None:
        """Show the map that a process has left."""
        if self._session is not None:
            await in_thread(self._session.clusters.reload)
        self.show_map()

    @property
    def _map(self) -> StreamMap | None:
        return None if self._session is None else self._session.clusters.map

    def _names(self) -> dict[int, str]:
        return {} if self._session is None else self._session.clusters.names(
            self._session.captures)

    def show_map(self) -> None:
        """The properties of the map."""
        found = self._map
        self._set({
            "exploration.found": found.words if found else "",
            "exploration.clusters": cluster_rows(found, self._names()),
            "exploration.lookedAt": map_pictures.words_at(
                found, self._back) if found else ""})

    @property
    def _back(self) -> float:
        return float(self.exploration.lookBack.value) / 100

    async def draw_map(self) -> None:
        """Task: draw while the scene is open, whenever something is new."""
        output = self.screens.exploration
        shown: tuple[Any, ...] = ()
        while True:
            await sleep(PERIOD)
            found, names, back = self._map, self._names(), self._back
            wanted = (id(found), names, back, len(output.connections))
            if not len(output.connections) or wanted == shown:
                continue
            shown = wanted
            if found is not None:
                self._set({"exploration.lookedAt":
                           map_pictures.words_at(found, back)})
            for name, pixels in (await in_thread(
                    _pictures, found, names, back)).items():
                setattr(output.schema.data, name, pixels)
            await output.writeData()


def _pictures(found: StreamMap | None, names: dict[int, str],
              back: float) -> dict[str, Picture]:
    def size(name: str) -> tuple[int, int]:
        return size_of(MapPictures, name)

    return {
        "byCluster": map_pictures.by_cluster(found, back,
                                             *size("byCluster")),
        "byTime": map_pictures.by_time(found, back, *size("byTime")),
        "againstTime": map_pictures.against_time(found, names, back,
                                                 *size("againstTime")),
        "spectra": map_pictures.spectra(found, names, back,
                                        *size("spectra")),
        "differences": map_pictures.differences(found, names,
                                                *size("differences"))}
