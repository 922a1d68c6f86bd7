"""Labelled captures, as a crew would take them before it starts."""
import numpy as np

from ..core.dataset import Dataset
from ..core.spectra import Code

#: trains from the start of one capture to the start of the next: enough for
#: drift to change, as it does at a beamline
CAPTURE_DISTANCE = 311


def take_captures(source, captures=4, trains=5, pulses=60, subtract_dark=True,
                  first_train=None):
    """A `Dataset` of pure states, taken in turn: A B A B ...

    `source`: a `GotthardSource`; `captures` per class, each of `trains`
    trains with `pulses` pulses. Frames never received and those with
    switched strips are left out; near-empty pulses are kept, since a crew
    cannot know them. `subtract_dark` gives float32 spectra minus
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
        for train_id in range(start, start + trains):
            train = source.train(train_id, pulses, coordinate=state)
            good = (train.label != Code.BAD_DATA) & ~train.gain.any(axis=1)
            adc = train.adc[good]
            spectra.append(adc - source.dark if subtract_dark else adc)
            labels += [state] * len(adc)
            groups += [capture] * len(adc)
    return Dataset(
        source.axis, np.concatenate(spectra), np.array(labels),
        source.classes, np.array(groups), provenance={
            "format": "simulated", "preset": source.preset.name,
            "scenario": source.scenario.name, "seed": source.seed,
            "first_train": first, "captures": captures, "trains": trains,
            "pulses": pulses, "dark_subtracted": bool(subtract_dark)})
