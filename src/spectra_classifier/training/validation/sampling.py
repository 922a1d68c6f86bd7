"""Which spectra of a large capture take part in a training."""
import numpy as np

#: numbers of all spectra together that are used at most; more of the same
#: captures teach little and cost time with the square of the channels
NUMBERS = 1_500_000
#: spectra that are used in any case
FEWEST = 600


def most_for(channels):
    """Spectra of so many channels that take part at most."""
    return max(NUMBERS // channels, FEWEST)


def rows(labels, groups, most):
    """Numbers (K,) of at most about `most` spectra, in order.

    Every capture of every class gives its share, spread evenly over its
    length; captures smaller than that give all they have.
    """
    labels = np.asarray(labels)
    if len(labels) <= most:
        return np.arange(len(labels))
    capture = (np.zeros(len(labels), int) if groups is None
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


def _fair_share(sizes, most):
    """Largest number per capture with which all together stay in bounds."""
    low, high = 1, int(sizes.max())
    while low < high:
        middle = (low + high + 1) // 2
        if np.minimum(sizes, middle).sum() <= most:
            low = middle
        else:
            high = middle - 1
    return low
