"""One mean spectrum held against what was taught: what is different, where.

The spectrum is explained by the best mixture of the taught classes (a, >= 0)
plus a straight line, moved along the axis as a whole. What such a mixture
does not explain is looked at bin by bin: a shift of its own, another level,
a peak that no class has. A true change of the sample is another mixture, and
a change of intensity another scale; neither is drift.

Everything is in units of the mean intensity, and shrunk towards "nothing"
by a few times its own statistical error: few pulses raise no alarm.
"""
from typing import NamedTuple

import numpy as np

from .. import mixture

#: channels by which a shift is looked for, to either side
REACH = 8
#: an eighth of the axis at most
SHARE = 8
#: power of a straight line that is taken away from it, so that what both a
#: mixture and a line explain is given to the mixture
PENALTY = 0.01
#: structure, in units of that of a mean range, with which gain and shift of
#: a range can just be told from noise
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
#: robust standard deviations from which a lone channel is a dead strip
LONE = 6.
_TINY = 1e-12


class Comparison(NamedTuple):
    """What differs; R ranges.

    `source`: intensity in units of the training; `shift` (channels) and
    `level` (share of the mean intensity) of the spectrum as a whole;
    `intensity` (R,) as `source`, per range; `shifts`, `levels`, `peaks` (R,)
    as the fields of `DriftLimits`, 0 where nothing can be told; `places`
    (R,) channel of the highest excess.
    """
    source: float
    shift: float
    level: float
    intensity: np.ndarray
    shifts: np.ndarray
    levels: np.ndarray
    peaks: np.ndarray
    places: np.ndarray


class Comparator:
    """Compares mean spectra (n,) with one `DriftReference`.

    `ranges`: ((name, start, stop), ...) of channels.
    """

    def __init__(self, reference, ranges):
        spectra = _smooth(np.asarray(reference.spectra, np.float64))
        channels = spectra.shape[1]
        self._reach = max(1, min(REACH, channels // SHARE))
        inner = slice(self._reach, channels - self._reach)
        self._spectra = spectra[:, inner]
        self._size = self._spectra.shape[1]
        self._line = _straight_lines(self._size)
        self._on_line = self._spectra @ self._line.T
        self._gram = (self._spectra @ self._spectra.T
                      - self._on_line @ self._on_line.T / (1 + PENALTY))
        self._intensity = reference.intensity
        bounds = np.array([(start, stop) for _, start, stop in ranges])
        self._bounds = np.clip(bounds - self._reach, 0, self._size).T
        self._counts = np.maximum(np.diff(self._bounds, axis=0)[0], 1)

    def __call__(self, spectrum):
        """The `Comparison` of a raw mean spectrum (n,), or None.

        None where there is nothing to compare: a mean at or below 0, or a
        value that is not finite.
        """
        spectrum = np.asarray(spectrum, np.float64)
        mean = spectrum.mean()
        if not (np.isfinite(spectrum).all() and mean > 0):
            return None
        spectrum = spectrum / mean
        # twice: the first time, dead strips are found as what no mixture has
        for last in False, True:
            windows = np.lib.stride_tricks.sliding_window_view(
                spectrum, self._size)
            whole, moved, amounts, expected = self._explain(windows, last)
            if not last:
                spectrum = _smooth(self._mended(spectrum, moved - expected,
                                                int(whole)))
        return self._compare(windows, whole, moved, amounts, expected, mean)

    # the spectrum as a whole

    def _explain(self, windows, between):
        """(shift, spectrum moved back, amounts (C,), expected (m,)).

        `between`: by parts of a channel as well, not by whole ones alone.
        """
        on_line = windows @ self._line.T
        projections = self._project(windows, on_line)
        power = (np.square(windows).sum(axis=1)
                 - np.square(on_line).sum(axis=1) / (1 + PENALTY))
        amounts = mixture.coefficients(projections, self._gram)
        wrong = power - ((2 * projections - amounts @ self._gram)
                         * amounts).sum(axis=1)
        place = _vertex(wrong[None])[0] if between else wrong.argmin()
        lower = min(int(place), len(windows) - 2)
        share = place - lower
        moved = (1 - share) * windows[lower] + share * windows[lower + 1]
        on_line = moved @ self._line.T
        amounts = mixture.coefficients(
            self._project(moved[None], on_line[None]), self._gram)[0]
        height = (on_line - amounts @ self._on_line) / (1 + PENALTY)
        expected = amounts @ self._spectra + height @ self._line
        return place - self._reach, moved, amounts, expected

    def _project(self, windows, on_line):
        return (windows @ self._spectra.T
                - on_line @ self._on_line.T / (1 + PENALTY))

    def _mended(self, spectrum, left, shift):
        """The spectrum without lone channels that no neighbour follows."""
        median = _median_of_three(left)
        lone = left - median
        scale = 1.4826 * np.median(np.abs(lone))
        strange = np.abs(lone) > LONE * scale + _TINY
        if not strange.any() or np.count_nonzero(strange) > len(left) // 10:
            return spectrum
        mended = spectrum.copy()
        place = np.flatnonzero(strange) + self._reach + shift
        mended[place] = _median_of_three(spectrum)[place]
        return mended

    # range by range

    def _compare(self, windows, whole, moved, amounts, expected, mean):
        slope = np.gradient(expected)
        left = moved - expected
        shifts, whole = self._shifts(windows, expected, slope, whole)
        gains, left = self._gains(left, slope, expected)
        levels, level = self._levels(left, expected, amounts)
        peaks, places = self._peaks(left, expected)
        source = mean * amounts.sum() / self._intensity
        return Comparison(
            float(source), float(whole), float(level), source * (1 + gains),
            shifts, levels, peaks, places)

    def _sums(self, values):
        """Sums over the ranges of values (..., m): (..., R)."""
        padded = np.concatenate([np.zeros((*values.shape[:-1], 1)),
                                 np.cumsum(values, axis=-1)], axis=-1)
        return padded[..., self._bounds[1]] - padded[..., self._bounds[0]]

    def _spreads(self, first, second):
        """Sum over the ranges of the product, each about its mean."""
        return (self._sums(first * second)
                - self._sums(first) * self._sums(second) / self._counts)

    def _shifts(self, windows, expected, slope, whole):
        """((R,) shift of each range, shift of the spectrum), channels."""
        wrong = self._spreads(difference := windows - expected, difference).T
        detail = np.maximum(self._spreads(slope, slope), _TINY)
        found, sure = self._told(wrong, detail, self._counts)
        _, certain = self._told(wrong.sum(axis=0)[None], detail.sum()[None],
                                self._counts.sum()[None])
        sure &= detail > STRUCTURE * detail.mean()
        # at the end of what is looked for, noise is found as often as not
        sure &= ((np.abs(found) < self._reach)
                 | (abs(whole) > self._reach - 1))
        return np.where(sure, found, 0.), whole if certain[0] else 0.

    def _told(self, wrong, detail, counts):
        """(shift, whether it is one) from the squares (R, lags)."""
        found = _vertex(wrong) - self._reach
        best, still = wrong.min(axis=1), wrong[:, self._reach]
        error = np.sqrt(np.maximum(best, 0) / np.maximum(counts - 3, 1)
                        / detail)
        gain = still - best
        explained = gain > EXPLAINED * still + _TINY
        # what a shift of so much has to bring, to first order
        explained &= gain > EXPLAINED * np.minimum(
            np.square(found), LINEAR ** 2) * detail
        return found, explained & (np.abs(found) > ERRORS * error)

    def _gains(self, left, slope, expected):
        """(relative gain (R,), what is left without it and a shift (m,))."""
        gains = np.zeros(len(self._counts))
        left = left.copy()
        # a bin without structure of its own cannot tell gain from level
        weak = WEAK * np.square(expected - expected.mean()).sum() / len(
            self._counts) + _TINY
        for number, (start, stop) in enumerate(self._bounds.T):
            if stop - start < 4:
                continue
            part = slice(start, stop)
            basis = np.stack([expected[part] - expected[part].mean(),
                              slope[part] - slope[part].mean()])
            found = np.linalg.solve(basis @ basis.T + weak * np.eye(2),
                                    basis @ left[part])
            gains[number] = found[0]
            left[part] -= found @ basis
        return gains, left

    def _levels(self, left, expected, amounts):
        """((R,) level of each range, level of the whole)."""
        line = expected - amounts @ self._spectra
        levels = np.array([
            0. if stop <= start else
            line[start:stop].mean() + np.median(left[start:stop])
            for start, stop in self._bounds.T])
        return levels, line.mean()

    def _peaks(self, left, expected):
        """((R,) relative excess over a few channels, (R,) its channel)."""
        window = min(PEAK, self._size)
        grain = np.sqrt(np.maximum(expected, 0) + 0.1)
        noise = 1.4826 * np.median(np.abs(np.diff(left / grain))) / np.sqrt(2)
        kernel = np.full(window, 1 / window)
        height = np.convolve(left, kernel, "same")
        under = np.maximum(np.convolve(expected, kernel, "same"), 0)
        error = noise * np.sqrt((under + 0.1) / window)
        excess = np.maximum(height - ERRORS * 1.5 * error, 0) / (under + 1)
        peaks, places = np.zeros((2, len(self._counts)))
        for number, (start, stop) in enumerate(self._bounds.T):
            if stop > start:
                level = np.median(left[start:stop])
                place = start + int(excess[start:stop].argmax())
                peaks[number] = max(
                    excess[place] - max(level, 0) / (under[place] + 1), 0)
                places[number] = place + self._reach
        return peaks, places.astype(int)


def _straight_lines(size):
    """(2, size) orthonormal: a constant and a slope."""
    slope = np.arange(size) - (size - 1) / 2
    return np.stack([np.full(size, size ** -0.5),
                     slope / np.sqrt(max(np.square(slope).sum(), _TINY))])


def _smooth(rows):
    """(..., n) with a binomial window of five channels; ends as they are.

    The noise of a reference of few photons would pass for structure.
    """
    result = rows.copy()
    result[..., 2:-2] = (
        rows[..., :-4] + rows[..., 4:] + 4 * (rows[..., 1:-3]
                                              + rows[..., 3:-1])
        + 6 * rows[..., 2:-2]) / 16
    return result


def _vertex(rows):
    """(R,) place of the minimum of each row (R, lags), by a parabola."""
    best = rows.argmin(axis=1)
    inside = np.clip(best, 1, rows.shape[1] - 2)
    here = np.arange(len(rows))
    before, at, behind = (rows[here, inside + step] for step in (-1, 0, 1))
    bend = before - 2 * at + behind
    offset = np.divide(0.5 * (before - behind), bend,
                       out=np.zeros(len(rows)), where=bend > _TINY)
    return np.where(best == inside, inside + np.clip(offset, -0.5, 0.5), best)


def _median_of_three(values):
    """(n,) median of each value and its neighbours; ends as they are."""
    result = values.copy()
    result[1:-1] = np.median(np.stack(
        [values[:-2], values[1:-1], values[2:]]), axis=0)
    return result
