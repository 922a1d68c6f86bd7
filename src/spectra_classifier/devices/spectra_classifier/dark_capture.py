"""Captures the dark, stores it, and reports when it no longer fits."""
import time
from asyncio import sleep
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...core.preprocessing.dark import DarkSum, misfit, objection
from ...errors import ConfigurationError, SpectraError
from ...files.dark import StoredDark, dark_path, read_dark, write_dark
from ...live.configuration.live_model import LiveModel
from ...live.preview import Preview
from ...live.threads import in_thread
from ..classifier_base.property_values import PropertyValues
from .pipeline import Stream

if TYPE_CHECKING:      # they import this module
    from .device import SpectraClassifier

#: s without a new train after which a capture is given up
PATIENCE = 5.
POLL = 0.1
#: s between two checks of the dark in force
PERIOD = 0.5
#: offsets over whose median a dark is judged
OFFSETS = 9


class DarkKeeper:
    """The dark of one device; used from its event loop.

    `processor.dark_sum` is where the worker thread adds up its trains;
    `reconfigure(values)` puts the new dark into force at a train edge;
    `problem`: why the dark in force does not fit, "" if it does.
    """

    def __init__(
            self, device: "SpectraClassifier", stream: Stream,
            show: Callable[[PropertyValues], None],
            reconfigure: Callable[[PropertyValues], Awaitable[None]]) -> None:
        self._device = device
        self._stream = stream
        self._processor = stream.processor
        self._show = show
        self._reconfigure = reconfigure
        self._stored: StoredDark | None = None
        self._offsets: deque[float] = deque(maxlen=OFFSETS)
        self._said = ""
        self._last: Preview | None = None
        self._model: LiveModel | None = None
        self.problem = ""

    @property
    def busy(self) -> bool:
        return self._processor.dark_sum is not None

    def restore(self) -> None:
        """Put the dark of the last run into the property; never raises."""
        try:
            self._stored = read_dark(self._path())
        except SpectraError as error:
            self._said = f"not restored: {error}"
            return
        dark = self._device.dark
        if self._stored is not None and not len(dark.spectrum.value):
            dark.spectrum = self._stored.mean.ravel()
            dark.rows = len(np.atleast_2d(self._stored.mean))
            self._said = "restored from the last run"

    def _path(self) -> Path:
        return dark_path(self._device.dark.path.value, self._device.deviceId)

    def begin(self) -> None:
        """Start to add up trains; raises `ConfigurationError`."""
        if self.busy:
            raise ConfigurationError("a dark is being captured already")
        configuration = self._stream.flow.configuration
        if configuration is None or configuration.model is None:
            raise ConfigurationError(
                "no model is live: it is needed to distinguish a dark from "
                "a spectrum")
        self._model = configuration.model
        self._processor.dark_sum = DarkSum(
            int(self._device.dark.trains.value),
            configuration.model.definition.references)
        self._say("capturing")

    async def finish(self) -> None:
        """Task: wait for the trains, judge the dark, put it into force."""
        total = self._processor.dark_sum
        assert total is not None        # set by `begin`
        try:
            try:
                await self._wait_for(total)
                await self._adopt(total)
            except ValueError as error:
                self._say(f"refused: {error}")
            except Exception as error:
                self._device.logger.exception("the dark has failed")
                self._say(f"failed: {type(error).__name__}: {error}")
        finally:
            self._processor.dark_sum = None
            self._device.dark.progress = 0

    async def _wait_for(self, total: DarkSum) -> None:
        seen, last = 0, time.monotonic()
        while not total.complete:
            await sleep(POLL)
            self._device.dark.progress = 100 * total.trains // total.wanted
            now = time.monotonic()
            if total.trains != seen:
                seen, last = total.trains, now
            elif now - last > PATIENCE:
                raise ConfigurationError(
                    f"no train came for {PATIENCE:g} s, after {seen} of "
                    f"{total.wanted}: to take a dark, run the detector "
                    "without light")

    async def _adopt(self, total: DarkSum) -> None:
        live = self._stream.flow.configuration
        if (live is None or live.model is None
                or live.model is not self._model):
            raise ConfigurationError("the model has changed meanwhile: take "
                                     "the dark again")
        dark = total.result()
        reason = objection(dark, live.model.definition, live.settings.dark)
        if reason:
            raise ConfigurationError(reason)
        rows = dark.darks.rows
        stored = StoredDark(rows, time.time(), dark.train_id, dark.trains,
                            dark.frames)
        await self._reconfigure({"dark.spectrum": rows.ravel().tolist(),
                                 "dark.rows": len(np.atleast_2d(rows))})
        self._stored = stored
        self._offsets.clear()
        kinds = "" if dark.darks.cells is None else (
            ", apart for even and odd memory cells")
        text = (f"captured from {dark.frames} frames of {dark.trains} "
                f"trains{kinds}; disarmed: arm again")
        try:
            await in_thread(write_dark, self._path(), stored)
        except (SpectraError, OSError) as error:
            text += f"; lost with the next restart: {error}"
        self._say(text)

    def _say(self, text: str) -> None:
        self._said = text
        self._device.logger.info(f"dark: {text}")
        self._look()

    async def watch(self) -> None:
        """Task: show age and fit of the dark, for ever."""
        while True:
            self._look()
            await sleep(PERIOD)

    def _look(self) -> None:
        device, configuration = self._device, self._stream.flow.configuration
        preview = self._stream.preview
        if preview is not None and preview is not self._last:
            self._last = preview
            self._offsets.append(preview.dark_offset)
        values = device.dark.spectrum.value
        stored = self._stored
        if stored is not None and not stored.is_in_force(values):
            stored = None
        age = max(time.time() - stored.created, 0.) if stored else -1.
        offset = _median(self._offsets)
        self.problem = ""
        if len(values) and configuration is not None and configuration.model:
            self.problem = _too_old(age, device.dark.maxAge.value) or misfit(
                offset, configuration.model.definition,
                configuration.settings)
        self._show({
            "dark.age": age if age < 0 else float(round(age)),
            "dark.trainId": stored.train_id if stored else 0,
            "dark.offset": round(offset, 1) if np.isfinite(offset) else 0.,
            "dark.status": "; ".join(filter(None, (
                self._said or ("no dark" if not len(values) else
                               "set by hand"), self.problem)))})


def _median(offsets: Iterable[float]) -> float:
    known = [value for value in offsets if np.isfinite(value)]
    return float(np.median(known)) if known else float("nan")


def _too_old(age: float, limit: float) -> str:
    """One sentence for a dark that is older than a limit (s, 0: none)."""
    if not 0 < limit < age:
        return ""
    return (f"the dark is {age / 60:.0f} min old, {limit / 60:.0f} min are "
            "allowed: record it again")
