"""Draws the pictures of the scenes that are open."""
import math
import time
from asyncio import CancelledError
from typing import TYPE_CHECKING

from karabo.middlelayer import sleep

from ....core.engine.labels import least_confidence
from ....core.model_definition import active_weights
from ....live.configuration.configuration import Configuration
from ....live.preview import Preview
from ....live.threads import in_thread
from ....live.train_history import HistoryView
from ...common.drawing.canvas import Picture
from ...common.picture_channels import size_of
from ..pipeline import Stream
from ..properties.screens import (
    CHANNELS,
    BinPictures,
    ExplainPictures,
    OverviewPictures,
    PulsePictures,
)
from .bins import separability
from .pulse_map import pulse_map
from .spectrum import difference, shown_pair, spectrum
from .trend import Limits, trend
from .votes import votes

if TYPE_CHECKING:      # they import this module
    from ..device import SpectraClassifier

#: s between two looks at who is connected
PERIOD = 0.5
#: bytes a second of the pictures of one scene, to each client
RATE = 450_000

type Pictures = dict[str, Picture]


def overview_pictures(past: HistoryView, preview: Preview | None,
                      pair: tuple[int, int],
                      configuration: Configuration | None) -> Pictures:
    """{name: (height, width, 3) uint8} for `screens.overview`."""
    def size(name: str) -> tuple[int, int]:
        return size_of(OverviewPictures, name)

    return {"trend": trend(past, _limits(configuration), *size("trend")),
            "spectrum": spectrum(preview, *size("spectrum")),
            "difference": difference(preview, pair, *size("difference"))}


def _limits(configuration: Configuration | None) -> Limits:
    if configuration is None or configuration.model is None:
        return Limits()
    definition = configuration.model.definition
    least = least_confidence(definition, configuration.settings)
    return Limits(least or math.nan, definition.unknown.max_residual)


def pulse_pictures(past: HistoryView, preview: Preview | None,
                   pair: tuple[int, int],
                   configuration: Configuration | None) -> Pictures:
    """As `overview_pictures`, for `screens.pulses`."""
    return {"pulseMap": pulse_map(past, *size_of(PulsePictures, "pulseMap"))}


def explain_pictures(past: HistoryView, preview: Preview | None,
                     pair: tuple[int, int],
                     configuration: Configuration | None) -> Pictures:
    """As `overview_pictures`, for `screens.explanation`."""
    return {"votes": votes(preview, *size_of(ExplainPictures, "votes"))}


def bin_pictures(past: HistoryView, preview: Preview | None,
                 pair: tuple[int, int],
                 configuration: Configuration | None) -> Pictures:
    """As `overview_pictures`, for `screens.bins`; {} without a model."""
    if configuration is None or configuration.model is None:
        return {}
    definition = configuration.model.definition
    return {"separability": separability(
        definition, active_weights(definition, configuration.settings),
        *size_of(BinPictures, "separability"))}


DRAW = dict(zip(CHANNELS, (overview_pictures, pulse_pictures,
                           explain_pictures, bin_pictures), strict=True))


class PictureRenderer:
    """The pictures of one device; used from its event loop.

    Drawing takes some 10 ms in a thread of its own; the trains do not wait
    for it.
    """

    def __init__(self, device: "SpectraClassifier", stream: Stream) -> None:
        self._device = device
        self._stream = stream

    async def run(self) -> None:
        """Task: draw and send, for ever."""
        due = dict.fromkeys(CHANNELS, 0.)
        while True:
            await sleep(PERIOD)
            for channel in CHANNELS:
                if not len(getattr(self._device.screens,
                                   channel).connections):
                    due[channel] = 0.       # who opens it sees it at once
                elif (now := time.monotonic()) >= due[channel]:
                    due[channel] = now + await self._drawn(channel) / RATE

    async def _drawn(self, channel: str) -> int:
        """Bytes of the pictures that were sent."""
        try:
            return await self._show(channel)
        except CancelledError:
            raise
        except Exception:
            # a picture less must not end the pictures
            self._stream.failed(f"while drawing {channel}")
            return 0

    async def _show(self, channel: str) -> int:
        stream = self._stream
        classes = stream.train_history.classes
        pair = shown_pair(
            len(classes), int(self._device.sampleStateIndex.value),
            _index(classes, self._device.decision.previousSampleState.value))
        pictures = await in_thread(
            DRAW[channel], stream.train_history.moments(), stream.preview,
            pair, stream.flow.configuration)
        output = getattr(self._device.screens, channel)
        for name, pixels in pictures.items():
            setattr(output.schema.data, name, pixels)
        if pictures:
            await output.writeData()
        return sum(pixels.nbytes for pixels in pictures.values())


def _index(classes: tuple[str, ...], name: str) -> int:
    """Index of a class, -1 for none of them."""
    return classes.index(name) if name in classes else -1
