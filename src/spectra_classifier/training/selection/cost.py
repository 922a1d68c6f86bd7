"""Estimated cost of candidates in every live train, before they are chosen.

For the fused engine on one core; the constants come from
`benchmarks/accuracy/view_cost.py`. Accurate enough to keep a model within the
time of a train.
"""

from collections.abc import Sequence

from ...core.preprocessing.texture import PER_PART
from .candidates import HIDDEN, Candidate

#: pulses and channels of a full train, and milliseconds that it may take
#: with two classes
PULSES, CHANNELS, BUDGET = 2700, 1280, 20.
# nanoseconds per channel and pulse: raw counts to a block with gate, mixture
# and residual (per class); then a view with its moments, each pair of taps,
# a weight; a texture; a hidden unit
_BASE, _REFERENCE = 0.85, 0.13
_VIEW, _TAP, _WEIGHT, _TEXTURE, _UNIT = 0.30, 0.035, 0.05, 0.45, 0.045
# nanoseconds per pulse: a bin, each of its classes, a part of a texture; each
# product of the distance from a class
_BIN, _VOTE, _PART, _PRODUCT = 12., 10., 45., 0.05


def milliseconds(candidates: Sequence[Candidate], channels: int, classes: int,
                 pulses: int = PULSES) -> float:
    """Estimated CPU time per train of a model of these candidates."""
    per_channel = _BASE + classes * _REFERENCE
    per_pulse = 0.
    for each in candidates:
        view = each.view
        if each.kind == "network":
            per_channel += _VIEW + len(each.counts) * HIDDEN * _UNIT
        elif view.linear:
            per_channel += (_VIEW + view.half * _TAP
                            + len(each.counts) * classes * _WEIGHT)
        else:
            per_channel += _TEXTURE
            per_pulse += view.parts * _PART
        per_pulse += sum(each.counts) * (_BIN + classes * _VOTE)
    features = [each.view.parts * PER_PART for each in candidates
                if not each.view.linear]
    if features:    # the fewest are compared
        per_pulse += classes * min(features) ** 2 * _PRODUCT
    return 1e-6 * pulses * (channels * per_channel + per_pulse)


def affordable(candidates: Sequence[Candidate]) -> bool:
    """Whether a model of these candidates meets the budget of a full train.

    For two classes and `CHANNELS` whatever the data have, so that the choice
    does not depend on the number of points of an axis.
    """
    return milliseconds(candidates, CHANNELS, 2) <= BUDGET
