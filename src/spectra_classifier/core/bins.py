"""Ranges of channels, and how well the classes separate in each."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConfigurationError

#: (first channel, first channel behind) of each bin
type Bins = tuple[tuple[int, int], ...]


def equal_bins(channels: int, count: int) -> Bins:
    """`count` bins of channels // count channels each, from channel 0 on.

    The last channels % count channels belong to no bin, as in the published
    method (Sun and others, Data Science Journal 21, 2022).
    """
    if not 1 <= count <= channels:
        raise ConfigurationError(f"{count} bins for {channels} channels: "
                                 f"use 1 to {channels} with --bins")
    width = channels // count
    return tuple((b * width, (b + 1) * width) for b in range(count))


def separability(accuracy: ArrayLike, classes: int) -> NDArray[np.float64]:
    """Skill above chance: 0 at or below 1 / classes, 1 when always right.

    `accuracy` (B,) cross-validated share of right answers; NaN stays NaN.
    """
    chance = 1 / classes
    return np.maximum((np.asarray(accuracy, np.float64) - chance)
                      / (1 - chance), 0)


def published_weights(accuracy: ArrayLike, classes: int,
                      margin: float = 1.1) -> NDArray[np.float64]:
    """Vote weight max((a^2 - t^2) / (1 - t^2), 0) of each bin.

    `accuracy` (B,): share of training points classified right. The threshold
    t is `margin` times chance: 0.55 for two classes, as published.
    """
    threshold = margin / classes
    accuracy = np.asarray(accuracy, np.float64)
    return np.maximum((accuracy ** 2 - threshold ** 2)
                      / (1 - threshold ** 2), 0)
