"""Views of a spectrum: the input of members instead of the counts.

A linear view is a Savitzky-Golay derivative (A. Savitzky, M. J. E. Golay,
Anal. Chem. 36, 1627, 1964) followed by the standard normal variate:

    v = (D s - mean(D s)) / std(D s)

with the derivative D of order 0 (the spectrum itself), 1 or 2. Any order
removes pulse energy; a derivative also removes pedestal and slope and is
linear, so that it has no bias on noise, unlike a fitted baseline. A texture
view describes spiky spectra: see `texture`.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...errors import ConfigurationError
from . import texture

#: spectra at a time, which stay in the cache
_ROWS = 64


@dataclass(frozen=True)
class View:
    """Constants of a view.

    Attributes
    ----------
    derivative
        0, 1 or 2.
    window
        Odd number of channels of the local parabola, 1 for order 0.
    normalise
        Whether the standard normal variate follows.
    parts
        Number of equal ranges whose texture is described, 0 for a linear view.

    Raises
    ------
    ConfigurationError
        For a value outside of its limits.
    """
    name: str
    derivative: int = 0
    window: int = 1
    normalise: bool = True
    parts: int = 0

    def __post_init__(self) -> None:
        if self.derivative not in (0, 1, 2):
            raise ConfigurationError(f"derivative {self.derivative} of view "
                                     f"{self.name!r}: use 0, 1 or 2")
        if self.window < 1 or self.window % 2 == 0 or (
                self.derivative and self.window < 3):
            raise ConfigurationError(
                f"window {self.window} of view {self.name!r}: use an odd "
                "number of channels, at least 3 for a derivative")
        if self.parts < 0:
            raise ConfigurationError(f"{self.parts} parts of view "
                                     f"{self.name!r}: use 0 or more")

    @property
    def half(self) -> int:
        """Channels at each end that the window does not reach."""
        return self.window // 2 if self.derivative else 0

    @property
    def linear(self) -> bool:
        """Whether it is a derivative and no texture."""
        return self.parts == 0

    def columns(self, start: int, stop: int) -> slice:
        """Return the columns of the view that the bin start ... stop has.

        A member on a texture view uses all of them.
        """
        return slice(start, stop) if self.linear else slice(None)


def kernel(view: View) -> NDArray[np.float64]:
    """Return the weights (window,) of the derivative of a linear view.

    Applied as a correlation: D s at channel i is the sum over j of kernel[j] *
    s[i - half + j]. Least squares of a parabola, evaluated in the middle; per
    channel and per channel squared.
    """
    if not view.derivative:
        return np.ones(1)
    place = np.arange(view.window) - view.window // 2
    powers = place[:, None] ** np.arange(3)
    return np.linalg.pinv(powers)[view.derivative] * view.derivative


def differentiate(view: View, spectra: ArrayLike) -> NDArray[np.float64]:
    """Return D s of (P, n) where the window fits, (P, n - 2 half)."""
    spectra = np.asarray(spectra, np.float64)
    if not view.derivative:
        return spectra
    weights = kernel(view)
    inside = spectra.shape[1] - 2 * view.half
    if inside < 2:
        raise ConfigurationError(
            f"view {view.name!r} needs {view.window + 1} channels, there are "
            f"{spectra.shape[1]}")
    total = np.zeros((len(spectra), inside))
    for first in range(0, len(spectra), _ROWS):
        some, sums = (each[first:first + _ROWS] for each in (spectra, total))
        for shift, weight in enumerate(weights):
            sums += weight * some[:, shift:shift + inside]
    return total


def apply_view(view: View, spectra: ArrayLike) -> NDArray[np.float64]:
    """Return the view (P, features) of preprocessed spectra (P, n).

    A linear view has one feature per channel; the `half` channels at each end
    are 0. A view without spread is 0 throughout.
    """
    if not view.linear:
        return texture.features(spectra, view.parts)
    inner = differentiate(view, spectra)
    if view.normalise:
        inner = inner - inner.mean(axis=1, keepdims=True)
        width = np.sqrt(np.square(inner).mean(axis=1, keepdims=True))
        inner = np.divide(inner, width, out=np.zeros_like(inner),
                          where=width > 0)
    if not view.half:
        return inner
    return np.pad(inner, ((0, 0), (view.half, view.half)))
