"""Networks where no plane divides the classes, and only there."""
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier import model
from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.engine.reference_members import mlp_votes
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.training.fit import train
from spectra_classifier.training.labelled import labelled
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.selection import auto_fit, networks

CHANNELS, EACH = 80, 60


def spectra_of(places, random):
    """A line at each of the places (N,), on a background of 5 counts."""
    channel = np.arange(CHANNELS)
    line = np.exp(-0.5 * ((channel - np.asarray(places)[:, None]) / 6.) ** 2)
    return (5 + 20 * line + 0.5 * random.normal(
        size=(len(places), CHANNELS))).astype(np.float32)


def dataset_of(curved, seed=0):
    """Two classes: a line inside of a range or outside of it, or on either
    side of one place."""
    random = np.random.default_rng(seed)
    off = random.uniform(2, 10, 2 * EACH) * random.choice([-1, 1], 2 * EACH)
    inside = random.uniform(-1.5, 1.5, 2 * EACH)
    labels = np.arange(2 * EACH) % 2
    place = (np.where(labels == 1, off, inside) if curved
             else (2 * labels - 1) * abs(off))
    return Dataset(Axis.channels(CHANNELS), spectra_of(40 + place, random),
                   labels, ("in", "out"))


@pytest.fixture(scope="module")
def trained():
    return train(dataset_of(True), TrainingOptions(members="auto"))


def forced(definition, data, engine=NumpyEngine):
    return engine(definition).classify(make_train(0, data.spectra), Settings(
        min_intensity=-np.inf)).scores


def test_a_range_of_places_is_a_class(trained):
    data = dataset_of(True, 1)
    scores = forced(trained.definition, data)
    assert trained.definition.members.kind == "mlp"
    assert (scores.argmax(axis=1) == data.labels).mean() > 0.95
    chosen, = trained.report["choice"]["chosen"]
    assert "networks" in chosen["name"] and chosen["ms_per_train"] > 0
    assert trained.report["cross_validation"]["accuracy"] > 0.95


def test_every_engine_gives_the_same(trained, tmp_path):
    data = dataset_of(True, 2)
    trained.save(tmp_path / "curved.onnx")
    again = model.load(tmp_path / "curved.onnx").definition
    np.testing.assert_allclose(
        forced(again, data, FusedEngine),
        forced(trained.definition, data), atol=1e-4)


def test_planes_stay_with_linear_members():
    definition, found = auto_fit.fit(labelled(dataset_of(False)),
                                     TrainingOptions(members="auto"))
    assert definition.members.kind == "views"
    assert not any(each.candidate.kind == "network" for each in found.judged)


def test_no_network_where_the_time_is_over():
    now = time.thread_time()
    found = networks.out_of_fold(
        np.zeros((10, 2), np.float32), np.arange(10) % 2, 2,
        np.arange(10)[None] % 5, 0, lambda: time.thread_time() < now)
    assert found is None


@settings(max_examples=25, deadline=None)
@given(count=st.integers(2, 40), channels=st.integers(1, 40),
       scale=st.floats(1e-3, 1e5), offset=st.floats(-1e4, 1e4),
       seed=st.integers(0, 99))
def test_coordinates_are_uncorrelated_and_keep_distances(
        count, channels, scale, offset, seed):
    spectra = offset + scale * np.random.default_rng(seed).normal(
        size=(count, channels))
    seen = networks.Coordinates.of(spectra)(spectra).astype(np.float64)
    gram = seen.T @ seen
    np.testing.assert_allclose(gram - np.diag(np.diag(gram)), 0,
                               atol=1e-3 * gram.max())
    there = np.linalg.norm(seen[0] - seen[1])
    unit = seen[:, 0].std() / max(np.linalg.svd(
        spectra - spectra.mean(axis=0), compute_uv=False)[0]
        / count ** 0.5, 1e-300)
    np.testing.assert_allclose(there, unit * np.linalg.norm(
        spectra[0] - spectra[1]), rtol=1e-3)


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 99), offset=st.floats(-100, 100))
def test_members_take_spectra_as_they_are(seed, offset):
    random = np.random.default_rng(seed)
    labels = np.arange(30) % 3
    spectra = (offset + labels[:, None] * np.linspace(0, 3, 12)
               + random.normal(size=(30, 12)))
    coordinates = networks.Coordinates.of(spectra)
    members = networks.members(coordinates, spectra, labels, 3, 2., seed)
    votes = mlp_votes(members, ((0, 12),) * 2, spectra)
    assert votes.shape == (30, 2, 3)
    np.testing.assert_allclose(votes.sum(axis=2), 1, atol=1e-5)
    assert (votes.mean(axis=1).argmax(axis=1) == labels).mean() > 0.8
