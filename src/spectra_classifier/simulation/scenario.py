"""The spectra of the sample states, and the names of the scenarios.

Every state is a density over the channels that sums to 1, so that no state
is brighter than another one.
"""
from dataclasses import dataclass

import numpy as np

from ..core.spectra import Axis
from ..errors import ConfigurationError
from . import ramp
from .peaks import gaussian

#: channels by which a spectrum is known beyond both ends of the axis
MARGIN = 16

# emission lines of the two made-up scenarios: where (share of the axis),
# height of the two states of "redistribution", standard deviation in
# channels of 1280
_LINES = (
    (0.09, 1.00, 0.70, 9), (0.17, 0.60, 0.86, 7), (0.26, 0.90, 1.14, 10),
    (0.35, 0.50, 0.34, 8), (0.43, 1.20, 0.94, 9), (0.52, 0.70, 0.96, 7),
    (0.61, 1.00, 0.76, 10), (0.70, 0.45, 0.63, 8), (0.79, 0.80, 1.04, 9),
    (0.89, 0.65, 0.43, 8))
# channels by which each line moves in "shift"
_SHIFTS = (5, -4, 6, 5, -5, 6, -4, 5, 6, -5)
_FLAT = 0.12        # constant background of these two, in units of a line
# curves of the published ramp that are the states of "ramp" and "ramp3"
_CURVES = {"ramp": (80., 260.), "ramp3": (80., 184., 300.)}


@dataclass(frozen=True, eq=False)
class Scenario:
    """States to move between.

    `density` (states, channels + 2 MARGIN) float64: expected share of the
    photons per channel, MARGIN channels beyond both ends, normalised to 1
    over the axis proper.
    """
    name: str
    classes: tuple
    axis: Axis
    density: np.ndarray


def _redistribution(channels):
    number = np.arange(-MARGIN, channels + MARGIN)
    scale = channels / 1280
    return np.array([
        sum(gaussian(number, place * channels, heights[state], sigma * scale)
            for place, *heights, sigma in _LINES) + _FLAT
        for state in range(2)])


def _shift(channels):
    number = np.arange(-MARGIN, channels + MARGIN)
    scale = channels / 1280
    return np.array([
        sum(gaussian(number, place * channels + state * shift * scale,
                     height, sigma * scale)
            for (place, height, _, sigma), shift
            in zip(_LINES, _SHIFTS, strict=True)) + _FLAT
        for state in range(2)])


def _ramp(channels, curves):
    x = ramp.axis(channels)
    step = x[1] - x[0]
    wide = x[0] + step * np.arange(-MARGIN, channels + MARGIN)
    # the rise at the detector's ends belongs to the published detector
    under = ramp.background(np.clip(wide, x[0] + 0.3, x[-1] - 0.4))
    return ramp.patterns(wide, curves) + under


def scenario(name, channels=1280):
    """The scenario of that name on so many channels.

    "redistribution": intensity moves between lines that stay where they
    are; "shift": lines move; "ramp": curves 80 and 260 of the published
    ramp; "ramp3": curves 80, 184 and 300.
    """
    if name in _CURVES:
        density = _ramp(channels, _CURVES[name])
        axis = Axis(ramp.axis(channels), "two_theta", "deg")
        classes = ("low pressure", "between", "high pressure")
        if len(density) == 2:
            classes = classes[::2]
    elif name in ("redistribution", "shift"):
        density = (_redistribution if name == "redistribution"
                   else _shift)(channels)
        axis = Axis(9000 + 0.1 * 1280 / channels * np.arange(channels),
                    "energy", "eV")
        classes = ("ground", "excited")
    else:
        raise ConfigurationError(f"scenario {name!r}: use one of "
                                 f"{', '.join(SCENARIOS)}")
    density /= density[:, MARGIN:-MARGIN].sum(axis=1, keepdims=True)
    return Scenario(name, classes, axis, density)


SCENARIOS = ("ramp", "redistribution", "shift", "ramp3")
