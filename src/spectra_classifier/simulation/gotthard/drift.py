"""What changes without the sample: gain, pedestal and axis."""
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..peaks import gaussian
from ..presets import Preset

# the slow change is the mean of two waves; the ratio of their periods is the
# golden section, so that no scenario keeps in step with both
_RATIO = (np.sqrt(5) - 1) / 2
_STEP_KEY, _PHASE_KEY = 101, 102


@dataclass(frozen=True)
class Drift:
    """Deviation at one train.

    Attributes
    ----------
    gain
        A factor.
    pedestal
        ADU.
    pattern
        ADU rms of the second pedestal pattern.
    shift
        Channels.
    """
    gain: float
    pedestal: float
    pattern: float
    shift: float


def drift_at(preset: Preset, seed: int, train_id: int) -> Drift:
    """The drift of a train: a function of (preset, seed, train id)."""
    phases = np.random.default_rng((_PHASE_KEY, seed)).random((4, 2))
    turns = train_id / preset.drift_period * np.array([1, _RATIO])
    slow = np.sin(2 * np.pi * (turns + phases)).mean(axis=1)
    step = np.random.default_rng(
        (_STEP_KEY, seed, train_id // preset.step_period)).normal(size=3)
    return Drift(
        gain=1 + preset.gain_drift * slow[0] + preset.gain_step * step[0],
        pedestal=(preset.pedestal_drift * slow[1]
                  + preset.pedestal_step * step[1]),
        pattern=preset.pattern_drift * slow[2],
        shift=preset.axis_drift * slow[3] + preset.axis_step * step[2])


@dataclass(frozen=True)
class Disturbance:
    """A change on command, on top of all drift.

    Attributes
    ----------
    begin
        The first train that is changed.
    gain
        Factor on every count above the pedestal, as of a brighter or darker
        source.
    pedestal
        ADU on every strip.
    shift
        Channels.
    peak
        ADU at the top of a new line.
    place
        Strip of this line.
    width
        Its standard deviation, channels.
    """
    begin: int = 0
    gain: float = 1.
    pedestal: float = 0.
    shift: float = 0.
    peak: float = 0.
    place: int = 0
    width: float = 5.

    def on(self, drift: Drift, train_id: int) -> Drift:
        """`drift` with what this changes during a train."""
        if train_id < self.begin:
            return drift
        return replace(drift, gain=drift.gain * self.gain,
                       pedestal=drift.pedestal + self.pedestal,
                       shift=drift.shift + self.shift)

    def line(self, channels: int, train_id: int) -> NDArray[np.float64]:
        """ADU of the new line at every strip, (channels,)."""
        if train_id < self.begin or not self.peak:
            return np.zeros(channels)
        return gaussian(np.arange(channels), self.place, self.peak,
                        self.width)
