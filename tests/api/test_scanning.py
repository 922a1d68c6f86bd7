"""`spectra_classifier.scan`: state against a value, in memory."""
import numpy as np
import pytest

import spectra_classifier
from tests.api.conftest import CHANNELS

STEPS, TRAINS, PULSES = 13, 4, 6
MIDDLE, WIDTH = 6., 6.


def scanned():
    """(spectra, value, train) of a sample that changes with the value."""
    random = np.random.default_rng(8)
    train = np.repeat(np.arange(STEPS * TRAINS), PULSES)
    value = (train // TRAINS).astype(float)
    share = np.clip((value - MIDDLE) / WIDTH + 0.5, 0, 1)[:, None]
    at = np.arange(CHANNELS)
    spectra = 100 * ((1 - share) * np.exp(-(at - 8)**2 / 8)
                     + share * np.exp(-(at - 25)**2 / 8))
    return spectra + random.normal(20, 1, spectra.shape), value, train


def test_a_transition_is_found_with_its_midpoint(trained):
    spectra, value, train = scanned()
    found = spectra_classifier.scan(trained.classify(spectra), value,
                                    trains=train, name="pressure", unit="GPa")
    each, = found.transitions
    assert (each.before, each.after) == ("cold", "hot")
    assert each.found.midpoint_low < MIDDLE < each.found.midpoint_high
    assert not found.hysteresis and len(found) == STEPS
    table = found.to_pandas()
    assert (table["trains"] == TRAINS).all()
    assert (table["pulses"] == TRAINS * PULSES).all()
    assert table["share cold"].iloc[0] == 1
    assert "cold to hot" in repr(found) and "GPa" in found._repr_html_()
    assert len(found.plot().axes) == 3


def test_a_spectrum_without_a_value_belongs_to_no_step(trained):
    spectra, value, _ = scanned()
    value[:PULSES] = np.nan
    found = spectra_classifier.scan(trained.classify(spectra), value)
    assert found.to_pandas()["trains"].sum() == len(spectra) - PULSES


@pytest.mark.parametrize("values, words", [
    (np.zeros(3), "values of shape"),
    (np.zeros(STEPS * TRAINS * PULSES), "does not change")])
def test_what_cannot_be_scanned_says_why(trained, values, words):
    spectra, _, _ = scanned()
    with pytest.raises(ValueError, match=words):
        spectra_classifier.scan(trained.classify(spectra), values)
