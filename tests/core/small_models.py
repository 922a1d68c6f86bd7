"""Small models and trains for the tests of the core."""
import numpy as np

from spectra_classifier.core.model_definition import (
    Baseline,
    LinearMembers,
    ModelDefinition,
    PointwiseMembers,
    Preprocessing,
    UnknownRule,
)
from spectra_classifier.core.spectra import Axis


def pointwise_members(bins=3, classes=2, hidden=8, seed=0, scale=1.):
    """Random networks with knots spread over intensities of order scale."""
    rng = np.random.default_rng(seed)

    def array(*shape):
        return rng.normal(size=shape).astype(np.float32)

    w1 = array(bins, 2, hidden)
    w1[:, 0] *= 0.1
    return PointwiseMembers(w1, array(bins, hidden) * np.float32(scale),
                            array(bins, hidden, classes),
                            array(bins, classes))


def linear_members(bins, classes=2, seed=0):
    rng = np.random.default_rng(seed)
    return LinearMembers(
        tuple(rng.normal(size=(classes, stop - start)).astype(np.float32)
              for start, stop in bins),
        rng.normal(size=(len(bins), classes)).astype(np.float32))


def definition(members=None, channels=30, classes=("a", "b"), bins=None,
               **changes):
    """A model of three bins on channel numbers, gate at 1, that bears any
    mask."""
    bins = bins or tuple((10 * b, 10 * b + 10) for b in range(3))
    rng = np.random.default_rng(3)
    if getattr(members, "texture", None) is not None:
        changes = {"unknown": UnknownRule(max_distance=3.)} | changes
    fields = dict(
        model_id="test-model", classes=classes, axis=Axis.channels(channels),
        preprocessing=Preprocessing(Baseline(), "none"), bins=bins,
        members=members or pointwise_members(len(bins), len(classes)),
        weights=np.linspace(0.2, 1, len(bins)),
        references=rng.uniform(1, 2, (len(classes), channels)),
        min_intensity=1., min_valid_share=0.)
    return ModelDefinition(**(fields | changes))
