"""The numbers at the end of the demonstration; pure, from what was kept."""
import math
from itertools import pairwise

import numpy as np

from spectra_classifier.core.spectra import Code


def eligible(label):
    """(P,) bool: pulses that were decided on, unknown included."""
    return (label >= 0) | (label == Code.UNKNOWN)


def accuracy(results, truths, margin=0, left_out=()):
    """Share of right labels: {"accuracy", "accuracy_all", "judged", ...}.

    Only eligible pulses of a known class count; an unknown is wrong.
    "accuracy" is over trains at least `margin` trains from a transition,
    "accuracy_all" over all; None where there is nothing to judge. `truths`:
    {train id: Truth}; `left_out`: numbers of spectra the model was trained
    on.
    """
    left_out = np.asarray(sorted(left_out), np.int64)
    right, judged, far_right, far_judged, unknown, trained = [0] * 6
    for result in results:
        truth = truths.get(result.train_id)
        if truth is None or len(truth.label) != len(result.label):
            continue
        counts = eligible(result.label) & (truth.label >= 0)
        seen = np.isin(truth.spectrum, left_out) & (truth.spectrum >= 0)
        trained += int((counts & seen).sum())
        counts &= ~seen
        hits = int((counts & (result.label == truth.label)).sum())
        total = int(counts.sum())
        right, judged = right + hits, judged + total
        unknown += int((counts & (result.label == Code.UNKNOWN)).sum())
        if truth.distance >= margin:
            far_right, far_judged = far_right + hits, far_judged + total
    return {
        "accuracy": _share(far_right, far_judged),
        "accuracy_all": _share(right, judged),
        "pulses_judged": far_judged,
        "unknown_share": _share(unknown, judged),
        "training_pulses_left_out": trained}


def accounting(sent, received):
    """Losses from the counters of source and classifier.

    `sent`: {"trains", "pulses"} of the source; `received`: the classifier's
    "trains", "lost", "pulses", "classified", "rejected", "skipped".
    """
    trains_lost = max(received["lost"], sent["trains"] - received["trains"])
    unaccounted = abs(received["pulses"] - received["classified"]
                      - received["rejected"] - received["skipped"])
    if trains_lost == 0:
        unaccounted += abs(sent["pulses"] - received["pulses"])
    return {
        "trains_received": received["trains"], "trains_lost": trains_lost,
        "pulses_received": received["pulses"],
        "pulses_classified": received["classified"],
        "pulses_rejected": received["rejected"],
        "pulses_skipped": received["skipped"],
        "pulses_unaccounted": unaccounted,
        "coverage": _share(received["classified"], received["pulses"])}


def timing(results):
    """Latency and rate as they were seen; None where there is too little."""
    latency = [result.latency for result in results]
    span = results[-1].received - results[0].received if results else 0
    return {
        "latency_ms_p50": _percentile(latency, 50),
        "latency_ms_p99": _percentile(latency, 99),
        "train_age_ms_p99": _percentile(
            [result.train_age for result in results], 99),
        "rate_hz": (len(results) - 1) / span if span > 0 else None}


def transitions(results, truths, reported=()):
    """Labelled changes of the sample and what the device made of them.

    A list of {"labelled_train", "state", "decided_train", "reported_train",
    "error_trains", "window_delay_trains"}. `decided_train`: first one of the
    run of trains with the new decided state that stands at the labelled
    change, or, if it does not stand there, that begins before the next one.
    `reported`: {train: state index}, what the device named as the first
    train of a state; of these `reported_train` is the last one up to
    `decided_train` and after the labelled change before. `error_trains` is
    reported - labelled, negative if the device is early;
    `window_delay_trains` is decided - reported, what the decision takes by
    its window. None where it was not reached.
    """
    majority = {train: truths[train].majority for train in sorted(truths)}
    known = [train for train, label in majority.items() if label >= 0]
    changes = [now for before, now in pairwise(known)
               if majority[before] != majority[now]]
    found = []
    for before, (change, following) in zip(
            [-math.inf, *changes], pairwise([*changes, math.inf]),
            strict=False):
        state = majority[change]
        decided = _decided(results, state, change, following)
        first = None if decided is None else max(
            (train for train, name in dict(reported).items()
             if name == state and before < train <= decided), default=None)
        found.append({
            "labelled_train": change, "state": state,
            "decided_train": decided, "reported_train": first,
            "error_trains": None if first is None else first - change,
            "window_delay_trains": (None if first is None
                                    else decided - first)})
    return found


def _decided(results, state, change, following):
    begin = None
    for result in results:
        if result.train_id >= following:
            break
        if result.state != state:
            begin = None
        elif begin is None:
            begin = result.train_id
        if begin is not None and result.train_id >= change:
            return begin
    return None


def _share(part, whole):
    return part / whole if whole else None


def _percentile(values, percent):
    return float(np.percentile(values, percent)) if values else None
