"""A spectrometer like a Gotthard-II at a beamline that drifts."""
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ...core.spectra import Axis, Code
from ...errors import ConfigurationError
from ..presets import CHANNELS, Preset
from ..scenario import MARGIN, scenario
from ..timeline import Moment, Timeline
from ..train import SourceTrain, frame_numbers, require_pulses
from .drift import Disturbance, drift_at
from .frames import CHIP, FINE, expose, photon_pool

#: photons kept per state, noise values kept; see docs/simulation.md
PHOTON_POOL, NOISE_POOL = 1 << 20, 1 << 20
# what the random numbers of a train, and those of the detector, derive from
_TRAIN_KEY, _DETECTOR_KEY, _POOL_KEY, _CELL_KEY = 1, 2, 3, 4
# waves of the ripple that is common to a train
_RIPPLES = 4


class GotthardSource:
    """Trains of a simulated Gotthard-II; equal arguments, equal trains.

    Every train is a function of the arguments and its train id alone, so
    any of them can be made at any time. Making the source takes about 0.1 s
    per state and draws the pools of photons and noise from which all trains
    take random pieces; docs/simulation.md lists what is drawn for each train.

    Parameters
    ----------
    preset
        Constants of detector and beam.
    scenario_name
        One of `scenario.SCENARIOS`.
    seed
        Of all random numbers.
    first_train
        Train id at which the timeline begins.
    timeline
        State of the sample, by default that of `Timeline`.
    channels
        Number of strips.
    disturbance
        A change on command.
    receiver
        Whether trains are sent in the form of the receiver of the facility,
        and memory cells have two pedestals.
    frames
        Buffers of the receiver for a train, whatever the number of pulses;
        0 for one per pulse.

    Raises
    ------
    ConfigurationError
        If timeline and scenario have different numbers of states.
    """

    dtype = np.uint16

    def __init__(self, preset: Preset, scenario_name: str = "ramp",
                 seed: int = 0, first_train: int = 0,
                 timeline: Timeline | None = None, channels: int = CHANNELS,
                 disturbance: Disturbance | None = None,
                 receiver: bool = False, frames: int = 0) -> None:
        self.preset = preset
        self.disturbance = disturbance or Disturbance()
        self.scenario = scenario(scenario_name, channels)
        self.seed = int(seed)
        self.first_train = int(first_train)
        states = len(self.scenario.density)
        self.timeline = timeline or Timeline(states)
        if self.timeline.states != states:
            raise ConfigurationError(
                f"a timeline of {self.timeline.states} states for scenario "
                f"{scenario_name!r}, which has {states}")
        random = np.random.default_rng((_POOL_KEY, self.seed))
        self._pools = np.array([photon_pool(density, PHOTON_POOL, random)
                                for density in self.scenario.density])
        # photons beyond the ends of the axis are in the pool as well
        self._total = self.scenario.density.sum(axis=1)
        self._noise = np.float32(preset.read_noise) * (
            random.standard_normal(NOISE_POOL, np.float32))
        self.receiver, self.frames = bool(receiver), int(frames)
        self._detector = _Detector(preset, self.seed, channels)
        self._cells = np.zeros((2, channels), np.float32)
        if receiver:
            self._cells[0] = self._detector.cells
            self._cells[1] = -self._detector.cells

    @property
    def axis(self) -> Axis:
        return self.scenario.axis

    @property
    def classes(self) -> tuple[str, ...]:
        return self.scenario.classes

    @property
    def channels(self) -> int:
        return len(self.axis)

    @property
    def dark(self) -> NDArray[np.float32]:
        """Mean spectrum without photons and without drift, (channels,)."""
        return self._detector.pedestal.copy()

    @property
    def darks(self) -> NDArray[np.float32]:
        """The same of even and of odd memory cells, (2, channels)."""
        return self._detector.pedestal + self._cells

    def signal(self, train: SourceTrain) -> NDArray[np.float32]:
        """The counts of a train above the dark of their memory cells."""
        return train.adc - self.darks[np.arange(train.pulses) % 2]

    def moment(self, train_id: int) -> Moment:
        """The state of the sample during a train."""
        return self.timeline.at(train_id - self.first_train)

    def train(self, train_id: int, pulses: int,
              coordinate: ArrayLike | None = None, light: bool = True,
              sample: bool = True) -> SourceTrain:
        """Make the train of that id.

        Parameters
        ----------
        train_id
            Id of the train.
        pulses
            Number of pulses.
        coordinate
            Sample state of every pulse, scalar or (pulses,), instead of that
            of the timeline.
        light
            Whether there is beam; the detector runs in the dark otherwise.
        sample
            Whether the beam meets a sample; no light reaches the detector
            otherwise.

        Raises
        ------
        ConfigurationError
            If a train cannot have so many pulses.
        """
        require_pulses(pulses)
        made, pulses = pulses, self.frames or pulses
        moment = self.moment(train_id)
        states = np.broadcast_to(np.asarray(
            moment.coordinate if coordinate is None else coordinate,
            np.float64), (pulses,))
        random = np.random.default_rng((_TRAIN_KEY, self.seed, train_id))
        lost = random.random(pulses) < self.preset.lost_share
        lost[made:] = True
        adc = np.zeros((pulses, self.channels), np.uint16)
        gain = np.zeros((pulses, self.channels), np.uint8)
        energy = np.zeros(pulses)
        if pulses:
            energy = self._expose(train_id, states, random, lost, adc,
                                  gain, light and sample)
        label = np.floor(states + 0.5).astype(np.int8)
        if not (light and sample):
            label[:] = Code.LOW_INTENSITY
        label[lost] = Code.BAD_DATA
        before = max(train_id - self.first_train, 0) * made
        return SourceTrain(
            train_id, adc, gain, *frame_numbers(pulses, lost), label,
            states.astype(np.float32), np.full(pulses, -1),
            self.first_train + moment.transition, moment.distance,
            (energy * light).astype(np.float32),
            before if self.receiver else None)

    def _expose(self, train_id: int, coordinate: NDArray[np.float64],
                random: np.random.Generator, lost: NDArray[np.bool_],
                adc: NDArray[np.uint16], gain: NDArray[np.uint8],
                light: bool) -> NDArray[np.float64]:
        preset = self.preset
        pulses = len(adc)
        drift = self.disturbance.on(
            drift_at(preset, self.seed, train_id), train_id)
        counts, energy = self._photons(coordinate, random)
        counts *= int(light)
        starts = random.integers(0, PHOTON_POOL - counts, endpoint=True)
        pedestal = (self._detector.pedestal + drift.pedestal
                    + drift.pattern * self._detector.pattern
                    + _common(preset.train_noise, self.channels, random)
                    + self.disturbance.line(self.channels, train_id))
        expose(
            self._pools, counts, starts, _fine(drift.shift), MARGIN,
            np.float32(drift.gain) * self._detector.gain,
            pedestal.astype(np.float32), self._cells,
            np.float32(preset.chip_noise) * random.standard_normal(
                (pulses, -(-self.channels // CHIP)), np.float32),
            self._noise,
            random.integers(0, NOISE_POOL - self.channels, pulses),
            preset.switch_level, np.float32(preset.switched_pedestal),
            np.float32(preset.switched_gain), self._detector.dead, lost,
            adc, gain)
        return energy

    def _photons(self, coordinate: NDArray[np.float64],
                 random: np.random.Generator
                ) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Poisson numbers of photons from every state, (P, K) int64, and
        the energies of the pulses, (P,)."""
        preset = self.preset
        pulses = len(coordinate)
        energy = random.gamma(preset.energy_shape, 1 / preset.energy_shape,
                              pulses)
        empty = random.random(pulses) < preset.empty_share
        energy[empty] = preset.empty_energy * random.random(
            np.count_nonzero(empty))
        states = np.arange(len(self._pools))
        share = np.clip(1 - np.abs(coordinate[:, None] - states), 0, 1)
        mean = preset.photons * energy[:, None] * share * self._total
        return np.minimum(random.poisson(mean), PHOTON_POOL), energy


class _Detector:
    """Strips as they were made: fixed by (preset, seed)."""

    def __init__(self, preset: Preset, seed: int, channels: int) -> None:
        random = np.random.default_rng((_DETECTOR_KEY, seed))
        self.gain = (preset.gain * (1 + preset.gain_pattern
                     * random.standard_normal(channels))).astype(np.float32)
        self.pedestal = (preset.pedestal + preset.pedestal_pattern
                         * random.standard_normal(channels)).astype(np.float32)
        self.pattern = random.standard_normal(channels)
        self.dead = random.permutation(channels)[:preset.dead_strips]
        self.gain[self.dead] = 0
        self.pedestal[self.dead] = 0
        self.cells = (preset.cell_pedestal * np.random.default_rng(
            (_CELL_KEY, seed)).standard_normal(channels)).astype(np.float32)
        self.cells[self.dead] = 0


def _common(size: float, channels: int,
            random: np.random.Generator) -> NDArray[np.float64]:
    """Noise that all pulses of a train share: an offset and a ripple."""
    place = np.linspace(0, 2 * np.pi, channels)
    wave = random.integers(1, 12, _RIPPLES)[:, None]
    phase = random.uniform(0, 2 * np.pi, _RIPPLES)[:, None]
    ripple = np.sin(wave * place + phase).sum(axis=0) / np.sqrt(_RIPPLES / 2)
    return size * (random.standard_normal() + ripple) / np.sqrt(2)


def _fine(shift: float) -> int:
    limit = MARGIN * FINE - 1
    return int(np.clip(round(shift * FINE), -limit, limit))
