"""The source that the settings of the simulator ask for."""
from dataclasses import dataclass
from pathlib import Path

from ... import files
from ...errors import ConfigurationError
from ...simulation.gotthard import GotthardSource
from ...simulation.presets import preset
from ...simulation.published_ramp.curve_source import CurveSource
from ...simulation.replay import ReplaySource
from ...simulation.scenario import scenario
from ...simulation.timeline import Timeline

type TrainSource = CurveSource | ReplaySource | GotthardSource

#: as the receiver of the facility sends it, and with every frame in place
RECEIVER, IDEAL = "gotthard2", "gotthard2 ideal"
PROFILES = (RECEIVER, IDEAL, "curves", "replay")


@dataclass(frozen=True)
class SourceSettings:
    """Everything that a source is made of; see the device's properties."""
    profile: str
    preset: str
    scenario: str
    seed: int
    first_train: int
    hold: int
    mixing: int
    replay_file: str
    replay_pulses: int
    replay_singles_first: bool
    replay_cyclic: bool
    frames: int = 0


def make_source(settings: SourceSettings, first_train: int) -> TrainSource:
    """The source, its first train id being `first_train`.

    Reads a file or draws pools of random numbers: call it in a thread.
    Raises `SpectraError`.
    """
    if settings.profile == "curves":
        return CurveSource(settings.seed, first_train)
    if settings.profile == "replay":
        return ReplaySource(
            files.read(_existing(settings.replay_file)),
            settings.replay_pulses, settings.replay_cyclic, first_train,
            settings.replay_singles_first)
    if settings.profile not in (RECEIVER, IDEAL):
        raise ConfigurationError(f"profile {settings.profile!r}: use one of "
                                 f"{', '.join(PROFILES)}")
    states = len(scenario(settings.scenario).classes)
    source = GotthardSource(
        preset(settings.preset), settings.scenario, settings.seed,
        first_train, Timeline(states, settings.hold, settings.mixing),
        receiver=settings.profile == RECEIVER, frames=settings.frames)
    source.train(first_train, 1)    # compiles here, not at the first tick
    return source


def _existing(path: str) -> Path:
    if not path.strip():
        raise ConfigurationError("no file to replay: set replay.file")
    found = Path(path).expanduser()
    if not found.is_absolute():
        raise ConfigurationError(
            f"replay.file {path!r} is relative to the folder of the device "
            "server: give the absolute path")
    if not (found.is_file() or found.is_dir()):
        raise ConfigurationError(f"replay.file {path!r} does not exist on "
                                 "the machine of the device server")
    return found.resolve()
