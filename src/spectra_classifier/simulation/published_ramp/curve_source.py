"""The published ramp, curve by curve, as a source."""
import numpy as np

from ...core.spectra import Axis
from ..train import SourceTrain, frame_numbers, require_pulses
from . import ramp

#: first curve of the high-pressure class: where the published vote changed
BOUNDARY = 190
_KEY = 4


class CurveSource:
    """One curve of the ramp a train, from 0 to 348 and again.

    float32, in the units of the publication, background included; all pulses
    of a train are the same curve, each with its own noise. The true fraction
    is the progress along the ramp, one half at the boundary between the
    classes, curve 190.

    Parameters
    ----------
    seed
        Of the noise.
    first_train
        Train id of the first curve.
    points
        Number of channels, 4023 in the publication.
    noise
        Factor on the published noise.
    """

    dtype = np.float32
    classes = ("low pressure", "high pressure")
    dark = None

    def __init__(self, seed: int = 0, first_train: int = 0,
                 points: int = ramp.POINTS, noise: float = 1.) -> None:
        self.seed = int(seed)
        self.first_train = int(first_train)
        self.noise = float(noise)
        self.axis = Axis(ramp.axis(points), "two_theta", "deg")

    @property
    def channels(self) -> int:
        return len(self.axis)

    def train(self, train_id: int, pulses: int) -> SourceTrain:
        """Make the train of that id with so many pulses.

        Raises
        ------
        ConfigurationError
            If a train cannot have so many pulses.
        """
        require_pulses(pulses)
        index = train_id - self.first_train
        curve = index % ramp.CURVES
        _, spectra = ramp.curves(self.channels, np.full(pulses, curve),
                                 (_KEY, self.seed, train_id), self.noise)
        label = int(curve >= BOUNDARY)
        progress = np.interp(curve, [0, BOUNDARY, ramp.CURVES - 1],
                             [0, 0.5, 1])
        lap = index - curve
        changes = lap + np.array([0, BOUNDARY, ramp.CURVES])
        changes = changes[changes > 0]      # the first train changes nothing
        nearest = int(changes[np.abs(changes - index).argmin()])
        return SourceTrain(
            train_id, spectra.astype(np.float32), None,
            *frame_numbers(pulses), np.full(pulses, label, np.int8),
            np.full(pulses, progress, np.float32), np.full(pulses, -1),
            self.first_train + nearest, abs(nearest - index))
