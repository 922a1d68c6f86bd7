"""Members on views in the fused engine."""
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..bins import Bins
from ..model_definition import ModelDefinition, ViewMembers
from ..preprocessing.texture import LAGS, PER_PART
from ..preprocessing.views import View, kernel
from ..spectra import RawSpectra
from .kernels import views as kernels
from .kernels import votes as vote_kernels
from .kernels.options import LANES
from .kernels.plans import Run, Scratch


class Views:
    """Constants of `kernels.views` for the members of a definition."""
    hidden = 1

    def __init__(self, definition: ModelDefinition) -> None:
        members = definition.members
        if members.kind != "views":
            raise ValueError(f"members of kind {members.kind!r} have no views")
        self._net = net(members, definition.bins, len(definition.axis))
        self._lags = np.array(LAGS)
        self._hidden = LANES * max(len(definition.classes),
                                   len(self._net.intercept))
        features = max([len(definition.axis),
                        *(view.parts * PER_PART for view in members.views)])
        self._scratch = features * LANES

    def constants(self, run: Run) -> None:
        """Nothing here depends on dark and mask."""

    def evaluate(self, raw: RawSpectra, rows: NDArray[np.intp], start: int,
                 stop: int, run: Run, constants: object, scratch: Scratch,
                 votes: NDArray[np.float32], norms: NDArray[np.float64],
                 projections: NDArray[np.float64]) -> None:
        """Logits of rows start ... stop - 1 into `votes`."""
        kernels.evaluate(
            raw, rows, start, stop, run, scratch, self._net, self._lags,
            np.empty(self._scratch, np.float32),
            np.empty(LANES, np.float32),
            np.empty(self._hidden, np.float32), votes, norms,
            projections)

    def finish(self, votes: NDArray[np.float32]) -> None:
        """Probabilities (R, B, C) float32 of logits, in their place."""
        vote_kernels.softmax(votes, votes)


def net(members: ViewMembers, bins: Bins, channels: int) -> kernels.ViewNet:
    """`kernels.ViewNet` of `model_definition.ViewMembers`."""
    views = members.views
    order = [b for v in range(len(views))
             for b in range(len(bins)) if members.view_of[b] == v]
    of_view = np.bincount([members.view_of[b] for b in order],
                          minlength=len(views))
    longest = max(2 * view.half + 1 for view in views)
    taps = np.zeros((len(views), longest), np.float32)
    for v, view in enumerate(views):
        if view.linear:
            weights = kernel(view)
            taps[v, :len(weights)] = weights
    spans = [_span(views[members.view_of[b]], bins[b])
             for b in order]
    widths = [stop - start for start, stop in spans]

    texture = members.texture
    coef, intercept = (
        (np.zeros((1, 0), np.float32), np.zeros(0, np.float32))
        if texture is None else (
            np.concatenate(texture.coef).T, texture.intercept.ravel()))

    def numbers(values: Sequence[int]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    return kernels.ViewNet(
        half=numbers([view.half for view in views]),
        order=numbers([view.derivative for view in views]),
        normalise=np.array([view.normalise for view in views]),
        parts=numbers([view.parts for view in views]), taps=taps,
        first=numbers([0, *np.cumsum(of_view)]), number=numbers(order),
        start=numbers([start for start, _ in spans]),
        stop=numbers([stop for _, stop in spans]),
        row=numbers([0, *np.cumsum(widths)[:-1]]),
        w=np.ascontiguousarray(np.concatenate([
            np.asarray(members.coef[b], np.float32).T for b in order])),
        column=np.array([
            _reached(views[members.view_of[b]], bins[b], channels,
                     members.coef[b]) for b in order]),
        bias=np.asarray(members.intercept, np.float32)[order],
        texture=-1 if texture is None else texture.view,
        coef=np.ascontiguousarray(coef, np.float32),
        intercept=np.ascontiguousarray(intercept, np.float32))


def _span(view: View, part: tuple[int, int]) -> tuple[int, int]:
    """Features of a view that a bin takes, as (start, stop)."""
    return part if view.linear else (0, view.parts * PER_PART)


def _reached(view: View, part: tuple[int, int], channels: int,
             coef: NDArray[np.float32]) -> NDArray[np.float64]:
    """Sum (C,) of the weights on channels that the window reaches."""
    if not view.linear:
        return np.zeros(len(coef))
    place = np.arange(*part)
    inside = (place >= view.half) & (place < channels - view.half)
    return np.asarray(coef, np.float64)[:, inside].sum(axis=1)
