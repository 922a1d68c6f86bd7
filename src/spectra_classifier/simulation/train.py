"""One train as a source sends it, with its ground truth."""
from dataclasses import dataclass, fields, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from ..errors import ConfigurationError

#: slots of the machine, 1.3 GHz / 288 = 4.514 MHz
PULSE_PERIOD = 288 / 1.3e9
#: frames of one burst that a Gotthard-II can keep
MAX_PULSES = 2720
#: memory cell of a frame that was never received
NEVER_RECEIVED = 255
#: distance to the next change where there is none
FAR = 1 << 30
MEMORY_CELLS = 255


def require_pulses(pulses: int, least: int = 0) -> None:
    """Raise `ConfigurationError` if a train cannot have so many pulses."""
    if not least <= pulses <= MAX_PULSES:
        raise ConfigurationError(f"{pulses} pulses: a train has {least} to "
                                 f"{MAX_PULSES}")


@dataclass(frozen=True, eq=False)
class SourceTrain:
    """What the detector delivers, one entry per pulse, and the truth.

    Attributes
    ----------
    train_id
        Id of the train.
    adc
        (P, channels) counts.
    gain
        (P, channels) gain stage of every strip, None where the source has
        none.
    frame
        (P,) from 1, 0 for a frame never received.
    bunch
        (P,) number of the pulse.
    cell
        (P,) memory cell, 255 for a frame never received.
    time
        (P,) seconds since the first pulse of the train.
    label
        (P,) truth: the class with the larger share, -4 (BAD_DATA) for a frame
        never received, -1 where it is not known.
    fraction
        (P,) truth: coordinate of the sample from 0 (pure first class) to 1
        (pure second) or further with more states, NaN where not known.
    spectrum
        (P,) number of a replayed spectrum in its file, else -1.
    transition
        Train id of the nearest change of the label, 0 where there is none.
    distance
        Number of trains to the nearest mixed or changing one, FAR where there
        is none.
    energy
        (P,) energy of the pulse in units of the mean one, None where it is not
        known.
    before
        Frames of the acquisition before this train, where it is sent in the
        form of the receiver of the facility; None for the ideal form, in which
        every frame is at its place.
    """
    train_id: int
    adc: NDArray[np.uint16 | np.float32]
    gain: NDArray[np.uint8] | None
    frame: NDArray[np.uint64]
    bunch: NDArray[np.uint64]
    cell: NDArray[np.uint8]
    time: NDArray[np.float64]
    label: NDArray[np.int8]
    fraction: NDArray[np.float32]
    spectrum: NDArray[np.int64]
    transition: int = 0
    distance: int = FAR
    energy: NDArray[np.float32] | None = None
    before: int | None = None

    @property
    def pulses(self) -> int:
        """Number of pulses."""
        return len(self.adc)

    def first(self, pulses: int) -> Self:
        """The same train with only its first pulses."""
        cut = {field.name: getattr(self, field.name)[:pulses]
               for field in fields(self)
               if isinstance(getattr(self, field.name), np.ndarray)}
        return replace(self, **cut)


#: `frame`, `bunch`, `cell` and `time` of a train
type FrameNumbers = tuple[NDArray[np.uint64], NDArray[np.uint64],
                          NDArray[np.uint8], NDArray[np.float64]]


def frame_numbers(pulses: int, lost: NDArray[np.bool_] | None = None
                  ) -> FrameNumbers:
    """`frame`, `bunch`, `cell` and `time` of a train.

    `lost` (P,) marks frames that were never received: their buffers keep the
    reset values.
    """
    index = np.arange(pulses)
    frame = (index + 1).astype(np.uint64)
    bunch = index.astype(np.uint64)
    cell = (index % MEMORY_CELLS).astype(np.uint8)
    time = PULSE_PERIOD * index.astype(np.float64)
    if lost is not None:
        frame[lost] = bunch[lost] = 0
        cell[lost] = NEVER_RECEIVED
        time[lost] = 0
    return frame, bunch, cell, time
