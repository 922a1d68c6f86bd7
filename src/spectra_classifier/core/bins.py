"""Ranges of channels, and how well the classes separate in each."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import ConfigurationError

#: (first channel, first channel behind) of each bin
type Bins = tuple[tuple[int, int], ...]


def equal_bins(channels: int, count: int) -> Bins:
    """Return `count` bins of channels // count channels, from channel 0 on.

    The last channels % count channels belong to no bin, as in the published
    method (Sun and others, Data Science Journal 21, 2022).

    Raises
    ------
    ConfigurationError
        Unless 1 <= count <= channels.
    """
    if not 1 <= count <= channels:
        raise ConfigurationError(f"{count} bins for {channels} channels: "
                                 f"use 1 to {channels} with --bins")
    width = channels // count
    return tuple((b * width, (b + 1) * width) for b in range(count))


def separability(accuracy: ArrayLike, classes: int) -> NDArray[np.float64]:
    """Return the skill above chance: 0 at or below 1 / classes, 1 at most.

    Parameters
    ----------
    accuracy
        (B,) cross-validated share of correct answers, 0 to 1. NaN stays NaN.
    classes
        Number of classes.

    Returns
    -------
    NDArray[np.float64]
        (B,).
    """
    chance = 1 / classes
    return np.maximum((np.asarray(accuracy, np.float64) - chance)
                      / (1 - chance), 0)


def published_weights(accuracy: ArrayLike, classes: int,
                      margin: float = 1.1) -> NDArray[np.float64]:
    """Return the vote weight max((a^2 - t^2) / (1 - t^2), 0) of each bin.

    Parameters
    ----------
    accuracy
        (B,) share of training points that are classified correctly.
    classes
        Number of classes.
    margin
        The threshold t is `margin` times chance: 0.55 for two classes, as
        published.

    Returns
    -------
    NDArray[np.float64]
        (B,).
    """
    threshold = margin / classes
    accuracy = np.asarray(accuracy, np.float64)
    return np.maximum((accuracy ** 2 - threshold ** 2)
                      / (1 - threshold ** 2), 0)
