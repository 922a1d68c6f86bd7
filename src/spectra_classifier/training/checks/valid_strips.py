"""How few strips a model needs: masks on spectra that it was not trained on.

Masked strips are interpolated, so that a model always gets a spectrum to
classify, and in the end one without information that still resembles a class.
The share of its strips down to which a model keeps its accuracy is measured.
"""
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...core.engine.fused_engine import FusedEngine
from ...core.engine.reference_engine import NumpyEngine
from ...core.model_definition import (
    DEFAULT_VALID_SHARE,
    ModelDefinition,
    Settings,
)
from ...core.preprocessing.quality import strip_weights
from ...core.spectra import Train, make_train

#: shares of the strips, by their weight in the vote, that are tried in turn
SHARES = (0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
#: masks of each kind and share; spectra that each is tried on, at most, and
#: below which they do not justify less than the default
MASKS, SPECTRA, FEW = 12, 200, 50
#: bend of a strip, relative to it and its neighbours, that is rounding
_STRAIGHT = 1e-6
#: share of the spectra by which more may be wrong than without a mask, and
#: than the confidences say
TOLERANCE = 0.02
KINDS = "random", "contiguous"
RULE = ("the least share of the strips, by their weight in the vote, at which "
        f"not more than {TOLERANCE:.0%} of the spectra more get a wrong class "
        "than without a mask, nor than their confidence implies, with single "
        f"strips masked at random and with one run of them, {MASKS} masks "
        "each")


@dataclass(frozen=True)
class Borne:
    """The result of `borne`.

    Attributes
    ----------
    share, untaught
        For the fields `min_valid_share` and `untaught` of a
        `ModelDefinition`.
    figures
        The measurements, plain JSON values.
    """
    share: float
    untaught: tuple[int, ...]
    figures: dict[str, Any]

    def applied(self, definition: ModelDefinition) -> ModelDefinition:
        """The model with these limits."""
        return replace(definition, min_valid_share=self.share,
                       untaught=self.untaught)


def untaught(spectra: NDArray[np.number]) -> tuple[int, ...]:
    """Numbers of the strips without information of their own.

    A strip that was masked in training is the straight line between its
    neighbours in every one of the raw `spectra` (N, channels).
    """
    some = np.asarray(spectra, np.float64)[::max(len(spectra) // SPECTRA, 1)]
    bend, size = np.zeros_like(some), np.abs(some)
    bend[:, 1:-1] = some[:, :-2] + some[:, 2:] - 2 * some[:, 1:-1]
    size[:, 1:-1] += np.abs(some[:, :-2]) + np.abs(some[:, 2:])
    # at the ends a masked strip is equal to its neighbour
    bend[:, 0], bend[:, -1] = (some[:, 1] - some[:, 0],
                               some[:, -2] - some[:, -1])
    return tuple(np.flatnonzero(
        (np.abs(bend) <= _STRAIGHT * size).all(axis=0)).tolist())


def borne(definition: ModelDefinition, spectra: NDArray[np.number],
          labels: NDArray[np.int64], nothing: tuple[int, ...] = (),
          seed: int = 0) -> Borne:
    """The share of its strips that a model needs.

    Parameters
    ----------
    definition
        The model; one that was not trained on these spectra.
    spectra : (N, channels)
        Raw, dark subtracted, each one a mean where the model takes means;
        none where nothing could be left out of the training.
    labels : (N,)
        Class indices.
    nothing
        Strips that are `untaught`.
    seed
        Of the masks.

    Returns
    -------
    Borne
        `DEFAULT_VALID_SHARE` where nothing can be measured; with fewer than
        `FEW` spectra not less than that.
    """
    figures: dict[str, Any] = {
        "rule": RULE, "untaught": len(nothing), "spectra": len(labels)}
    definition = replace(definition, averaging=1, min_valid_share=0.,
                         untaught=tuple(nothing))
    weights = strip_weights(definition, Settings())
    if not (len(labels) and weights.any()):
        return Borne(DEFAULT_VALID_SHARE, tuple(nothing), figures | {
            "min_valid_share": DEFAULT_VALID_SHARE, "measured": False})
    some = np.unique(np.linspace(0, len(labels) - 1, min(
        len(labels), SPECTRA)).astype(int))
    train = make_train(0, np.asarray(spectra, np.float32)[some])
    truth = np.asarray(labels)[some]
    engine = _engine(definition)
    random = np.random.default_rng(seed)
    whole = _wrong(engine, train, truth, [np.zeros(len(weights), bool)])
    share = 1.
    tried: list[dict[str, Any]] = []
    for trial in SHARES:
        if trial < DEFAULT_VALID_SHARE and len(truth) < FEW:
            break
        found = {kind: _wrong(engine, train, truth, [
            mask(weights, trial, kind, random) for _ in range(MASKS)])
            for kind in KINDS}
        tried.append({"share": trial, **found})
        if not all(_tolerable(one, whole) for one in found.values()):
            break
        share = trial
    return Borne(share, tuple(nothing), figures | {
        "min_valid_share": share, "measured": True, "spectra": len(truth),
        "without_mask": whole, "tried": tried})


def _engine(definition: ModelDefinition) -> FusedEngine | NumpyEngine:
    """Return the reference engine where it is fast.

    It needs no compilation, which takes a minute in a process that yields to
    live trains.
    """
    if (definition.members.kind == "pointwise"
            or definition.preprocessing.baseline.mode != "none"):
        return FusedEngine(definition)
    return NumpyEngine(definition)


def mask(weights: NDArray[np.float64], share: float, kind: str,
         random: np.random.Generator) -> NDArray[np.bool_]:
    """A random mask (channels,) that leaves this share of the weight.

    At least one strip is left, and at least one is masked.

    Parameters
    ----------
    weights : (channels,)
        Weight of each strip in the vote.
    kind
        One of `KINDS`.
    """
    channels = len(weights)
    order = (random.permutation(channels) if kind == "random" else
             np.roll(np.arange(channels), random.integers(channels)))
    kept = np.cumsum(weights[order]) <= share * weights.sum()
    kept[0], kept[-1] = True, False
    masked = np.ones(channels, bool)
    masked[order[kept]] = False
    return masked


def _wrong(engine: FusedEngine | NumpyEngine, train: Train,
           truth: NDArray[np.int64],
           masks: list[NDArray[np.bool_]]) -> dict[str, float]:
    """{"wrong", "excess"}, means over the masks.

    "wrong": share of the spectra that get a wrong class; "excess": by how
    much it exceeds the errors that the confidences predict.
    """
    wrong = excess = 0.
    for one in masks:
        found = engine.classify(train, Settings(
            mask=one, min_intensity=-np.inf))
        given = found.label >= 0
        share = np.count_nonzero(given & (found.label != truth)) / len(truth)
        wrong += share
        excess += share - (1 - found.confidence[given]).sum() / len(truth)
    return {"wrong": float(wrong / len(masks)),
            "excess": float(excess / len(masks))}


def _tolerable(found: dict[str, float], whole: dict[str, float]) -> bool:
    return (found["wrong"] <= whole["wrong"] + TOLERANCE
            and found["excess"] <= max(whole["excess"], 0.) + TOLERANCE)
