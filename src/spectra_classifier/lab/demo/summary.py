"""The numbers at the end of the demonstration; pure, from what was kept."""
from itertools import pairwise

import numpy as np

from ...core.spectra import Code


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


def transitions(results, truths):
    """Labelled changes of the sample and what the device made of them.

    A list of {"labelled_train", "state", "decided_train", "delay_trains"}:
    `decided_train` is the first one whose decided state is the new one,
    None if it was not reached before the next labelled change.
    """
    ids = sorted(truths)
    majority = {train: truths[train].majority for train in ids}
    known = [train for train in ids if majority[train] >= 0]
    changes = [now for before, now in pairwise(known)
               if majority[before] != majority[now]]
    found = []
    for change, following in zip(changes, [*changes[1:], None], strict=True):
        state = majority[change]
        decided = next(
            (result.train_id for result in results
             if result.train_id >= change and result.state == state
             and (following is None or result.train_id < following)), None)
        found.append({
            "labelled_train": change, "state": state,
            "decided_train": decided,
            "delay_trains": None if decided is None else decided - change})
    return found


def _share(part, whole):
    return part / whole if whole else None


def _percentile(values, percent):
    return float(np.percentile(values, percent)) if values else None
