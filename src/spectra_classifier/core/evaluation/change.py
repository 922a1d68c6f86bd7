"""One change of a noisy fraction: when it was, and how long it took.

The fraction rises or falls as a step, or as a ramp, from one level to another.
Every position and width is fitted by least squares, under noise that is
white, or correlated, or a sum of both (C. W. Granger, M. J. Morris, J. R.
Stat. Soc. A 139, 246, 1976), or white on a slow wave, and weighted by its
posterior probability, the levels, the wave and the size of the noise being
unknown (flat, and log-flat). The interval is the shortest one that holds, with
95 % probability, the step at which half of the change has happened.

The change counts as gradual where a ramp fits better than a step by Fisher's
F.
"""
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

#: probability that the interval is to hold
COVERAGE = 0.95
#: share of a ramp at which a change begins and has ended
BEGUN, ENDED = 0.1, 0.9
#: F from which a ramp is better than a step
GRADUAL = 9.
#: noise of a fraction below which everything is rounding
ROUNDING = 1e-3
#: factor to either side within which the height of a change is known
ALIKE = 2.
#: ratio of neighbouring widths that are tried
WIDER = 1.25
#: correlation of neighbouring steps without the white noise, and how much of
#: it a sum with white noise hides
CORRELATIONS = 0.6, 0.85, 0.95, 0.98
HIDDEN = 0., 0.6, 0.9
#: steps of a period of the shortest slow wave, and periods of the longest one
SHORTEST, FEWEST_PERIODS = 20, 2
#: power from which a wave is tried: white noise has 2, and seldom so much
STANDS_OUT = 13.
#: steps of a ramp of which its own noise is known
MEASURABLE = 8
#: steps of which a change can be fitted
FEWEST = 5


@dataclass(frozen=True)
class Change:
    """A fitted change.

    Attributes
    ----------
    at, low, high, correlation, begin, end
        As in `changepoint.Transition`.
    """
    at: int
    low: int
    high: int
    correlation: float
    begin: int
    end: int

    @property
    def gradual(self) -> bool:
        """Whether it is a ramp."""
        return self.end > self.begin

    def moved(self, steps: int) -> Self:
        """Return the same change, so many steps later."""
        return replace(self, **{
            name: getattr(self, name) + steps
            for name in ("at", "low", "high", "begin", "end")})


class _Ramps(NamedTuple):
    """Fits of ramps of one width, one for each first step of them.

    `wrong`: remaining sum of squares; `log_weight`: of the posterior,
    without that of the width; `height` of the change.
    """
    width: int
    wrong: NDArray[np.float64]
    log_weight: NDArray[np.float64]
    height: NDArray[np.float64]

    def near(self, height: float) -> Self:
        """Return them without those of another height, within `ALIKE`."""
        share = self.height / height
        return self._replace(log_weight=np.where(
            (share > 1 / ALIKE) & (share < ALIKE), self.log_weight, -np.inf))


def fit(fraction: NDArray[np.float64]) -> Change | None:
    """Return the change of a fraction (N,), None where none can be told.

    Values that are not finite carry no information.
    """
    steps = np.flatnonzero(np.isfinite(fraction))
    count = len(steps)
    if count < FEWEST:
        return None
    values = fraction[steps]
    found = [(noise, list(_ramps(values, noise))) for noise in _noises()]
    white = min(found[0][1], key=lambda each: float(each.wrong.min()))
    found += [(wave, list(_ramps(values, wave))) for wave in _waves(
        _rest(values, int(white.wrong.argmin()), white.width))]
    noise, ramps = max(found, key=lambda pair: max(
        float(each.log_weight.max()) for each in pair[1]))
    best = _better(ramps, count)
    place = int(best.wrong.argmin())
    height = best.height[place]
    if height == 0:         # nothing changes
        return None
    rougher = _rougher(values, place, best.width)
    kind = [[each.near(height) for each in fits
             if (each.width > 1) == (best.width > 1)] for _, fits in found]
    most = max(float(each.log_weight.max()) for fits in kind for each in fits)
    mass = np.sum([_posterior(fits, count, rougher, most) for fits in kind],
                  axis=0)
    mass /= mass.sum()
    low, high = _shortest(mass)
    at = int(np.searchsorted(np.cumsum(mass), 0.5))
    begin, end = (place + int(np.ceil(share * best.width)) if best.width > 1
                  else at for share in (BEGUN, ENDED))
    named = dict(zip(("at", "low", "high", "begin", "end"), steps[[
        at, low, high, begin, end]].tolist(), strict=True))
    still = best.wrong[place] < 2 * count * ROUNDING ** 2
    return Change(**named, correlation=1. if still else _time(noise))


def _posterior(found: list[_Ramps], count: int, rougher: float,
               most: float) -> NDArray[np.float64]:
    """Posterior (N,) of each step to be the first past one half, one noise.

    The noise is weighted as it fits, relative to exp(`most`).
    """
    best = max(float(ramps.log_weight.max()) for ramps in found)
    mass, total = np.zeros(count), 0.
    if not np.isfinite(best):
        return mass
    for ramps in found:
        first = (ramps.width + 1) // 2
        weight = ramps.log_weight - best
        mass[first:first + len(weight)] += np.exp(weight / rougher)
        total += float(np.exp(weight).sum())
    return mass / mass.sum() * total * np.exp(best - most)


def _rougher(values: NDArray[np.float64], place: int, width: int) -> float:
    """Square of the noise within a ramp, in units of the mean; 1 at least.

    What is known of the place comes from the ramp alone, and a fraction that
    is cut at 0 and 1 has less noise elsewhere.
    """
    if width < MEASURABLE:
        return 1.
    rest = _rest(values, place, width)
    whole = np.square(rest).mean() + ROUNDING ** 2
    return max(float(np.square(rest[place:place + width]).mean() / whole), 1.)


class _Noise(NamedTuple):
    """Correlation and moving average; waves per step, 0 for none."""
    correlation: float = 0.
    average: float = 0.
    frequency: float = 0.
    log_prior: float = 0.


def _rest(values: NDArray[np.float64], place: int,
          width: int) -> NDArray[np.float64]:
    """What is left (N,) of values behind one ramp and a level."""
    ramp = np.clip((np.arange(len(values)) - place) / width, 0, 1)
    basis = np.stack([np.ones(len(values)), ramp], axis=1)
    return np.asarray(
        values - basis @ np.linalg.lstsq(basis, values, rcond=None)[0])


def _noises() -> Iterator[_Noise]:
    """The noises that are tried on every sequence."""
    yield _Noise()
    for correlation in CORRELATIONS:
        for hidden in HIDDEN:
            yield _Noise(correlation, correlation * hidden)


def _waves(rest: NDArray[np.float64]) -> Iterator[_Noise]:
    """White noise on the slow waves that stand out of what is left (N,)."""
    count = len(rest)
    # half as far apart as frequencies that can be told from each other
    waves = np.arange(2 * FEWEST_PERIODS, 2 * count // SHORTEST) / (2 * count)
    turns = np.exp(2j * np.pi * waves[:, None] * np.arange(count))
    power = 2 * np.square(np.abs(turns @ rest)) / (
        rest @ rest + count * ROUNDING ** 2)
    for frequency in waves[power > STANDS_OUT]:
        yield _Noise(frequency=float(frequency),
                     log_prior=-float(np.log(len(waves))))


def _widths(count: int) -> list[int]:
    steps = int(np.log(max(count - 2, 1)) / np.log(WIDER))
    return sorted({round(WIDER ** step) for step in range(steps + 1)})


def _filtered(values: NDArray[np.float64], correlation: float,
              average: float) -> NDArray[np.float64]:
    """Innovations (N,), the first step in units of its standard deviation.

    e_t = y_t - correlation y_(t-1) + average e_(t-1) from e_0 = 0.
    """
    rest = values[1:] - correlation * values[:-1]
    if average:
        rest = _convolved(rest, _powers(average, len(rest)))
    return np.append(values[0] / np.sqrt(_variance(correlation, average)),
                     rest)


def _variance(correlation: float, average: float) -> float:
    """Variance of the noise in units of that of its innovations."""
    return 1 + (correlation - average) ** 2 / (1 - correlation ** 2)


def _powers(base: float, count: int) -> NDArray[np.float64]:
    return np.asarray(base ** np.arange(count), np.float64)


def _convolved(values: NDArray[np.float64],
               response: NDArray[np.float64]) -> NDArray[np.float64]:
    size = 2 * len(values)
    return np.fft.irfft(np.fft.rfft(values, size) * np.fft.rfft(
        response, size), size)[:len(values)]


def _back(rest: NDArray[np.float64], correlation: float,
          average: float) -> NDArray[np.float64]:
    """The transpose of `_filtered`, without the first step (N,)."""
    rest = rest[1:]
    if average:
        rest = _convolved(rest[::-1], _powers(average, len(rest)))[::-1]
    return np.append(0., rest) - correlation * np.append(rest, 0.)


def _ramps(values: NDArray[np.float64], noise: _Noise) -> Iterator[_Ramps]:
    """Least squares of all ramps of all widths under one noise.

    A ramp of width w from step a is 0 up to a and 1 from a + w. Its product
    with v is (G(a) - G(a + w)) / w, where G(a) = sum_(t > a) v_t (t - a).
    """
    count = len(values)
    correlation, average = noise[:2]
    values = values - values.mean()
    rest = _filtered(values, correlation, average)
    basis = _basis(count, noise)
    flat, whole = np.linalg.qr(np.stack([
        _filtered(each, correlation, average) for each in basis], axis=1))
    along, *on_flat = (_moments(_back(each, correlation, average))
                       for each in (rest, *flat.T))
    level = flat.T @ rest
    constant = rest @ rest - level @ level
    free = count - len(basis) - 1
    # amplitudes are flat within the spread of the values
    weight = noise.log_prior - np.log(np.abs(np.diag(whole))).sum() - (
        0.5 * np.log(_variance(correlation, average)))
    if noise.frequency:
        weight += np.log(2 * np.pi / free / (4 * values.var() + ROUNDING ** 2))
    for width in _widths(count):
        ramp = np.clip(np.arange(count) / width, 0, 1)
        # of a ramp that begins at a: what is inside of the sequence
        square = np.append(0., np.cumsum(np.square(_filtered(
            ramp, correlation, average))))[::-1]
        product, *with_flat = ((each[:count - width] - each[width:count])
                               / width for each in (along, *on_flat))
        left = square[:count - width] - np.square(with_flat).sum(axis=0)
        height = (product - level @ np.array(with_flat)) / left
        wrong = np.maximum(constant - height ** 2 * left, 0)
        wrong += count * ROUNDING ** 2
        yield _Ramps(width, wrong, weight - 0.5 * np.log(left)
                     - 0.5 * free * np.log(wrong), height)


def _basis(count: int, noise: _Noise) -> list[NDArray[np.float64]]:
    """The level, and a wave of both phases."""
    level = np.ones(count)
    if not noise.frequency:
        return [level]
    phase = 2 * np.pi * noise.frequency * np.arange(count)
    return [level, np.cos(phase), np.sin(phase)]


def _moments(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """G(a) = sum over t > a of v_t (t - a), for a = 0 ... N - 1."""
    tails = np.append(np.cumsum(values[::-1])[::-1][1:], 0.)
    return np.asarray(np.cumsum(tails[::-1])[::-1])


def _shortest(mass: NDArray[np.float64]) -> tuple[int, int]:
    """First and last step of the shortest interval with the coverage."""
    before = np.append(0., np.cumsum(mass))
    first = np.arange(len(mass))
    last = np.searchsorted(before[1:], before[:-1] + COVERAGE * before[-1]
                           - 1e-12)
    length = np.where(last < len(mass), last - first, len(mass))
    low = int(length.argmin())
    return low, int(last[low])


def _better(found: list[_Ramps], count: int) -> _Ramps:
    """The best ramps, or steps where these are not clearly worse."""
    step = found[0]
    ramp = min(found, key=lambda each: float(each.wrong.min()))
    better, worse = float(ramp.wrong.min()), float(step.wrong.min())
    return (ramp if (worse - better) * (count - 4) > GRADUAL * better
            else step)


def _time(noise: _Noise) -> float:
    """Autocorrelation time of a noise; a wave has none."""
    correlation, average = noise[:2]
    rest = correlation - average
    first = rest + correlation * rest ** 2 / (1 - correlation ** 2)
    return 1 + 2 * first / _variance(correlation, average) / (
        1 - correlation)
