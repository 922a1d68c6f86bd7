"""Spectra of two states, and a model trained on them in memory."""
import numpy as np
import pytest

import spectra_classifier

CHANNELS = 40
ENERGIES = np.linspace(9000., 9039., CHANNELS)


def states(count=48, seed=0):
    """(spectra, labels, captures) of two states, captures in turn."""
    random = np.random.default_rng(seed)
    captures = np.arange(count) // 6
    hot = captures % 2 == 1
    peak = np.exp(-(np.arange(CHANNELS) - np.where(hot, 25, 8)[:, None])**2
                  / 8)
    spectra = 100 * peak + random.normal(20, 1, (count, CHANNELS))
    return (spectra.astype(np.float32), np.where(hot, "hot", "cold"),
            captures)


@pytest.fixture(scope="session")
def trained():
    """A `TrainedModel` of the two states, on an axis of energies."""
    spectra, labels, captures = states()
    return spectra_classifier.train(
        spectra, labels, groups=captures, members="linear", bins=4,
        unknown_level=0,        # each of the few spectra has its class
        axis=spectra_classifier.Axis(ENERGIES, "energy", "eV"), name="two")


@pytest.fixture(scope="session")
def others():
    """(spectra, labels) that the model has not seen."""
    spectra, labels, _ = states(seed=1)
    return spectra, labels
