"""Spikes are removed where no class has lines as narrow."""
import numpy as np
import pytest

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.training.fit import train
from spectra_classifier.training.labelled import labelled
from spectra_classifier.training.options import TrainingOptions
from spectra_classifier.training.selection import spike_limits

CHANNELS = 200
PLACE = np.arange(CHANNELS)


def peak(centre, width=5.):
    return np.exp(-0.5 * ((PLACE - centre) / width) ** 2)


def drawn(each, random, width=5.):
    """Poisson spectra of two states, and their labels."""
    states = 20 + 300 * np.stack([peak(60, width) + peak(120, width),
                                  peak(60, width) + peak(140, width)])
    labels = np.arange(2 * each) % 2
    return random.poisson(states[labels]).astype(np.float32), labels


def spiked(spectra, share, random):
    spectra = spectra.copy()
    rows = np.flatnonzero(random.random(len(spectra)) < share)
    spectra[rows, random.integers(1, CHANNELS - 1, len(rows))] += 2000
    return spectra, rows


def data_of(spectra, labels):
    return labelled(Dataset(Axis(PLACE), spectra, labels, ("a", "b"),
                            np.arange(len(labels)) // 2 % 6))


@pytest.mark.parametrize("share", [0, 0.1])
def test_spikes_in_training_spectra_are_found_and_cost_nothing(share):
    random = np.random.default_rng(1)
    spectra, labels = drawn(60, random)
    damaged, rows = spiked(spectra, share, random)
    found = spike_limits.found(data_of(damaged, labels))
    assert found.figures["spiked"] == len(rows)
    np.testing.assert_allclose(found.data.spectra, spectra, atol=150)
    # what was given stays
    assert (damaged[rows].max(axis=1) > 1900).all()


def test_a_spiked_test_set_is_classified_as_if_it_had_none():
    random = np.random.default_rng(2)
    spectra, labels = drawn(60, random)
    result = train(data_of(spectra, labels),
                   TrainingOptions(members="linear"))
    test, truth = drawn(60, random)
    damaged, rows = spiked(test, 0.2, random)
    engine = FusedEngine(result.definition)
    clean, other = (engine.classify(make_train(0, each), Settings())
                    for each in (test, damaged))
    assert clean.spiked == 0
    assert other.spiked == len(rows)
    assert (clean.label == truth).mean() >= 0.95
    assert (other.label == truth).mean() >= 0.95
    assert result.report["spikes"]["counts"] == (
        result.definition.preprocessing.spikes.counts)


@pytest.mark.parametrize("spectra, labels, why", [
    (*drawn(60, np.random.default_rng(3), width=0.5), "as narrow as"),
    (*drawn(7, np.random.default_rng(3)), "needs 8 spectra"),
    (np.ones((40, CHANNELS), np.float32), np.arange(40) % 2, "no structure"),
    (drawn(60, np.random.default_rng(3))[0][:, :20], np.arange(120) % 2,
     "channels")])
def test_where_it_is_not_known_nothing_is_removed(spectra, labels, why):
    data = labelled(Dataset(Axis.channels(spectra.shape[1]), spectra, labels,
                            ("a", "b")))
    found = spike_limits.found(data)
    assert found.rule is None
    assert found.data is data
    assert why in found.figures["words"]


def test_a_permanently_bright_strip_is_no_spike():
    random = np.random.default_rng(4)
    spectra, labels = drawn(60, random)
    spectra[:, 90] += 500
    found = spike_limits.found(data_of(spectra, labels))
    assert found.rule is None
    assert "mask" in found.figures["words"]
