"""What could be known of a new line by one who knows everything else.

The oracle knows where the line would be and how wide it is, the class spectra,
the drift of each train, the gain of every strip, and the covariance of all
noise. Of the mean of a train it asks for the amount of the line by generalised
least squares, amounts of the classes being free: the likelihood ratio of
Gaussian noise, which no rule without that knowledge can surpass.
"""
import numpy as np

from spectra_classifier.core.spectra import Code
from spectra_classifier.simulation.gotthard.drift import drift_at
from spectra_classifier.simulation.gotthard.frames import CHIP
from spectra_classifier.simulation.scenario import MARGIN

#: one-sided 1 %, the level of the rule
THRESHOLD = 2.326
WAVES = 11      # of the ripple that is common to a train


class Oracle:
    """For one detector and one line (channels + 2 MARGIN,)."""

    def __init__(self, source, line):
        self._source, self._line = source, line

    def __call__(self, made, disturbance=None):
        """The amount of the line in a train, in its standard deviations."""
        source, preset = self._source, self._source.preset
        detector = source._detector
        drift = drift_at(preset, source.seed, made.train_id)
        if disturbance is not None:
            drift = disturbance.on(drift, made.train_id)
        taken = made.label != Code.BAD_DATA
        adc, gain = made.adc[taken], made.gain[taken]
        above = adc - detector.pedestal - drift.pedestal - (
            drift.pattern * detector.pattern)
        switched = (adc - np.float32(preset.switched_pedestal)) / np.float32(
            preset.switched_gain) * detector.gain
        mean = np.where(gain == 1, switched, above).mean(axis=0)
        alive = np.setdiff1d(np.arange(source.channels), detector.dead)
        shapes = np.stack([self._seen(each, drift.shift) * detector.gain
                           for each in (self._line,
                                        *source.scenario.density)])
        noise = self._covariance(mean, len(adc))[np.ix_(alive, alive)]
        shapes, mean = shapes[:, alive], mean[alive]
        solved = np.linalg.solve(noise, shapes.T)
        precision = shapes @ solved
        amounts = np.linalg.solve(precision, solved.T @ mean)
        return amounts[0] / np.sqrt(np.linalg.inv(precision)[0, 0])

    @staticmethod
    def _seen(density, shift):
        channels = np.arange(len(density))
        return np.interp(channels - shift, channels,
                         density)[MARGIN:-MARGIN]

    def _covariance(self, mean, pulses):
        """(n, n) of the mean of so many pulses."""
        preset, gain = self._source.preset, self._source._detector.gain
        channels = len(mean)
        place = np.linspace(0, 2 * np.pi, channels)
        smooth = np.convolve(np.pad(mean, 2, "edge"), np.ones(5) / 5,
                             "valid")
        single = (np.maximum(smooth, 0) * gain + preset.read_noise ** 2
                  + 1 / 12) / pulses
        chips = np.arange(channels)[:, None] // CHIP == (
            np.arange(channels) // CHIP)
        waves = np.outer(np.arange(1, WAVES + 1), place)
        ripple = sum(part.T @ part for part in (np.sin(waves),
                                                np.cos(waves))) / WAVES
        return (np.diag(single) + preset.chip_noise ** 2 / pulses * chips
                + preset.train_noise ** 2 / 2 * (1 + ripple))
