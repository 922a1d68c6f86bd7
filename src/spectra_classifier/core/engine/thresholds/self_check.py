"""Check of a step table against the networks, on every compilation."""
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ....errors import ConfigurationError
from ...cooperative import yield_to_trains
from ...model_definition import PointwiseMembers
from ..reference_members import logits
from .exact_winner import CLOSE, terms

if TYPE_CHECKING:
    from .compile import StepTable


def check(table: StepTable, members: PointwiseMembers,
          axis_values: NDArray[np.float64]) -> None:
    """Compare the table with the networks on a sample of intensities.

    Raises
    ------
    ConfigurationError
        Where they give another class.
    """
    rng = np.random.default_rng(0)
    for b, (start, stop) in enumerate(table.bins):
        yield_to_trains()
        x = axis_values[start:stop]
        y = _sample(table, b, stop - start, rng)
        value = logits(members, b, x, y)
        best = np.sort(value, axis=-1)[..., -2:]
        scale = terms(members, b, np.broadcast_to(x, y.shape).ravel(),
                       y.ravel()).reshape(y.shape)
        clear = best[..., 1] - best[..., 0] >= CLOSE * scale
        wrong = clear & (value.argmax(-1) != table.classify(b, y))
        if wrong.any():
            row, i = (int(k[0]) for k in np.nonzero(wrong))
            raise ConfigurationError(
                f"the thresholds of bin {b}, channel {start + i} give another "
                f"class than its network at intensity {y[row, i]!r}: use "
                "engine onnxruntime for this model and report it")


def _sample(table: StepTable, b: int, channels: int, rng: np.random.Generator,
            rows: int = 8) -> NDArray[np.float32]:
    """Intensities (P, channels) float32 around and between the steps."""
    here = table.bin == b
    channel, value = table.channel[here], table.value[here]
    spread = np.abs(value).max(initial=1.)
    y = rng.normal(0, spread, (rows, channels)).astype(np.float32)
    y[1] = np.exp(rng.uniform(-20, 20, channels))
    y[2] = -y[1]
    place = rng.integers(3, rows, len(channel))
    y[place, channel] = value
    y[(place - 2) % (rows - 3) + 3, channel] = np.nextafter(
        value, np.float32(-np.inf))
    return y
