"""Labelled captures, as operators take them before the experiment."""
import numpy as np
from numpy.typing import NDArray

from ..core.dataset import Dataset
from ..core.spectra import Code
from .gotthard import GotthardSource
from .train import SourceTrain

#: pulses below this share of the median intensity are left out
DIM = 0.2
#: trains from the start of one capture to the start of the next: enough for
#: drift to change, as it does at a beamline
CAPTURE_DISTANCE = 311


def take_captures(source: GotthardSource, captures: int = 4, trains: int = 5,
                  pulses: int = 60, subtract_dark: bool = True,
                  first_train: int | None = None, dim: float = DIM) -> Dataset:
    """Take captures of pure states in turn: A B A B ...

    Frames never received, those with switched strips and dim pulses are left
    out. Captures are 311 trains apart, so that drift differs between them.

    Parameters
    ----------
    source
        The detector.
    captures
        Number of captures of each class.
    trains
        Trains of each capture.
    pulses
        Pulses of each train.
    subtract_dark
        Whether the spectra are float32 above the dark; else uint16 as
        recorded.
    first_train
        Train id at which the first capture begins, by default that of the
        source.
    dim
        Pulses below this share of the median intensity of the capture are left
        out.

    Returns
    -------
    Dataset
        Groups are captures.
    """
    first = source.first_train if first_train is None else first_train
    states = len(source.classes)
    spectra, labels, groups = [], [], []
    for capture in range(captures * states):
        state = capture % states
        start = first + capture * CAPTURE_DISTANCE
        taken = [source.train(train_id, pulses, coordinate=state)
                 for train_id in range(start, start + trains)]
        adc = np.concatenate([train.adc[_usable(train)] for train in taken])
        signal = np.concatenate([source.signal(train)[_usable(train)]
                                 for train in taken])
        intensity = signal.mean(axis=1)
        bright = intensity >= dim * np.median(intensity)
        spectra.append((signal if subtract_dark else adc)[bright])
        labels += [state] * np.count_nonzero(bright)
        groups += [capture] * np.count_nonzero(bright)
    return Dataset(
        source.axis, np.concatenate(spectra), np.array(labels),
        source.classes, np.array(groups), provenance={
            "format": "simulated", "preset": source.preset.name,
            "scenario": source.scenario.name, "seed": source.seed,
            "first_train": first, "captures": captures, "trains": trains,
            "pulses": pulses, "dark_subtracted": bool(subtract_dark)})


def _usable(train: SourceTrain) -> NDArray[np.bool_]:
    received = train.label != Code.BAD_DATA
    return (received if train.gain is None
            else received & ~train.gain.any(axis=1))
