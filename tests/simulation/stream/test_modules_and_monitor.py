"""The second module and the monitor of the simulated beamline."""
import numpy as np
import pytest

from spectra_classifier.core.preprocessing.detector_modules import (
    JOINS,
    join_modules,
)
from spectra_classifier.devices.spectrometer_simulator.channels import (
    monitor_hash,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.simulation.stream.faults import message
from spectra_classifier.simulation.stream.feed import Feed
from spectra_classifier.simulation.stream.modules_and_monitor import (
    check_split,
    energies,
    half,
)

FIRST = 100


@pytest.fixture(scope="module")
def source():
    return GotthardSource(preset("easy"), "ramp", 3, FIRST)


@pytest.mark.parametrize("how", JOINS[1:])
def test_both_halves_are_the_whole(source, how):
    arrays = message(source.train(FIRST, 20)).arrays
    one, other = (half(arrays, how, second) for second in (False, True))
    for part in one, other:
        assert part["adc"].shape == (20, source.channels // 2)
        assert part["adc"].flags.c_contiguous
    joined = join_modules(
        {"data": one["adc"], "gain": one["gain"]},
        {"data": other["adc"], "gain": other["gain"]}, how)
    np.testing.assert_array_equal(joined["data"], arrays["adc"])
    np.testing.assert_array_equal(joined["gain"], arrays["gain"])
    assert half(arrays, "off", True) is arrays


def test_odd_channels_cannot_be_halved():
    check_split("off", 5)
    with pytest.raises(ConfigurationError, match="5 channels"):
        check_split("appended", 5)


def test_the_monitor_tells_a_closed_shutter_from_a_sample_that_is_gone(
        source):
    feed = Feed(source, 300)

    def tick():
        [sent] = feed.tick()
        return sent, energies(sent.train)
    sent, energy = tick()
    with_sample = sent.train.adc.mean()
    assert 500 < energy.mean() < 1500
    assert energy.dtype == np.float32
    signal = (sent.train.adc - source.dark).mean(axis=1)
    assert np.corrcoef(signal, energy)[0, 1] > 0.9
    feed.sample = False
    sent, energy = tick()
    gone = sent.train.adc.mean()
    assert gone < with_sample
    assert 500 < energy.mean() < 1500
    assert (sent.train.label < 0).all()
    feed.light = False
    sent, energy = tick()
    assert not energy.any()
    assert sent.train.adc.mean() == pytest.approx(gone, rel=0.02)
    data = monitor_hash(sent, False)["data"]
    assert data["shutterOpen"] is False
    assert len(data["intensityTD"]) == 300


def test_what_the_sample_is_does_not_change_the_dice(source):
    """Equal trains as ever, and equal energies without a sample."""
    one, other = source.train(FIRST, 50), source.train(FIRST, 50,
                                                       sample=False)
    np.testing.assert_array_equal(one.energy, other.energy)
