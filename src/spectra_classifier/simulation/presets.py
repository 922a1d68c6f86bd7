"""The difficulty of the simulated beamline: three sets of constants.

ADU is one unit of the 12-bit converter. Nothing here depends on the class: a
drift moves both classes alike, and all states have equal mean intensity.
"""
from dataclasses import dataclass

from ..errors import ConfigurationError

#: strips of a Gotthard-II module, values of its converter
CHANNELS = 1280
ADC_MAX = 4095


@dataclass(frozen=True)
class Preset:
    """Constants of detector and beam.

    Beam: `photons` mean number per spectrum; `energy_shape` of the gamma
    distributed pulse energy (its relative spread is 1/sqrt of it);
    `empty_share` of pulses with at most `empty_energy` of the mean energy.

    Detector: `gain` in ADU per photon, `gain_pattern` its relative rms from
    strip to strip; `pedestal` in ADU and `pedestal_pattern`, its rms from
    strip to strip; `read_noise` in ADU rms per strip and pulse;
    `chip_noise`, common to the 128 strips of one readout chip in one pulse,
    and `train_noise`, common to the pulses of one train (an offset and a
    ripple over the strips), both ADU rms; `dead_strips`, which read 0;
    `switch_level`: a strip above it changes to gain stage 1, where the ADC
    value starts at `switched_pedestal` and grows by `switched_gain` ADU per
    photon (a real threshold lies near the end of the range; here it is low
    enough that some pulses reach it);
    `lost_share` of frames that never arrive;
    `cell_pedestal` in ADU rms from strip to strip, by which the pedestals of
    even and odd memory cells differ from their mean (`GotthardSource` with
    `receiver`).

    Drift, bounded, independent of the class: `gain_drift` (relative),
    `pedestal_drift` (ADU), `pattern_drift` (ADU rms of a second pedestal
    pattern) and `axis_drift` (channels) are amplitudes of a slow change over
    `drift_period` trains; the `..._step` are standard deviations of levels
    that jump every `step_period` trains.
    """
    name: str
    photons: float
    energy_shape: float
    empty_share: float
    gain: float
    gain_pattern: float
    pedestal: float
    pedestal_pattern: float
    read_noise: float
    chip_noise: float
    train_noise: float
    dead_strips: int
    lost_share: float
    gain_drift: float
    gain_step: float
    pedestal_drift: float
    pedestal_step: float
    pattern_drift: float
    axis_drift: float
    axis_step: float
    drift_period: int = 900
    step_period: int = 130
    empty_energy: float = 0.02
    switch_level: float = 3800.
    switched_pedestal: float = 700.
    switched_gain: float = 4.
    cell_pedestal: float = 12.


EASY = Preset(
    "easy", photons=4000, energy_shape=25, empty_share=0.,
    gain=60, gain_pattern=0.01, pedestal=250, pedestal_pattern=15,
    read_noise=12, chip_noise=3., train_noise=0.3,
    dead_strips=2, lost_share=0.,
    gain_drift=0.005, gain_step=0.002, pedestal_drift=0.5,
    pedestal_step=0.2, pattern_drift=0.2, axis_drift=0.1, axis_step=0.05,
    cell_pedestal=4.)

REALISTIC = Preset(
    "realistic", photons=2000, energy_shape=4, empty_share=0.03,
    gain=60, gain_pattern=0.02, pedestal=250, pedestal_pattern=25,
    read_noise=18, chip_noise=15., train_noise=1.,
    dead_strips=8, lost_share=1e-4,
    gain_drift=0.04, gain_step=0.02, pedestal_drift=3.,
    pedestal_step=1., pattern_drift=2., axis_drift=1.2, axis_step=0.4,
    switch_level=1800.)

HARD = Preset(
    "hard", photons=1000, energy_shape=2, empty_share=0.1,
    gain=60, gain_pattern=0.04, pedestal=250, pedestal_pattern=40,
    read_noise=25, chip_noise=30., train_noise=3.,
    dead_strips=25, lost_share=1e-3,
    gain_drift=0.10, gain_step=0.05, pedestal_drift=8.,
    pedestal_step=3., pattern_drift=5., axis_drift=2., axis_step=1.,
    switch_level=1200., cell_pedestal=20.)

PRESETS = {preset.name: preset for preset in (EASY, REALISTIC, HARD)}


def preset(name: str) -> Preset:
    """The preset of that name.

    Raises
    ------
    ConfigurationError
        If there is none.
    """
    if name not in PRESETS:
        raise ConfigurationError(f"preset {name!r}: use one of "
                                 f"{', '.join(PRESETS)}")
    return PRESETS[name]
