"""Means of k pulses instead of single pulses, for models trained on means.

Such a model was trained with the noise of means, not with that of single
pulses: k is a constant of the model, and every engine applies it.
"""
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..model_definition import ModelDefinition, Settings
from ..spectra import Code, PulseSelector, Train, TrainResult, make_train
from ..trains.load_shedding import kinds

#: classifies a train, given its verdicts and intensities
type Classify = Callable[
    [Train, NDArray[np.int8], NDArray[np.float32]], TrainResult]


def apply(train: Train, verdicts: NDArray[np.int8],
          intensity: NDArray[np.float32], definition: ModelDefinition,
          settings: Settings, classify: Classify) -> TrainResult:
    """Return the result of a train, classified as means of k pulses.

    k is `definition.averaging`; with 1 the pulses are classified as they are.
    Every pulse gets the codes of its mean. Pulses that are not to be
    classified take no part and keep their code. A remainder of fewer than k
    pulses joins the mean before it; fewer than k pulses in total are UNKNOWN.

    Parameters
    ----------
    verdicts, intensity
        (P,) as from `quality.assess`.
    classify
        (train, verdicts, intensity) -> result, without averaging.
    """
    if definition.averaging == 1:
        return classify(train, verdicts, intensity)
    mean_of = blocks(train.pulse_ids, verdicts == 0, definition.averaging,
                     settings.average_within, train.light)
    rows = np.flatnonzero(mean_of >= 0)
    found = _of_means(train, rows, mean_of[rows], intensity, classify)
    label = np.where(verdicts == 0, Code.UNKNOWN, verdicts).astype(np.int8)

    def spread(values: NDArray[np.float32],
               fill: float = 0.) -> NDArray[np.float32]:
        full = np.full((train.pulses, *values.shape[1:]), fill, values.dtype)
        full[rows] = values[mean_of[rows]]
        return full

    label[rows] = found.label[mean_of[rows]]
    return replace(
        found, pulse_ids=train.pulse_ids, label=label,
        confidence=spread(found.confidence), scores=spread(found.scores),
        mixture=spread(found.mixture),
        residual=spread(found.residual, np.nan), intensity=intensity,
        votes=spread(found.votes),
        distance=(None if found.distance is None
                  else spread(found.distance, np.nan)))


def blocks(pulse_ids: NDArray[np.uint64], eligible: NDArray[np.bool_], k: int,
           patterns: Sequence[PulseSelector] = (),
           light: NDArray[np.uint8] | None = None) -> NDArray[np.intp]:
    """Return the mean (P,) that each pulse belongs to, -1 for none.

    Only pulses that belong to the same `patterns` are averaged, neighbours in
    time with each other: pumped pulses never with unpumped ones. Where that
    depends on a light that is not known, none are.

    Parameters
    ----------
    pulse_ids
        (P,).
    eligible
        (P,) pulses to be classified.
    k
        Pulses per mean.
    light
        (P,) as in `Train`.
    """
    if light is None and any(one.needs_light for one in patterns):
        # nobody knows which pulses belong together
        return np.full(len(pulse_ids), -1)
    # the first one counts least
    kind = kinds(pulse_ids, patterns[::-1], light)
    result = np.full(len(pulse_ids), -1)
    count = 0
    for each in np.unique(kind[eligible]):
        rows = np.flatnonzero(eligible & (kind == each))
        means = len(rows) // k
        if means:
            result[rows] = count + np.minimum(np.arange(len(rows)) // k,
                                              means - 1)
            count += means
    return result


def _of_means(train: Train, rows: NDArray[np.intp], mean_of: NDArray[np.intp],
              intensity: NDArray[np.float32],
              classify: Classify) -> TrainResult:
    rows = rows[np.argsort(mean_of, kind="stable")]
    size = np.bincount(mean_of)
    first = np.cumsum(size) - size
    means = np.zeros((len(size), train.spectra.shape[1]), np.float32)
    level = np.zeros(len(size), np.float32)
    # pulse by pulse of all means at once; few means have more than k
    for place in range(size.max(initial=0)):
        has = np.flatnonzero(size > place)
        mine = rows[first[has] + place]
        here = slice(None) if len(has) == len(size) else has
        means[here] += train.spectra[mine]
        level[here] += intensity[mine]
    count = np.maximum(size, 1).astype(np.float32)
    return classify(make_train(train.train_id, means / count[:, None]),
                    np.zeros(len(size), np.int8), level / count)
