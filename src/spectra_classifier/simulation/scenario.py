"""The spectra of the sample states, and the names of the scenarios.

Every state is a density over the channels that sums to 1, so that no state
is brighter than another one.
"""
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..core.spectra import Axis
from ..errors import ConfigurationError
from .peaks import gaussian
from .published_ramp import ramp

#: channels by which a spectrum is known beyond both ends of the axis
MARGIN = 16

# The two made-up scenarios have pairs of equal lines whose changes cancel
# within a fifteenth of the axis: what the whole spectrum shows plainly, the
# sums over two broad regions hardly see.
_PAIRS = 15
_WIDTH = 5.             # standard deviation of a line, channels of 1280
_FLAT = 0.05            # constant background, in units of a mean line
_FALLEN = 0.45          # height of a fallen line in "redistribution"
_SHIFT = 7.             # channels of 1280, to either side, in "shift"
_LINES_KEY = 20260      # the lines are fixed by this number

# curves of the published ramp that are the states of "ramp" and "ramp3"
_CURVES = {"ramp": (80., 260.), "ramp3": (80., 184., 300.)}


@dataclass(frozen=True, eq=False)
class Scenario:
    """States to move between.

    Attributes
    ----------
    name
        Its name.
    classes
        Names of the states.
    axis
        Axis of the spectra.
    density
        (states, channels + 2 MARGIN), expected share of the photons per
        channel, MARGIN channels beyond both ends, normalised to 1 over the
        axis proper.
    """
    name: str
    classes: tuple[str, ...]
    axis: Axis
    density: NDArray[np.float64]


def _line_list(
        ) -> tuple[NDArray[np.float64], NDArray[np.float64],
        NDArray[np.bool_]]:
    """Where (share of the axis), how high, and which way each line goes:
    one of every pair up, the other one down."""
    random = np.random.default_rng(_LINES_KEY)
    lines = 2 * _PAIRS
    place = (np.arange(lines) + random.uniform(0.4, 0.6, lines)) / lines
    height = np.repeat(random.uniform(0.7, 1.3, _PAIRS), 2)
    first_up = random.random(_PAIRS) < 0.5
    return place, height, np.stack([first_up, ~first_up], axis=1).ravel()


def _lines(channels: int, shift: float | NDArray[np.float64],
           heights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of all lines, `shift` in channels of 1280, on the wide axis."""
    number = np.arange(-MARGIN, channels + MARGIN)
    place, *_ = _line_list()
    scale = channels / 1280
    centre = place * channels + shift * scale
    return _FLAT + gaussian(number, centre[:, None], heights[:, None],
                            _WIDTH * scale).sum(axis=0)


def _redistribution(channels: int) -> NDArray[np.float64]:
    _, height, up = _line_list()
    return np.array([
        _lines(channels, 0., height * np.where(high, 1., _FALLEN))
        for high in (up, ~up)])


def _shift(channels: int) -> NDArray[np.float64]:
    _, height, up = _line_list()
    return np.array([
        _lines(channels, moved * np.where(up, _SHIFT, -_SHIFT), height)
        for moved in (0, 1)])


def _ramp(channels: int, curves: tuple[float, ...]) -> NDArray[np.float64]:
    x = ramp.axis(channels)
    step = x[1] - x[0]
    wide = x[0] + step * np.arange(-MARGIN, channels + MARGIN)
    # the rise at the detector's ends belongs to the published detector
    under = ramp.background(np.clip(wide, x[0] + 0.3, x[-1] - 0.4))
    return ramp.patterns(wide, curves) + under


def scenario(name: str, channels: int = 1280) -> Scenario:
    """The scenario of that name on so many channels.

    "redistribution": intensity moves between lines that keep their places;
    "shift": lines move; "ramp": curves 80 and 260 of the published ramp;
    "ramp3": curves 80, 184 and 300.

    Raises
    ------
    ConfigurationError
        If there is no scenario of that name.
    """
    if name in _CURVES:
        density = _ramp(channels, _CURVES[name])
        axis = Axis(ramp.axis(channels), "two_theta", "deg")
        classes: tuple[str, ...] = ("low pressure", "between",
                                    "high pressure")
        if len(density) == 2:
            classes = classes[::2]
    elif name in ("redistribution", "shift"):
        density = (_redistribution if name == "redistribution"
                   else _shift)(channels)
        axis = Axis(9000 + 0.1 * 1280 / channels * np.arange(
            channels, dtype=np.float64), "energy", "eV")
        classes = ("ground", "excited")
    else:
        raise ConfigurationError(f"scenario {name!r}: use one of "
                                 f"{', '.join(SCENARIOS)}")
    density /= density[:, MARGIN:-MARGIN].sum(axis=1, keepdims=True)
    return Scenario(name, classes, axis, density)


SCENARIOS = ("ramp", "redistribution", "shift", "ramp3")
