"""Trains and models that are measured: the simulated published ramp."""
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ...core.bins import equal_bins
from ...core.engine.fused_preprocessing import subtract
from ...core.model_definition import (
    Baseline,
    ModelDefinition,
    PointwiseMembers,
    Preprocessing,
)
from ...core.spectra import Axis
from ...model.store import load
from ...simulation.published_ramp import ramp

PULSES, BINS, HIDDEN = 2700, 15, 150
#: detector counts per intensity unit of the publication
SCALE = 100
P = .002


def counts(pulses: int, channels: int, dark: NDArray[np.float32] | int,
           seed: int = 0) -> NDArray[np.uint16]:
    """(pulses, channels) uint16: curves of the ramp in random order."""
    rng = np.random.default_rng(seed)
    numbers = np.linspace(0, ramp.CURVES - 1, min(pulses, 300))
    _, curves = ramp.curves(channels, numbers, seed)
    rows = rng.permutation(np.arange(pulses) % len(curves))
    return np.clip(np.round(SCALE * curves[rows] + dark), 0,
                   65535).astype(np.uint16)


def noise(channels: int) -> NDArray[np.float64]:
    """Standard deviation of one point in counts, (channels,)."""
    return SCALE * ramp.noise_width(ramp.axis(channels))


def dark(channels: int, seed: int = 1) -> NDArray[np.float32]:
    """A pedestal of some 1000 counts, whole numbers, (channels,) float32."""
    return np.round(np.random.default_rng(seed).uniform(
        900, 1100, channels)).astype(np.float32)


def members(classes: int = 2, bins: int = BINS,
            seed: int = 0) -> tuple[PointwiseMembers, str]:
    """Point-wise members in counts, and their description.

    The networks of the released model of the published ramp, if its file is
    there and fits; else random ones with their steps spread over the data.
    """
    found = released()
    if (found is not None and isinstance(found.members, PointwiseMembers)
            and classes == 2 and bins == BINS):
        w1 = found.members.w1.copy()
        w1[:, 1] /= SCALE
        return PointwiseMembers(w1, found.members.b1, found.members.w2,
                                found.members.b2), found.model_id
    rng = np.random.default_rng(seed)
    bound, inner = 1 / np.sqrt(2), 1 / np.sqrt(HIDDEN)

    def array(limit: float, *shape: int) -> NDArray[np.float32]:
        return rng.uniform(-limit, limit, shape).astype(np.float32)

    w1 = array(bound, bins, 2, HIDDEN)
    w1[:, 0] *= .1
    w1[:, 1] /= SCALE
    return PointwiseMembers(
        w1, 17 * array(bound, bins, HIDDEN), array(
            inner, bins, HIDDEN, classes), array(inner, bins, classes)
    ), "random networks"


def networks(definition: ModelDefinition) -> PointwiseMembers:
    """The members of a model, which must be point-wise."""
    if not isinstance(definition.members, PointwiseMembers):
        raise TypeError("the peers evaluate point-wise members alone")
    return definition.members


def released() -> ModelDefinition | None:
    """Definition of the released model of the published ramp, or None."""
    root = Path(__file__).resolve().parents[4]
    for path in sorted((root / "models").glob("published-ramp-*.onnx")):
        definition = load(path).definition
        if (isinstance(definition.members, PointwiseMembers)
                and len(definition.bins) == BINS):
            return definition
    return None


def model(channels: int, baseline: Baseline, classes: int = 2,
          bins: int = BINS) -> ModelDefinition:
    """`ModelDefinition` of the published ensemble on `channels` points."""
    ensemble, _ = members(classes, bins)
    axis = Axis(ramp.axis(channels), "two_theta", "deg")
    picks = np.linspace(40, 300, classes)
    _, curves = ramp.curves(channels, picks, 0, noise=0.)
    references = subtract((SCALE * curves).astype(np.float32),
                          baseline if baseline.mode != "none"
                          else Baseline("exact"))
    return ModelDefinition(
        "bench", tuple(f"state {k}" for k in range(classes)), axis,
        Preprocessing(baseline, "none"), equal_bins(channels, bins),
        ensemble, np.linspace(.1, .5, bins), references, min_intensity=50.,
        saturation_level=60000.)
