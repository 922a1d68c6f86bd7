"""The plain float64 engine: reference of all others, and needs no compiler."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..model_definition import ModelDefinition, Settings
from ..preprocessing import averaging, spikes
from ..preprocessing.preprocess import preprocess
from ..preprocessing.quality import assess
from ..spectra import Train, TrainResult
from . import (
    mixture,
    reference_members,
    view_members,
    within_class_variation,
)
from .labels import assemble

#: spectra preprocessed at a time: float64 copies stay within some 10 MB
CHUNK = 256

#: preprocessed spectra (P, n) -> votes (P, B, C) and the distance (P,) of
#: their texture, None without textures
type MemberVotes = Callable[
    [NDArray[np.float32]],
    tuple[NDArray[np.float32], NDArray[np.float32] | None]]


class NumpyEngine:
    """Classifies with numpy, or with any function that evaluates members.

    Parameters
    ----------
    member_votes
        By default the float64 reference of the members of the model.
    name
        Name of the engine.
    """

    def __init__(self, definition: ModelDefinition,
                 member_votes: MemberVotes | None = None,
                 name: str = "numpy") -> None:
        self.name = name
        self.definition = definition
        self._votes = member_votes or reference_votes(definition)
        self._gram = mixture.gram(definition.references)
        self._comparison = within_class_variation.comparison(definition)

    def warm_up(self) -> None:
        """Evaluate the members once; there is nothing to compile."""
        self._votes(np.zeros((1, len(self.definition.axis)), np.float32))

    def classify(self, train: Train, settings: Settings) -> TrainResult:
        """Return the codes of a train (see `engine.Engine`)."""
        verdicts, intensity = assess(train, self.definition, settings)
        train, spiked = self._without_spikes(train, verdicts, settings)
        return replace(averaging.apply(
            train, verdicts, intensity, self.definition, settings,
            lambda each, codes, level: self._classify(
                each, codes, level, settings)), spiked=spiked)

    def _without_spikes(self, train: Train, verdicts: NDArray[np.int8],
                        settings: Settings) -> tuple[Train, int]:
        """The train, and the number of pulses that had spikes."""
        rule = self.definition.preprocessing.spikes
        if rule is None:
            return train, 0
        rows, clean = spikes.removed(
            train.spectra, np.flatnonzero(verdicts == 0), rule, settings)
        return spikes.replaced(train, rows, clean), len(rows)

    def _classify(self, train: Train, verdicts: NDArray[np.int8],
                  intensity: NDArray[np.float32],
                  settings: Settings) -> TrainResult:
        model = self.definition
        rows = np.flatnonzero(verdicts == 0)
        votes = np.zeros((len(rows), len(model.bins), len(model.classes)),
                         np.float32)
        distance = np.full(len(rows), np.nan, np.float32)
        norms = np.zeros(len(rows))
        projections = np.zeros((len(rows), len(model.classes)))
        references = np.asarray(model.references, np.float64)
        comparison, compared = self._comparison, []
        for first in range(0, len(rows), CHUNK):
            block = slice(first, first + CHUNK)
            spectra = preprocess(train.spectra[rows[block]],
                                 model.preprocessing, settings.dark,
                                 settings.mask)
            votes[block], far = self._votes(spectra)
            if far is not None:
                distance[block] = far
            exact = spectra.astype(np.float64)
            norms[block] = np.square(exact).sum(axis=1)
            projections[block] = exact @ references.T
            if comparison:
                compared.append(comparison.sums(exact))
        fractions, residual = mixture.solve(norms, projections, self._gram)
        if comparison and compared:
            gram = comparison.gram
            residual = comparison.residual(
                norms, np.concatenate(compared),
                lambda squares, sums: mixture.solve(squares, sums, gram)[1])
        return assemble(train, model, settings, verdicts, intensity, rows,
                        norms, votes, fractions, residual, distance)


def reference_votes(definition: ModelDefinition) -> MemberVotes:
    """Return the float64 evaluation of the members of a model.

    Raises
    ------
    ValueError
        For members that need ONNX Runtime.
    """
    members, bins = definition.members, definition.bins
    if members.kind == "pointwise":
        x = definition.axis.values
        return lambda spectra: (reference_members.votes(
            members, x, bins, spectra), None)
    if members.kind == "linear":
        return lambda spectra: (reference_members.linear_votes(
            members, bins, spectra), None)
    if members.kind == "mlp":
        return lambda spectra: (reference_members.mlp_votes(
            members, bins, spectra), None)
    if members.kind == "views":
        return lambda spectra: view_members.evaluate(members, bins, spectra)
    raise ValueError(f"members of kind {members.kind!r} need ONNX Runtime")
