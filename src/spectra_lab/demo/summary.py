"""The numbers at the end of the demonstration; pure, from what was kept."""
import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from spectra_classifier.core.spectra import Code

from .records import Result, Truth

#: None where there was nothing to count
type Numbers = dict[str, float | None]


class Transition(TypedDict):
    """A change of the sample; see `transitions`."""
    labelled_train: int
    state: int
    decided_train: int | None
    reported_train: int | None
    error_trains: int | None
    window_delay_trains: int | None


def eligible(label: NDArray[np.int8]) -> NDArray[np.bool]:
    """(P,) bool: pulses that were decided on, unknown included."""
    return (label >= 0) | (label == Code.UNKNOWN)


def accuracy(results: Iterable[Result], truths: Mapping[int, Truth],
             margin: int = 0, left_out: Iterable[int] = ()) -> Numbers:
    """Share of right labels: {"accuracy", "accuracy_all", "judged", ...}.

    Only eligible pulses of a known class count; an unknown is wrong.
    "accuracy" is over trains at least `margin` trains from a transition,
    "accuracy_all" over all; None where there is nothing to judge. `truths`:
    {train id: Truth}; `left_out`: numbers of spectra the model was trained
    on.
    """
    trained_on = np.asarray(sorted(left_out), np.int64)
    right, judged, far_right, far_judged, unknown, trained = [0] * 6
    for result in results:
        truth = truths.get(result.train_id)
        if truth is None or len(truth.label) != len(result.label):
            continue
        counts = eligible(result.label) & (truth.label >= 0)
        seen = np.isin(truth.spectrum, trained_on) & (truth.spectrum >= 0)
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


def accounting(sent: Mapping[str, int],
               received: Mapping[str, int]) -> Numbers:
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


def timing(results: Sequence[Result]) -> Numbers:
    """Latency and rate as they were seen; None where there is too little."""
    latency = [result.latency for result in results]
    span = results[-1].received - results[0].received if results else 0
    return {
        "latency_ms_p50": _percentile(latency, 50),
        "latency_ms_p99": _percentile(latency, 99),
        "train_age_ms_p99": _percentile(
            [result.train_age for result in results], 99),
        "rate_hz": (len(results) - 1) / span if span > 0 else None}


def transitions(results: Sequence[Result], truths: Mapping[int, Truth],
                reported: Mapping[int, int] = MappingProxyType({}),
                ) -> list[Transition]:
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
    found: list[Transition] = []
    for before, change, following in zip(
            [-math.inf, *changes], changes, [*changes[1:], math.inf],
            strict=False):
        state = majority[change]
        decided = _decided(results, state, change, following)
        first = None if decided is None else max(
            (train for train, name in reported.items()
             if name == state and before < train <= decided), default=None)
        found.append({
            "labelled_train": change, "state": state,
            "decided_train": decided, "reported_train": first,
            "error_trains": None if first is None else first - change,
            "window_delay_trains": (
                None if decided is None or first is None
                else decided - first)})
    return found


def _decided(results: Iterable[Result], state: int, change: int,
             following: float) -> int | None:
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


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _percentile(values: Sequence[float], percent: float) -> float | None:
    return float(np.percentile(values, percent)) if values else None
