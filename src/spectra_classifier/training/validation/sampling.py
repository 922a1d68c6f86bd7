"""Selection of the spectra of large captures that are trained on."""
import numpy as np
from numpy.typing import NDArray

#: numbers of all spectra together that are used at most; more of the same
#: captures add little and cost time with the square of the channels
NUMBERS = 1_500_000
#: spectra that are used in any case
FEWEST = 600


def most_for(channels: int) -> int:
    """Largest number of spectra of so many channels that are used."""
    return max(NUMBERS // channels, FEWEST)


def rows(labels: NDArray[np.int64], groups: NDArray[np.int64] | None,
         most: int) -> NDArray[np.int64]:
    """Numbers of at most about `most` spectra, in order.

    Every capture of every class gives its share, spread evenly over its
    length; smaller captures are used whole.

    Parameters
    ----------
    labels : (N,)
        Class indices.
    groups : (N,) or None
        Capture numbers.

    Returns
    -------
    (K,)
        Rows.
    """
    labels = np.asarray(labels)
    if len(labels) <= most:
        return np.arange(len(labels))
    capture = (np.zeros(len(labels), np.int64) if groups is None
               else np.asarray(groups))
    _, key = np.unique(np.stack([labels, capture]), axis=1,
                       return_inverse=True)
    key = key.ravel()
    size = np.bincount(key)
    share = _fair_share(size, most)
    kept = []
    for number, count in enumerate(size):
        mine = np.flatnonzero(key == number)
        take = min(count, share)
        kept.append(mine[np.arange(take) * count // take])
    return np.sort(np.concatenate(kept))


def _fair_share(sizes: NDArray[np.int64], most: int) -> int:
    """Largest number per capture with which all together stay in bounds."""
    low, high = 1, int(sizes.max())
    while low < high:
        middle = (low + high + 1) // 2
        if np.minimum(sizes, middle).sum() <= most:
            low = middle
        else:
            high = middle - 1
    return low
