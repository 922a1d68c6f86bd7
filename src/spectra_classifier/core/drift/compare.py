"""Comparison of one mean spectrum with the training: what differs, and where.

The spectrum is fitted by the best mixture of the training classes (a, >= 0)
plus a straight line, shifted along the axis as a whole. What such a mixture
does not explain is analysed bin by bin: a shift of its own, another level, a
peak that no class has. A real change of the sample is another mixture, and a
change of intensity another scale; neither is drift.

Everything is in units of the mean intensity. Shifts and peaks have to exceed
a few times their own statistical error: few pulses raise no alarm.
"""
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .explain import Explainer, Explanation
from .reference import DriftReference, Range, has_level
from .spectrum_ops import TINY, vertex

#: structure, in units of that of a mean range, with which gain and shift of
#: a range can just be distinguished from noise
WEAK = 0.3
#: steepness, in units of that of a mean range, that a shift needs
STRUCTURE = 0.2
#: statistical errors that a value has to exceed
ERRORS = 4.
#: share of what differs that a shift has to explain to be one
EXPLAINED = 0.5
#: channels up to which the cost of a shift grows with its square
LINEAR = 3.
#: channels of the window in which a peak is looked for
PEAK = 5
#: noise of a mean of five smoothed channels, in units of what independent
#: ones would have that differ as much from their neighbours
SMOOTHED = 4.1


class Comparison(NamedTuple):
    """Differences from the training; R ranges.

    Attributes
    ----------
    source
        Intensity in units of the training.
    shift
        Channels, of the spectrum as a whole.
    level
        Share of the mean intensity, of the spectrum as a whole.
    intensity
        (R,) as `source`, per range.
    shifts, levels, peaks
        (R,) as the fields of `DriftLimits`, 0 where not significant.
    places
        (R,) channel of the highest excess.
    """
    source: float
    shift: float
    level: float
    intensity: NDArray[np.float64]
    shifts: NDArray[np.float64]
    levels: NDArray[np.float64]
    peaks: NDArray[np.float64]
    places: NDArray[np.intp]


class Comparator:
    """Compares mean spectra (n,) with one `DriftReference`, range by range."""

    def __init__(self, reference: DriftReference,
                 ranges: Sequence[Range]) -> None:
        self._explain = Explainer(reference.spectra)
        self._reach, size = self._explain.reach, self._explain.size
        self._intensity = reference.intensity
        bounds = np.array([(start, stop) for _, start, stop in ranges])
        self._bounds = np.clip(bounds - self._reach, 0, size).T
        self._counts = np.maximum(np.diff(self._bounds, axis=0)[0], 1)

    def __call__(self, spectrum: NDArray[np.float64]) -> Comparison | None:
        """Compare a raw mean spectrum (n,).

        Returns
        -------
        Comparison or None
            None where nothing can be compared: no positive mean, or a value
            that is not finite.
        """
        spectrum = np.asarray(spectrum, np.float64)
        mean = spectrum.mean()
        if not (np.isfinite(spectrum).all() and has_level(spectrum)):
            return None
        found = self._explain(spectrum / mean)
        slope = np.gradient(found.expected)
        shifts, whole = self._shifts(found, slope)
        gains, left = self._gains(found, slope)
        middle = np.array([np.median(left[start:stop]) if stop > start else 0.
                           for start, stop in self._bounds.T])
        levels = self._sums(found.line) / self._counts + middle
        peaks, places = self._peaks(left, middle, found.expected)
        source = mean * found.amounts.sum() / self._intensity
        return Comparison(
            float(source), float(whole), float(found.line.mean()),
            source * (1 + gains), shifts, levels, peaks, places)

    # range by range

    def _sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sums over the ranges of values (..., m): (..., R)."""
        padded = np.concatenate([np.zeros((*values.shape[:-1], 1)),
                                 np.cumsum(values, axis=-1)], axis=-1)
        return padded[..., self._bounds[1]] - padded[..., self._bounds[0]]

    def _spreads(self, first: NDArray[np.float64],
                 second: NDArray[np.float64]) -> NDArray[np.float64]:
        """Sum over the ranges of the product, each about its mean."""
        return (self._sums(first * second)
                - self._sums(first) * self._sums(second) / self._counts)

    def _shifts(
            self, found: Explanation,
            slope: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
        """((R,) shift of each range, shift of the spectrum), channels."""
        difference = found.windows - found.expected
        wrong = self._spreads(difference, difference).T
        detail = np.maximum(self._spreads(slope, slope), TINY)
        shifts, sure = self._told(wrong, detail, self._counts)
        _, certain = self._told(wrong.sum(axis=0)[None], detail.sum()[None],
                                self._counts.sum()[None])
        sure &= detail > STRUCTURE * detail.mean()
        # at the end of what is looked for, noise is found as often as not
        sure &= ((np.abs(shifts) < self._reach)
                 | (abs(found.shift) > self._reach - 1))
        return (np.where(sure, shifts, 0.),
                found.shift if certain[0] else 0.)

    def _told(
            self,
            wrong: NDArray[np.float64],
            detail: NDArray[np.float64],
            counts: NDArray[np.integer],
    ) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """(shift, whether it is one) from the squares (R, lags)."""
        found = vertex(wrong) - self._reach
        best, still = wrong.min(axis=1), wrong[:, self._reach]
        error = np.sqrt(np.maximum(best, 0) / np.maximum(counts - 3, 1)
                        / detail)
        gain = still - best
        explained = gain > EXPLAINED * still + TINY
        # what a shift of so much has to bring, to first order
        explained &= gain > EXPLAINED * np.minimum(
            np.square(found), LINEAR ** 2) * detail
        return found, explained & (np.abs(found) > ERRORS * error)

    def _gains(
            self,
            found: Explanation,
            slope: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """(relative gain (R,), what is left without it and a shift (m,))."""
        expected = found.expected
        left = found.moved - expected
        # a bin without structure of its own cannot tell gain from level
        weak = WEAK * np.square(expected - expected.mean()).sum() / len(
            self._counts) + TINY
        basis = np.stack([expected, slope])
        across = self._spreads(*basis)
        products = self._spreads(basis, basis) + weak
        parts = np.linalg.solve(
            np.stack([products[0], across, across, products[1]], axis=-1)
            .reshape(-1, 2, 2), self._spreads(basis, left).T[..., None])
        parts = np.where(self._counts >= 4, parts[..., 0].T, 0.)
        means = self._sums(basis) / self._counts
        for number, (start, stop) in enumerate(self._bounds.T):
            part = slice(start, stop)
            left[part] -= parts[:, number] @ (
                basis[:, part] - means[:, number, None])
        return parts[0], left

    def _peaks(
            self,
            left: NDArray[np.float64],
            middle: NDArray[np.float64],
            expected: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.intp]]:
        """((R,) relative excess over a few channels, (R,) its channel).

        `middle`: (R,) median of what is `left`.
        """
        window = min(PEAK, self._explain.size)
        grain = np.sqrt(np.maximum(expected, 0) + 0.1)
        noise = 1.4826 * np.median(np.abs(np.diff(left / grain))) / np.sqrt(2)
        kernel = np.full(window, 1 / window)
        height = np.convolve(left, kernel, "same")
        under = np.maximum(np.convolve(expected, kernel, "same"), 0)
        error = noise * np.sqrt((under + 0.1) / window)
        excess = np.maximum(height - ERRORS * SMOOTHED * error, 0) / (
            under + 1)
        peaks, places = np.zeros((2, len(self._counts)))
        for number, (start, stop) in enumerate(self._bounds.T):
            if stop > start:
                place = start + int(excess[start:stop].argmax())
                peaks[number] = max(excess[place] - max(middle[number], 0) / (
                    under[place] + 1), 0)
                places[number] = place + self._reach
        return peaks, places.astype(int)
