"""The spectra of the last minutes, thinned so that they need little memory."""
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: trains that are kept, at most, and pulses of each: several turns of every
#: usual pattern of pulses
TRAINS, PULSES = 600, 24
#: bytes that all of them may take
MOST_BYTES = 128 * 1024**2


@dataclass(frozen=True, eq=False)
class RecentSpectra:
    """Spectra in the order of time.

    Attributes
    ----------
    spectra
        (N, channels) raw.
    train_id, pulse
        (N,) train, and number of the pulse in it.
    seconds
        (N,) when the train came, in s since 1970.
    """
    spectra: NDArray[np.generic]
    train_id: NDArray[np.uint64]
    pulse: NDArray[np.int64]
    seconds: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.spectra)


class _Moment(NamedTuple):
    train_id: int
    seconds: float
    spectra: NDArray[np.generic]
    pulses: NDArray[np.int64]


class LastMinutes:
    """Keeps some pulses of some trains; the oldest go first.

    May be read while another thread adds.
    """

    def __init__(self) -> None:
        self._kept: deque[_Moment] = deque(maxlen=TRAINS)

    def __len__(self) -> int:
        return len(self._kept)

    def due(self, now: float, reach: float) -> bool:
        """Whether a train that comes now is to be kept.

        Parameters
        ----------
        now
            Time in s since 1970.
        reach
            Seconds that the trains kept should go back.
        """
        if not self._kept:
            return True
        since = now - self._kept[-1].seconds
        return since < 0 or since >= reach / TRAINS

    def add(self, train_id: int, seconds: float,
            spectra: NDArray[np.generic], pulses: NDArray[np.int64]) -> None:
        """Keep the first pulses of a train, as many as there is room for.

        Spectra of another number of channels or type replace all that were
        kept.
        """
        if not len(spectra):
            return
        room = MOST_BYTES // (TRAINS * max(spectra[0].nbytes, 1))
        some = slice(max(min(PULSES, room), 1))
        kept = np.array(spectra[some])      # not a view of the whole train
        if self._kept and (self._kept[-1].spectra.shape[1:], self._kept[
                -1].spectra.dtype) != (kept.shape[1:], kept.dtype):
            self._kept.clear()
        self._kept.append(_Moment(train_id, seconds, kept, np.array(
            pulses[some])))

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()

    def since(self, begin: float) -> RecentSpectra | None:
        """What has come since a time in s since 1970; None for nothing."""
        kept = [each for each in tuple(self._kept) if each.seconds >= begin]
        if not kept:
            return None
        count = [len(each.spectra) for each in kept]
        return RecentSpectra(
            np.concatenate([each.spectra for each in kept]),
            np.repeat(np.array([each.train_id for each in kept], np.uint64),
                      count),
            np.concatenate([each.pulses for each in kept]),
            np.repeat([each.seconds for each in kept], count))
