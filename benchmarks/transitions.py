"""Transitions of simulated sequences: number, interval, oracle.

    python benchmarks/transitions.py -o transitions.json [--sequences 200]
    python benchmarks/transitions.py --passing 63401

Eight kinds of sequences. For each: how often the number of transitions is
right, how often the interval holds the step at which the fraction of the new
state reaches one half, and the number of steps in it, compared with an
oracle that knows everything but the place: the levels, the shape of the
change and the noise; of a slow wave its height, but neither its period nor
its phase. Then the transitions that a device publishes: trains of pulses of
which some have the wrong label or none, some trains lost, beside an oracle
that knows how long the change takes and the share of wrong labels.

`--passing SEED` counts the transitions of 50 series that pass through states
in order, with noise that persists, from that seed on.

The seeds of `DEVELOPMENT` are for choices, `KEPT` is that of the table. Kinds
that OUTPUT has are not computed again.
"""
import argparse
import json
import statistics
from pathlib import Path

import numpy as np

from spectra_classifier.core.decision import (
    DecisionConfig,
    DecisionState,
    ModelStanding,
    Observation,
    step,
)
from spectra_classifier.core.evaluation.changepoint import transitions

STEPS = 349
DEVELOPMENT, KEPT = range(59001, 59100), 59501
#: noise of the fraction of the new state
NOISE = {"step": 0.8, "certain": 1e-16, "noisy mixture": 0.5, "ramp": 0.15,
         "correlated": 0.5, "slow wave": 0.5, "there and back": 0.6,
         "plateau": 0.4}
#: what changes again later: back, or the rest of a change that halts
SECOND = {"there and back": -1., "plateau": 0.3}
#: correlation from step to step
PERSISTS = 0.7
#: height, shortest and longest period of the slow wave
WAVE, PERIODS = 0.25, (60, 120)


def wave_of(kind, random):
    """Noise (N,) of the fraction."""
    white = random.normal(size=STEPS)
    noise = NOISE[kind] * white
    if kind == "correlated":
        for i in range(1, STEPS):
            noise[i] = (PERSISTS * noise[i - 1]
                        + np.sqrt(1 - PERSISTS ** 2) * noise[i])
    if kind == "slow wave":
        wave = WAVE * np.sin(2 * np.pi * (
            np.arange(STEPS) / random.uniform(*PERIODS) + random.random()))
        return wave + noise
    return noise


def course(kind, places):
    """Fraction (N,) of the new state with changes at two places."""
    time = np.arange(STEPS, dtype=float)
    first, second = places
    if kind == "ramp":
        return np.clip((time - first) / 60 + 0.5, 0, 1)
    size = SECOND.get(kind, 0.)
    return (1 - max(size, 0)) * (time >= first) + size * (time >= second)


def sequence(kind, random):
    """(scores, mixture, steps of the transitions, oracle's intervals)."""
    place = random.integers(80, 220) + (
        random.random() if kind == "ramp" else 0)
    later = place + 80
    fraction = course(kind, (place, later))
    noise = wave_of(kind, random)
    seen = fraction + noise
    # calibrated, but where the mixture alone is noisy
    odds = (20 * (fraction - 0.5) if kind == "noisy mixture"
            else (seen - 0.5) / max(NOISE[kind], 0.1) ** 2)
    new = 1 / (1 + np.exp(-odds))
    scores = np.stack([1 - new, new], axis=1)
    mixture = np.clip(np.stack([1 - seen, seen], axis=1), 0, 1)
    above = fraction >= 0.5
    edges = np.flatnonzero(np.diff(above)) + 1
    if kind == "noisy mixture":         # the probabilities are certain
        noise = 1e-16 * noise
    return (scores.astype(np.float32), mixture.astype(np.float32), edges,
            oracle(kind, fraction, noise, place, later))


def waves():
    """All slow waves (K, N) by period and phase."""
    period = np.linspace(*PERIODS, 41)[:, None, None]
    phase = np.arange(32)[:, None] / 32
    return WAVE * np.sin(2 * np.pi * (
        np.arange(STEPS) / period + phase)).reshape(-1, STEPS)


def oracle(kind, fraction, noise, place, later):
    """Steps (low, high) of the first transition, from its posterior."""
    def whitened(values):
        if kind != "correlated":
            return values
        return np.append(np.sqrt(1 - PERSISTS ** 2) * values[0],
                         values[1:] - PERSISTS * values[:-1])

    around = waves() if kind == "slow wave" else np.zeros((1, STEPS))
    power = np.square(around).sum(axis=1)
    variance = (NOISE[kind] ** 2 if kind == "slow wave"
                else max(np.mean(np.square(whitened(noise))), 1e-12))
    parts = np.arange(-40, 41) if kind != "ramp" else np.arange(-40, 41, 0.25)
    if kind == "ramp":
        parts = parts - place % 1
    chance, first = [], []
    for part in parts:
        other = course(kind, (place + part, later))
        rest = whitened(fraction + noise - other)
        wrong = rest @ rest - 2 * around @ rest + power
        chance.append(np.logaddexp.reduce(-0.5 * wrong / variance))
        first.append(int(np.argmax(other >= 0.5)))
    mass = np.zeros(STEPS)
    np.add.at(mass, first, np.exp(np.array(chance) - max(chance)))
    return shortest(mass)


def shortest(mass):
    """First and last place of the shortest interval with 95 % of a mass."""
    before = np.append(0, np.cumsum(mass / mass.sum()))
    low = np.arange(len(mass))
    high = np.searchsorted(before, before[:-1] + 0.95 - 1e-12) - 1
    length = np.where(high < len(mass), high - low, len(mass))
    best = int(length.argmin())
    return best, int(high[best])


#: words, trains that a change takes, share of wrong labels and of unknown ones
LIVE = (("sharp, all labels right", 1, 0., 0.),
        ("sharp, 10 % wrong", 1, 0.1, 0.),
        ("over 10 trains, 10 % wrong", 10, 0.1, 0.),
        ("over 50 trains, 10 % wrong", 50, 0.1, 0.),
        ("over 50 trains, 20 % wrong, 15 % unknown", 50, 0.2, 0.15))
LIVE_PULSES, LOST = 60, 0.03


def live(takes, wrong, unknown, random):
    """Figures of one stream."""
    config, state = DecisionConfig(("old", "new")), DecisionState()
    start, lost, found, seen = random.uniform(60, 80), 0, [], []
    crossed = int(np.ceil(start + takes / 2))
    for train in range(1, 200):
        share = np.clip((train - start) / takes, 0, 1)
        if random.random() < LOST:
            lost += 1
            continue
        labels = (random.random(LIVE_PULSES) < share).astype(np.int8)
        labels ^= (random.random(LIVE_PULSES) < wrong).astype(np.int8)
        labels[random.random(LIVE_PULSES) < unknown] = -1
        state, said = step(state, Observation(
            train, labels, 0.1 * train, ModelStanding(), lost=lost), config)
        lost = 0
        if len(found) < 2:
            seen.append((train, *(np.count_nonzero(labels == c)
                                  for c in (0, 1))))
        if said.sample_state >= 0 and (
                not found or found[-1].sample_state != said.sample_state):
            found.append(said)
    low, high = live_oracle(np.array(seen), takes, wrong)
    return figures(
        len(found) == 2, [(found[1].transition_earliest,
                           found[1].transition_latest)]
        if len(found) == 2 else [], [crossed], (low, high))


def live_oracle(seen, takes, wrong):
    """The same from the trains (N, 3) until the class is decided."""
    train, old, new = seen.T
    start = np.arange(20, 120, 0.25)[:, None]
    share = np.clip((train - start) / takes, 0, 1)
    share = np.clip(wrong + (1 - 2 * wrong) * share, 1e-9, 1 - 1e-9)
    chance = old @ np.log(1 - share).T + new @ np.log(share).T
    mass = np.zeros(200)
    np.add.at(mass, np.ceil(start[:, 0] + takes / 2).astype(int),
              np.exp(chance - chance.max()))
    return shortest(mass)


def figures(right, found, edges, known):
    """Plain figures of one sequence."""
    low, high = known
    return {"right": bool(right),
            "holds": [bool(a <= edge <= b) for (a, b), edge
                      in zip(found, edges, strict=True)] if right else [],
            "width": [int(b - a + 1) for a, b in found] if right else [],
            "oracle_holds": bool(low <= edges[0] <= high),
            "oracle_width": int(high - low + 1)}


def offline(kind, random):
    """Figures of one sequence."""
    scores, mixture, edges, known = sequence(kind, random)
    found = transitions(scores, mixture)
    return figures(len(found) == len(edges),
                   [(each.low, each.high) for each in found], edges, known)


def summary(rows):
    """{figure: value} of a kind."""
    width = [each for row in rows for each in row["width"]]
    ideal = [row["oracle_width"] for row in rows]
    return {
        "right": float(np.mean([row["right"] for row in rows])),
        "holds": float(np.mean([e for row in rows for e in row["holds"]])),
        "oracle_holds": float(np.mean([row["oracle_holds"]
                                       for row in rows])),
        "width": float(statistics.median_grouped(width)),
        "oracle_width": float(statistics.median_grouped(ideal))}


def passing(seed, changes, persists, width):
    """Probabilities (N, 5) of a series through states in order.

    Changes take up to `width` steps, and noise in all log-odds persists.
    """
    random = np.random.default_rng(seed)
    while True:
        places = np.sort(random.integers(30, STEPS - 30, changes))
        if changes < 2 or np.diff(places).min() >= 20:
            break
    course = sum(1 / (1 + np.exp(-(np.arange(STEPS) - place)
                                 / random.uniform(1, width)))
                 for place in places)
    odds = np.zeros((STEPS, 5))
    for number, state in enumerate(random.permutation(5)):
        odds[:, state] = -6 * np.minimum((course - number) ** 2, 1.5)
    noise = random.normal(size=(STEPS, 5))
    for i in range(1, STEPS):
        noise[i] = persists * noise[i - 1] + np.sqrt(
            1 - persists ** 2) * noise[i]
    odds += random.uniform(0.3, 2.5) * noise
    share = np.exp(odds - odds.max(axis=1, keepdims=True))
    return share / share.sum(axis=1, keepdims=True)


def count_passing(seed, series=50):
    for changes in 1, 2, 4:
        for persists in 0, PERSISTS, 0.95:
            for width in 2, 8:
                found = np.array([len(transitions(passing(
                    seed + number, changes, persists, width)))
                    for number in range(series)])
                print(f"{changes} changes, noise {persists}, width {width}: "
                      f"right {np.mean(found == changes):.0%}, too many "
                      f"{np.mean(found > changes):.0%}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--seed", type=int, default=KEPT)
    parser.add_argument("--kinds", nargs="*", default=[""],
                        help="words in the names of the kinds")
    parser.add_argument("--passing", type=int, metavar="SEED")
    options = parser.parse_args()
    if options.passing is not None:
        count_passing(options.passing)
        return
    streams = {
        "offline": {kind: (offline, (kind,)) for kind in NOISE},
        "live": {words: (live, kind) for words, *kind in LIVE}}
    found = (json.loads(options.output.read_text())
             if options.output and options.output.is_file() else {})
    for place, kinds in streams.items():
        for number, (words, (figures_of, kind)) in enumerate(kinds.items()):
            if (words in found.setdefault(place, {}) or not any(
                    word in words for word in options.kinds)):
                continue
            random = np.random.default_rng(
                (options.seed, list(streams).index(place), number))
            rows = [figures_of(*kind, random)
                    for _ in range(options.sequences)]
            found[place][words] = rows
            print(f"{place}, {words}:", " ".join(
                f"{name} {value:.3f}" for name, value
                in summary(rows).items()), flush=True)
            if options.output:
                options.output.write_text(json.dumps(found))


if __name__ == "__main__":
    main()
