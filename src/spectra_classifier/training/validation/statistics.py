"""Figures of merit, each with what it rests on."""
import numpy as np

#: default temperature of a confidence; few spectra pull only a little from it
DEFAULT_TEMPERATURE = 0.25
#: spectra of the rarest class from which the fit is taken as it is
CALIBRATED_FROM = 50
_Z95 = 1.959963984540054
_TEMPERATURES = np.geomspace(0.005, 5, 241)


def wilson(share, number):
    """95 % interval [low, high] of a share out of `number` (E. B. Wilson,
    J. Am. Stat. Assoc. 22, 209, 1927); [0, 1] for no observations."""
    if not number:
        return [0., 1.]
    z2 = _Z95 ** 2 / number
    centre = (share + z2 / 2) / (1 + z2)
    half = _Z95 * np.sqrt(share * (1 - share) / number
                          + z2 / (4 * number)) / (1 + z2)
    return [float(max(centre - half, 0)), float(min(centre + half, 1))]


def interval(right, groups):
    """(95 % interval, number, what it counts) of the mean of `right` (N,).

    Spectra of one capture are alike: with captures the interval counts
    captures and not spectra.
    """
    if groups is None:
        return wilson(float(np.mean(right)), len(right)), len(right), "spectra"
    number = len(np.unique(groups))
    return wilson(float(np.mean(right)), number), number, "captures"


def fit_temperature(scores, labels):
    """(temperature, samples): least class-balanced log-loss.

    `scores` (N, C) out of fold, `labels` (N,). The targets are those of
    J. C. Platt (1999): n spectra of a class prove at most (n + 1) / (n + C),
    so that a perfect separation does not end in certainty. With `samples`,
    the number of spectra of the rarest class, below 50 the logarithm of the
    temperature is shrunk in proportion towards that of 0.25.
    """
    classes = scores.shape[1]
    count = np.bincount(labels, minlength=classes)
    samples = int(count.min())
    if not samples:
        return DEFAULT_TEMPERATURE, 0
    target = np.where(np.arange(classes) == labels[:, None],
                      (count[labels] + 1)[:, None], 1.)
    target /= target.sum(axis=1, keepdims=True) * count[labels][:, None]
    losses = [-(target * _log_softmax(scores / temperature)).sum()
              for temperature in _TEMPERATURES]
    best = _TEMPERATURES[int(np.argmin(losses))]
    share = min(samples / CALIBRATED_FROM, 1)
    return float(best ** share * DEFAULT_TEMPERATURE ** (1 - share)), samples


def _log_softmax(logits):
    shifted = logits - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))


def calibration_error(confidence, right, bins=15):
    """Expected calibration error: mean over equal confidence bins of
    |share right - mean confidence|, weighted by their spectra."""
    place = np.minimum((np.asarray(confidence) * bins).astype(int), bins - 1)
    return float(sum(abs(np.sum(right[place == b])
                         - np.sum(confidence[place == b]))
                     for b in range(bins)) / max(len(right), 1))


def coverage_at(confidence, right, accuracy=0.98):
    """Largest share of spectra, most confident first, with that accuracy.

    Spectra of equal confidence go together. The threshold is chosen on the
    same spectra, so the figure is optimistic for few of them.
    """
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], right[order]
    taken = np.arange(1, len(right) + 1)
    good = np.cumsum(right) >= accuracy * taken - 1e-9
    last_of_its_kind = np.append(confidence[1:] != confidence[:-1], True)
    good &= last_of_its_kind[:len(good)]
    return float(taken[good].max() / len(right)) if good.any() else 0.


def boundary_error(predicted, labels, numbers):
    """Predicted minus labelled switch in curves; None without one switch.

    The sequence is put in the order of `numbers` (N,). The predicted switch
    is the split with the fewest labels on the wrong side; several equally
    good ones count with their middle. `predicted` may hold codes below 0,
    which are on neither side.
    """
    order = np.argsort(numbers, kind="stable")
    predicted, labels, numbers = (np.asarray(a)[order] for a in (
        predicted, labels, numbers))
    switches = np.flatnonzero(np.diff(labels))
    if len(switches) != 1:
        return None
    before, after = labels[0], labels[-1]
    wrong = (np.concatenate([[0], np.cumsum(predicted == after)])
             + np.concatenate([[0], np.cumsum(
                 (predicted == before)[::-1])])[::-1])
    edges = np.append(numbers, numbers[-1] + 1).astype(float)
    best = edges[wrong == wrong.min()]
    return float((best[0] + best[-1]) / 2 - numbers[switches[0] + 1])
