"""Members that see a whole bin, evaluated in float64: the reference."""
import numpy as np


def softmax(logits):
    """Along the last axis, float64, safe for large values.

    NaN throughout where a logit is NaN or +Inf.
    """
    logits = np.asarray(logits, np.float64)
    with np.errstate(invalid="ignore"):
        exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
        return exponentials / exponentials.sum(axis=-1, keepdims=True)


def linear_votes(members, bins, spectra):
    """Class probabilities of each bin, (P, B, C) float32."""
    return _stack(spectra, bins, lambda b, y: (
        y @ np.asarray(members.coef[b], np.float64).T
        + members.intercept[b]))


def mlp_votes(members, bins, spectra):
    """Class probabilities of each bin, (P, B, C) float32."""
    def logits(b, y):
        w1, b1, w2, b2 = (np.asarray(a[b], np.float64) for a in (
            members.w1, members.b1, members.w2, members.b2))
        return np.maximum(y @ w1 + b1, 0) @ w2 + b2

    return _stack(spectra, bins, logits)


def _stack(spectra, bins, logits):
    return np.stack([
        softmax(logits(b, spectra[:, start:stop].astype(np.float64)))
        for b, (start, stop) in enumerate(bins)], axis=1).astype(np.float32)
