"""Which pulses are left out when there is no time for all of them."""
import numpy as np


def left_out(numbers, eligible, patterns, share, turn):
    """(P,) bool, True for pulses that are not looked at in this train.

    numbers : (P,) integers that the pulse patterns select from.
    eligible : (P,) bool, pulses that would be classified; others stay False.
    patterns : objects with `selects(numbers)`, see `decision.PulsePattern`.
    share : of every pattern that is looked at, above 0 and up to 1.
    turn : number of the train; it turns the choice by one pulse.

    Pulses that belong to the same patterns are thinned evenly, so that of
    every pattern at least `share`, and at least one pulse, is looked at in
    every train; within ceil(1 / share) trains in turn it is every pulse.
    """
    out = np.zeros(len(numbers), bool)
    if share >= 1:
        return out
    kind = kinds(numbers, patterns)
    for each in np.unique(kind[eligible]):
        rows = np.flatnonzero(eligible & (kind == each))
        out[rows] = ~_chosen(len(rows), share, turn)
    return out


def kinds(numbers, patterns):
    """(P,) integers, the same for pulses that belong to the same patterns."""
    kind = np.zeros(len(numbers), np.int64)
    for pattern in patterns:
        _, kind = np.unique(2 * kind + pattern.selects(numbers),
                            return_inverse=True)
    return kind


def _chosen(count, share, turn):
    """(count,) bool: ceil(share * count) of them, spread evenly."""
    # a share such as 0.2 is not exact: 0.2 * 5 must not become 2
    keep = max(int(np.ceil(share * count - 1e-9)), 1)
    return (np.arange(count) + turn % count) * keep % count < keep
