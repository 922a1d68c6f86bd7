"""What a choice of candidates costs in every live train, before it is made.

An estimate for the fused engine on one core; its constants come from
`benchmarks/accuracy/view_cost.py`. Good enough to keep a model within the
budget of a train.
"""

#: pulses of a full train, and milliseconds that its members may take
PULSES, BUDGET = 2700, 20.
# nanoseconds per channel and pulse: raw counts to a block with gate, mixture
# and residual (per class); then a view with its moments, each pair of taps,
# a weight, a texture; per pulse and bin: the vote
_BASE, _REFERENCE = 1.2, 0.17
_VIEW, _TAP, _WEIGHT, _TEXTURE = 0.35, 0.09, 0.14, 1.1
_VOTE = 60.


def milliseconds(candidates, channels, classes, pulses=PULSES):
    """Estimated CPU time per train of a model of these candidates."""
    per_channel = _BASE + classes * _REFERENCE
    per_pulse = 0.
    for each in candidates:
        view = each.view
        bins = sum(each.counts)
        if view.linear:
            per_channel += (_VIEW + view.half * _TAP
                            + len(each.counts) * classes * _WEIGHT)
        else:
            per_channel += _TEXTURE
        per_pulse += bins * classes * _VOTE
    return 1e-6 * pulses * (channels * per_channel + per_pulse)
