"""One train as a source sends it, with its ground truth."""
from dataclasses import dataclass, fields, replace

import numpy as np

#: slots of the machine, 1.3 GHz / 288 = 4.514 MHz
PULSE_PERIOD = 288 / 1.3e9
#: frames of one burst that a Gotthard-II can keep
MAX_PULSES = 2720
#: memory cell of a frame that was never received
NEVER_RECEIVED = 255
#: distance to the next change where there is none
FAR = 1 << 30
MEMORY_CELLS = 255


@dataclass(frozen=True, eq=False)
class SourceTrain:
    """What the detector delivers, one entry per pulse, and what is true.

    `adc` (P, channels) uint16 or float32; `gain` (P, channels) uint8, the
    gain stage of every strip, None where the profile has none; `frame`
    (P,) uint64 from 1, 0 for a frame never received; `bunch` (P,) uint64;
    `cell` (P,) uint8, 255 for a frame never received; `time` (P,) float64,
    seconds since the first pulse of the train.

    Truth: `label` (P,) int8, the class with the larger share, -4 (BAD_DATA)
    for a frame never received, -1 where it is not known; `fraction` (P,)
    float32, coordinate of the sample from 0 (pure first class) to 1 (pure
    second) or further with more states, NaN where not known; `spectrum`
    (P,) int64, the number of a replayed spectrum in its file, else -1;
    `transition` the train id of the nearest change of the label, 0 where
    there is none; `distance` the number of trains to the nearest mixed or
    changing one, FAR where there is none; `energy` (P,) float32 of the pulse
    in units of the mean one, None where it is not known.
    """
    train_id: int
    adc: np.ndarray
    gain: np.ndarray
    frame: np.ndarray
    bunch: np.ndarray
    cell: np.ndarray
    time: np.ndarray
    label: np.ndarray
    fraction: np.ndarray
    spectrum: np.ndarray
    transition: int = 0
    distance: int = FAR
    energy: np.ndarray = None

    @property
    def pulses(self):
        return len(self.adc)

    def first(self, pulses):
        """The same train with only its first pulses."""
        cut = {field.name: getattr(self, field.name)[:pulses]
               for field in fields(self)
               if isinstance(getattr(self, field.name), np.ndarray)}
        return replace(self, **cut)


def frame_numbers(pulses, lost=None):
    """`frame`, `bunch`, `cell` and `time` of a train; `lost` (P,) bool marks
    frames that were never received: their buffers keep the reset values."""
    index = np.arange(pulses)
    frame = (index + 1).astype(np.uint64)
    bunch = index.astype(np.uint64)
    cell = (index % MEMORY_CELLS).astype(np.uint8)
    time = index * PULSE_PERIOD
    if lost is not None:
        frame[lost] = bunch[lost] = 0
        cell[lost] = NEVER_RECEIVED
        time[lost] = 0
    return frame, bunch, cell, time
