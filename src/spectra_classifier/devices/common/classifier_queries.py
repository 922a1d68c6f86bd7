"""Questions to a classifier: how it reads its source, what it has."""
from asyncio import wait_for
from typing import Any

import numpy as np
from karabo.middlelayer import KaraboError, getProperties

from ...core.preprocessing.raw_frames import Selection
from ...core.preprocessing.source_layout import PRESETS, RECEIVER, Layout
from ...live.configuration.property_map import LAYOUT_KEYS
from .pulse_reader import Source

#: seconds that a classifier has to answer
ANSWER = 5
#: what is taken over from it
READ_ALIKE = (*LAYOUT_KEYS, "source.pulseSelection", "dark.spectrum",
              "dark.rows", "source.maskedStrips")


async def read_properties(device_id: str, *names: str) -> dict[str, Any]:
    """Read properties of a device; raises `KaraboError` without an answer."""
    try:
        found = await wait_for(getProperties(device_id, list(names)), ANSWER)
    except TimeoutError:
        raise KaraboError(f"{device_id} does not answer: is it started, "
                          "and is classifierId right?") from None
    return {name: found[name] for name in names}


async def read_source(device_id: str, saturation: float,
                      preset: str = RECEIVER) -> Source:
    """How the classifier reads the trains: a `Source`; without a classifier
    as it would with that preset, and without a dark."""
    if not device_id:
        return Source(PRESETS[preset], saturation=saturation)
    found = await read_properties(device_id, *READ_ALIKE)
    dark = np.asarray(found["dark.spectrum"], np.float32)
    if found["dark.rows"] == 2 and len(dark) % 2 == 0:
        dark = dark.reshape(2, -1)
    return Source(
        Layout(**{field: found[key] for key, field in LAYOUT_KEYS.items()}),
        Selection.parse(found["source.pulseSelection"]),
        dark if len(dark) else None,
        tuple(map(int, found["source.maskedStrips"])), saturation, device_id)


def first_line(error: BaseException) -> str:
    """The message without the stack that Karabo appends."""
    return str(error).partition("\nDETAILS")[0]
