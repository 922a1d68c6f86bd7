"""The best mixture of the training classes for a spectrum.

Amounts (>= 0) of the classes plus a straight line, shifted along the axis as
a whole. Iteratively re-weighted, so that a line that no class has does not
distort the fit of the rest (Cauchy weights; Holland and Welsch,
Communications in Statistics A6, 1977).
"""
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..engine import mixture
from .spectrum_ops import TINY, median_of_three, smooth, straight_lines, vertex

#: channels by which a shift is looked for, to either side
REACH = 8
#: an eighth of the axis at most
SHARE = 8
#: power of a straight line that is taken away from it, so that what both a
#: mixture and a line explain is given to the mixture
PENALTY = 0.01
#: robust standard deviations from which a lone channel is a dead strip
LONE = 6.
#: at most one channel of so many is taken for one
MENDED = 50
#: rounds of weights; scale of the weights in robust standard deviations, and
#: the smallest one, relative to what is expected in a channel
ROUNDS, CAUCHY, LEAST = 4, 2.4, 0.01
#: level under which noise does not fall any more, in mean intensities
GROUND = 0.2


class Explanation(NamedTuple):
    """A fitted spectrum.

    Attributes
    ----------
    windows
        (lags, m) the spectrum at every shift.
    shift
        Channels.
    moved
        (m,) the spectrum shifted back.
    amounts
        (C,) of the classes.
    line
        (m,) the straight line.
    expected
        (m,) sum of both.
    """
    windows: NDArray[np.float64]
    shift: float
    moved: NDArray[np.float64]
    amounts: NDArray[np.float64]
    line: NDArray[np.float64]
    expected: NDArray[np.float64]


class Explainer:
    """Explains spectra (n,) of mean 1 by class spectra (C, n) of mean 1."""

    def __init__(self, spectra: NDArray[np.floating]) -> None:
        spectra = smooth(np.asarray(spectra, np.float64))
        channels = spectra.shape[1]
        self.reach = max(1, min(REACH, channels // SHARE))
        self._spectra = spectra[:, self.reach:channels - self.reach]
        self.size = self._spectra.shape[1]
        self._line = straight_lines(self.size)
        self._on_line = self._spectra @ self._line.T
        self._gram = (self._spectra @ self._spectra.T
                      - self._on_line @ self._on_line.T / (1 + PENALTY))
        self._basis = np.concatenate([self._spectra, self._line])

    def __call__(self, spectrum: NDArray[np.float64]) -> Explanation:
        """The `Explanation` of a spectrum; dead strips are mended first."""
        # the first time they are found as what no mixture has
        found = self._fit(self._windows(spectrum), between=False)
        return self._fit(self._windows(smooth(self._mended(
            spectrum, found))), between=True)

    def _windows(self, spectrum: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.lib.stride_tricks.sliding_window_view(spectrum, self.size)

    def _fit(self, windows: NDArray[np.float64], between: bool) -> Explanation:
        """`between`: by parts of a channel as well, not whole ones alone."""
        place = self._place(windows, between)
        lower = min(int(place), len(windows) - 2)
        share = place - lower
        moved = (1 - share) * windows[lower] + share * windows[lower + 1]
        weights = np.ones(self.size)
        for _ in range(ROUNDS):
            amounts, line = self._weighted(moved, weights)
            expected = amounts @ self._spectra + line
            wrong = np.abs(moved - expected) / (
                np.maximum(expected, 0) + GROUND)
            scale = max(1.4826 * np.median(wrong), LEAST)
            weights = 1 / (1 + np.square(wrong / (CAUCHY * scale)))
        return Explanation(windows, place - self.reach, moved, amounts, line,
                           expected)

    def _place(self, windows: NDArray[np.float64], between: bool) -> float:
        """Row of `windows` that is explained best."""
        on_line = windows @ self._line.T
        projections = (windows @ self._spectra.T
                       - on_line @ self._on_line.T / (1 + PENALTY))
        power = (np.square(windows).sum(axis=1)
                 - np.square(on_line).sum(axis=1) / (1 + PENALTY))
        amounts = mixture.coefficients(projections, self._gram)
        wrong = power - ((2 * projections - amounts @ self._gram)
                         * amounts).sum(axis=1)
        return vertex(wrong[None])[0] if between else wrong.argmin()

    def _weighted(
            self,
            moved: NDArray[np.float64],
            weights: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(amounts (C,), line (m,)) of weighted least squares."""
        classes = len(self._spectra)
        weighted = self._basis * weights
        products, on = weighted @ self._basis.T, weighted @ moved
        across = products[:classes, classes:]
        inverse = np.linalg.inv(products[classes:, classes:]
                                + PENALTY * np.eye(2))
        gram = products[:classes, :classes] - across @ inverse @ across.T
        amounts = mixture.coefficients(
            (on[:classes] - across @ inverse @ on[classes:])[None], gram)[0]
        return amounts, (inverse @ (on[classes:] - amounts @ across)
                         @ self._line)

    def _mended(self, spectrum: NDArray[np.float64],
                found: Explanation) -> NDArray[np.float64]:
        """The spectrum without lone channels that no neighbour follows."""
        left = found.moved - found.expected
        lone = left - median_of_three(left)
        scale = 1.4826 * np.median(np.abs(lone))
        strange = np.flatnonzero(np.abs(lone) > LONE * scale + TINY)
        # narrow lines are no dead strips: only the loneliest are mended
        strange = strange[np.argsort(-np.abs(lone[strange]))][
            :max(len(left) // MENDED, 1)]
        mended = spectrum.copy()
        place = strange + self.reach + int(found.shift)
        mended[place] = median_of_three(spectrum)[place]
        return mended
