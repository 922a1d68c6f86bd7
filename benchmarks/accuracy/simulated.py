"""Simulated sets: SASE shots, third states, averages, changes under drift.

    python benchmarks/accuracy/simulated.py -o simulated.json

Needs nothing but the package. What stands in the output already is kept, so
that a run may be ended and taken up again.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import ours
import unknowns
from rich.progress import track

from spectra_classifier.simulation.published_ramp import ramp
from spectra_classifier.training.checks import (
    averaging_study as averaging,
)
from spectra_classifier.training.checks import (
    null_tests,
)

CHANNELS = 1280
#: shots per class: 3000 in all for training, 3000 for the test
SHOTS = 1500


def sase(shots, spike, centre, random):
    """Shots (N, 1280) of a self-amplified pulse.

    Complex Gaussian noise smoothed over `spike` channels (the longer the
    pulse, the narrower the spikes) under a Gaussian envelope of 160 channels
    around `centre`; energy gamma distributed (shape 4), noise 5 % of the
    mean.
    """
    width = 160.
    place = np.arange(CHANNELS)
    envelope = np.exp(-0.5 * ((place - centre) / width) ** 2)
    time = np.fft.fftfreq(CHANNELS)
    window = np.exp(-2 * (np.pi * time * spike) ** 2)
    field = (random.normal(size=(shots, CHANNELS))
             + 1j * random.normal(size=(shots, CHANNELS)))
    spikes = np.abs(np.fft.ifft(np.fft.fft(field) * window)) ** 2
    spikes /= spikes.mean()
    energy = random.gamma(4., 0.25, (shots, 1))
    shot = energy * envelope * spikes
    return shot + random.normal(size=shot.shape) * 0.05 * envelope.mean()


SASE = {
    "pulse twice as long": ((6., 640.), (3., 640.)),
    "centre shifted by 0.2 sigma": ((4., 640.), (4., 640. + 32.))}


def sase_set(name, random):
    """(spectra, labels) of one difference, classes in turn."""
    shots = [sase(SHOTS, *state, random) for state in SASE[name]]
    spectra = np.stack(shots, axis=1).reshape(-1, CHANNELS)
    return spectra, np.tile([0, 1], SHOTS)


def score_sase(name, seed=0):
    """Accuracy of `auto` on unseen shots."""
    random = np.random.default_rng(seed)
    definition, found = ours.train(*sase_set(name, random), 2)
    spectra, labels = sase_set(name, random)
    result = ours.classify(definition, spectra)
    return {"accuracy": float((result.scores.argmax(axis=1)
                               == labels).mean()),
            "n": len(labels),
            "codes_right": float((result.label == labels).mean()),
            "chosen": [j.candidate.name for j in found.chosen]}


# -- a third state, ever farther from the two that were taught ---------------

#: photons of a pulse; counts per photon
BRIGHT, ADU = 30_000, 4.


def pulses_of(curve, count, random, line=0.):
    """Pulses (N, 1280) of a ramp curve; `line`: a peak that no taught state
    has, its height in shares of the highest one."""
    pattern = np.maximum(ramp.patterns(ramp.axis(CHANNELS), [curve])[0] + 4,
                         0)
    place = np.arange(CHANNELS)
    pattern = pattern + line * pattern.max() * np.exp(
        -0.5 * ((place - 1000) / 6.) ** 2)
    energy = random.gamma(9., 1 / 9, (count, 1))
    shots = random.poisson(BRIGHT * energy * pattern / pattern.sum())
    return ADU * shots + random.normal(size=shots.shape) * 3.


def third_state(seed=0, count=300):
    """Curves 80 and 260 are taught; what becomes of others?"""
    random = np.random.default_rng(seed)
    taught = np.concatenate([pulses_of(c, count, random) for c in (80, 260)])
    definition, _ = ours.train(taught, np.repeat([0, 1], count), 2)
    cases = [(f"ramp curve {c}", c, 0.)
             for c in (80, 84, 88, 92, 96, 100, 110, 120, 160, 200, 240, 260)]
    cases += [(f"curve 80 and a line of {line:.0%}", 80, line)
              for line in (0.05, 0.1, 0.15, 0.2, 0.3, 0.5)]
    found = []
    for name, curve, line in cases:
        spectra = pulses_of(curve, count, random, line)
        result = ours.classify(definition, spectra)
        found.append({
            "state": name, "n": count,
            "distance": unknowns.distance(definition, spectra),
            "unknown": float((result.label == -1).mean()),
            "residual": float(np.median(result.residual)),
            "second_state": float(np.median(result.mixture[:, 1]))})
    return {"max_residual": float(definition.unknown.max_residual),
            "cases": found}


# -- a true change, with drift between captures ------------------------------

#: trials between two writings of the results
AT_A_TIME = 10
DRIFTS = ("none", "pedestal 1 ADU", "pedestal 2 ADU", "intensity step 2 %",
          "linear 0 to 5 ADU")


def captures(drift, random, per_class=4, trains=20, pulses=4, photons=300,
             adu=4., states=(80., 260.)):
    """A `Dataset` of interleaved captures A B A B ... of two curves of the
    ramp.

    Drift: a pedestal pattern of its own for every capture, a step of the
    intensity of every second capture, or one pattern that grows linearly with
    the train from 0 to 5 ADU rms.
    """
    curves = np.maximum(ramp.patterns(ramp.axis(CHANNELS), states) + 4., 0)
    curves /= curves.sum(axis=1, keepdims=True)
    pattern = random.normal(size=CHANNELS)
    spectra, labels, groups = [], [], []
    count = 2 * per_class
    for capture in range(count):
        state = capture % 2
        level = photons * (1.02 if drift == "intensity step 2 %"
                           and state else 1.)
        own = random.normal(size=CHANNELS)
        for train in range(trains):
            shot = adu * random.poisson(level * curves[state],
                                        (pulses, CHANNELS))
            shot = shot + random.normal(size=shot.shape) * 3.
            if drift.startswith("pedestal"):
                shot += own * float(drift.split()[1])
            elif drift.startswith("linear"):
                shot += pattern * 5 * (capture * trains + train) / (
                    count * trains)
            spectra.append(shot)
            labels += [state] * pulses
            groups += [capture] * pulses
    return ours.dataset(np.concatenate(spectra), np.array(labels), 2,
                        np.array(groups))


def verdicts(drift, trials, known):
    """How often the guards call the states separable: `known`, an entry of
    fewer trials or None, with the next `AT_A_TIME` trials."""
    entry = known or {"drift": drift, "trials": 0, "separable": 0,
                      "accuracy": [], "null": []}
    done = entry["trials"]
    for trial in range(done, min(done + AT_A_TIME, trials)):
        found = null_tests.check(captures(
            drift, np.random.default_rng((0, True, trial))))
        entry["trials"] += 1
        entry["separable"] += found["verdict"] == "separable"
        entry["accuracy"].append(found["accuracy"])
        entry["null"].append(found["null"])
    return entry


# -- means of pulses against sums of what single pulses say -----------------


def averaging_study(seed=0):
    """Accuracy against k for two states that single pulses hardly tell
    apart: curves 120 and 128, 300 photons."""
    return averaging.study(captures(
        "none", np.random.default_rng(seed), pulses=8,
        states=(120., 128.)), 4)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True)
    parser.add_argument("--trials", type=int, default=100,
                        help="per drift")
    arguments = parser.parse_args()
    path = arguments.output
    found = (json.loads(path.read_text()) if path.is_file()
             else {"sase": {}, "third_state": None, "changes": {}})

    def save():
        path.write_text(json.dumps(found, indent=1))

    for name in track([n for n in SASE if n not in found["sase"]], "SASE"):
        found["sase"][name] = score_sase(name)
        save()
    if not found["third_state"]:
        found["third_state"] = third_state()
        save()
    if "averaging" not in found:
        found["averaging"] = averaging_study()
        save()
    for drift in track(DRIFTS, "Changes"):
        entry = found["changes"].get(drift)
        while not entry or entry["trials"] < arguments.trials:
            entry = verdicts(drift, arguments.trials, entry)
            found["changes"][drift] = entry
            save()
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
