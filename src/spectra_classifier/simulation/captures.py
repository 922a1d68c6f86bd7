"""Labelled captures, as a crew would take them before it starts."""
import numpy as np

from ..core.dataset import Dataset
from ..core.spectra import Code

#: pulses below this share of the median intensity teach nothing
DIM = 0.2
#: trains from the start of one capture to the start of the next: enough for
#: drift to change, as it does at a beamline
CAPTURE_DISTANCE = 311


def take_captures(source, captures=4, trains=5, pulses=60, subtract_dark=True,
                  first_train=None, dim=DIM):
    """A `Dataset` of pure states, taken in turn: A B A B ...

    `source`: a `GotthardSource`; `captures` per class, each of `trains`
    trains with `pulses` pulses. Frames never received, those with switched
    strips and pulses below `dim` times the median intensity of the capture
    are left out. `subtract_dark` gives float32 spectra minus
    `source.dark`, else they are uint16 as recorded. Groups are captures.
    `first_train`: where the first capture begins, by default that of the
    source. Captures lie 311 trains apart, so that drift differs between
    them.
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
        signal = adc - source.dark
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


def _usable(train):
    return (train.label != Code.BAD_DATA) & ~train.gain.any(axis=1)
