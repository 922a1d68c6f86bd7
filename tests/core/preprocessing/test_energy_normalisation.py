"""Spectra per unit of pulse energy, for models that were taught so."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.decision.beam_state import beam_of
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.core.model_definition import Preprocessing, Settings
from spectra_classifier.core.preprocessing.energy_normalisation import (
    NEVER,
    PerEnergy,
)
from spectra_classifier.core.spectra import Code, make_train
from spectra_classifier.errors import InputError
from tests.devices.fakes import CHANNELS, definition, spectra_of

DARK = np.full(CHANNELS, 40, np.float32)
MODEL = definition(preprocessing=Preprocessing(normalisation="monitor"),
                   saturation_level=4000., min_intensity=0.5)


def made(spectra, energy, settings=None, closed=None, **kwargs):
    train = make_train(1, spectra, **kwargs)
    return PerEnergy()(train, settings or Settings(), MODEL,
                       beam_of(len(spectra), energy, 0.5, closed))


def test_counts_above_dark_per_energy():
    raw = spectra_of(0, 2) * np.array([[2], [4]], np.uint16) + 40
    train, settings = made(raw, [2., 4.], Settings(dark=DARK))
    np.testing.assert_array_equal(train.spectra, spectra_of(0, 2))
    assert train.spectra.dtype == np.float32
    assert settings.dark is None
    np.testing.assert_array_equal(train.verdicts, [0, 0])


@pytest.mark.parametrize("engine", [NumpyEngine, FusedEngine])
def test_the_energy_of_a_pulse_does_not_change_its_code(engine):
    """Twice the beam on one sample is not another sample."""
    rows = [spectra_of(index, 1) for index in (0, 1, 0, 1)]
    energy = np.array([100., 300., 900., 70.])
    raw = np.concatenate(rows) * energy[:, None] / 100
    train, settings = made(raw.astype(np.float32), energy)
    result = engine(MODEL).classify(train, settings)
    np.testing.assert_array_equal(result.label, [0, 1, 0, 1])
    np.testing.assert_allclose(result.intensity, result.intensity[0], 1e-5)


def test_who_is_not_normalised():
    raw = spectra_of(0, 6).astype(np.float32)
    raw[3, 5] = 4000
    train, settings = made(
        raw, [1., 0.2, np.nan, 9., 1., 0.1],
        verdicts=[0, 0, 0, 0, Code.SKIPPED, Code.BAD_DATA])
    np.testing.assert_array_equal(train.verdicts, [
        0, Code.LOW_INTENSITY, Code.BAD_DATA, Code.SATURATED, Code.SKIPPED,
        Code.BAD_DATA])
    # saturation is judged on counts, once
    assert settings.saturation_level == NEVER
    np.testing.assert_array_equal(
        made(raw, 9., closed=False)[0].verdicts[:2],
        [Code.LOW_INTENSITY] * 2)


def test_masked_strips_do_not_saturate():
    raw = spectra_of(0, 2).astype(np.float32)
    raw[:, 5] = 9000
    mask = np.zeros(CHANNELS, bool)
    mask[5] = True
    train, _ = made(raw, 1., Settings(mask=mask))
    assert not train.verdicts.any()


def test_equal_settings_stay_the_same_object():
    take, settings = PerEnergy(), Settings(dark=DARK)
    one, other = (take(make_train(1, spectra_of(0)), settings, MODEL,
                       beam_of(4, 1., 0.5))[1] for _ in range(2))
    assert one is other


def test_without_energies_there_is_no_spectrum():
    train = make_train(1, spectra_of(0))
    for beam in None, beam_of(4, None, 0.5, True):
        with pytest.raises(InputError, match="no monitor is joined"):
            PerEnergy()(train, Settings(), MODEL, beam)
    with pytest.raises(InputError, match="the stream is silent"):
        PerEnergy()(train, Settings(), MODEL, None, "the stream is silent")


def test_other_models_are_not_asked():
    assert not replace(MODEL, preprocessing=Preprocessing(
        normalisation="area")).preprocessing.by_monitor
