"""Transitions of simulated sequences: number, interval, oracle.

    python benchmarks/transitions.py [--sequences 200] [--seed 0] [--live]

Seven kinds of sequences. For each: how often the number of transitions is
right, how often the interval holds the step at which the fraction of the new
state reaches one half, and the median number of steps in it, compared with an
oracle that knows everything but the place: the levels, the shape of the
change and the noise. With `--live` the transitions that a device publishes:
trains of pulses of which some have the wrong label or none, some trains lost.
"""
import argparse

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
#: noise of the fraction of the new state
NOISE = {"step": 0.8, "certain": 1e-16, "noisy mixture": 0.5, "ramp": 0.15,
         "correlated": 0.5, "slow wave": 0.5, "there and back": 0.6,
         "plateau": 0.4}
#: what changes again later: back, or the rest of a change that halts
SECOND = {"there and back": -1., "plateau": 0.3}
#: correlation from step to step
PERSISTS = 0.7


def wave_of(kind, random):
    """(noise (N,) of the fraction, what the oracle does not know of it)."""
    white = random.normal(size=STEPS)
    noise = NOISE[kind] * white
    if kind == "correlated":
        for i in range(1, STEPS):
            noise[i] = (PERSISTS * noise[i - 1]
                        + np.sqrt(1 - PERSISTS ** 2) * noise[i])
    if kind == "slow wave":
        wave = 0.25 * np.sin(2 * np.pi * (
            np.arange(STEPS) / random.uniform(60, 120) + random.random()))
        return wave + noise, noise
    return noise, noise


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
    noise, unknown = wave_of(kind, random)
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
        unknown = 1e-16 * unknown
    return (scores.astype(np.float32), mixture.astype(np.float32), edges,
            oracle(kind, fraction, unknown, place, later))


def oracle(kind, fraction, noise, place, later):
    """Steps (low, high) of the first transition, from its posterior."""
    def whitened(values):
        if kind != "correlated":
            return values
        return np.append(np.sqrt(1 - PERSISTS ** 2) * values[0],
                         values[1:] - PERSISTS * values[:-1])

    variance = np.mean(np.square(whitened(noise)))
    parts = np.arange(-40, 41) if kind != "ramp" else np.arange(-40, 41, 0.25)
    if kind == "ramp":
        parts = parts - place % 1
    chance, first = [], []
    for part in parts:
        other = course(kind, (place + part, later))
        wrong = np.square(whitened(fraction + noise - other)).sum()
        chance.append(-0.5 * wrong / max(variance, 1e-12))
        first.append(int(np.argmax(other >= 0.5)))
    mass = np.zeros(STEPS)
    np.add.at(mass, first, np.exp(np.array(chance) - max(chance)))
    before = np.append(0, np.cumsum(mass / mass.sum()))
    best = min((high - low, low, high - 1) for low in range(STEPS)
                for high in range(low + 1, min(low + 90, STEPS))
                if before[high] - before[low] >= 0.95)
    return best[1:]


#: words, trains that a change takes, share of wrong labels and of unknown ones
LIVE = (("sharp, all labels right", 1, 0., 0.),
        ("sharp, 10 % wrong", 1, 0.1, 0.),
        ("over 10 trains, 10 % wrong", 10, 0.1, 0.),
        ("over 50 trains, 10 % wrong", 50, 0.1, 0.),
        ("over 50 trains, 20 % wrong, 15 % unknown", 50, 0.2, 0.15))
LIVE_PULSES, LOST = 60, 0.03


def live(takes, wrong, unknown, random):
    """(number of transitions, whether the interval holds, its trains)."""
    config, state = DecisionConfig(("old", "new")), DecisionState()
    start, lost, found = random.uniform(60, 80), 0, []
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
        if said.sample_state >= 0 and (
                not found or found[-1].sample_state != said.sample_state):
            found.append(said)
    if len(found) != 2:
        return len(found) - 1, False, np.nan
    low, high = found[1].transition_earliest, found[1].transition_latest
    return 1, low <= crossed <= high, high - low + 1


def show_live(options):
    """A line per kind of `LIVE`."""
    for number, (words, *kind) in enumerate(LIVE):
        random = np.random.default_rng((options.seed, 99, number))
        rows = [live(*kind, random) for _ in range(options.sequences)]
        one = [row for row in rows if row[0] == 1]
        print(f"{words}: number right {len(one) / len(rows):.1%}; interval "
              f"holds {np.mean([row[1] for row in one]):.1%}; trains "
              f"{np.median([row[2] for row in one]):g}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kinds", nargs="+", default=list(NOISE))
    parser.add_argument("--live", action="store_true")
    options = parser.parse_args()
    if options.live:
        show_live(options)
        return
    total = []
    for kind in options.kinds:
        random = np.random.default_rng(
            (options.seed, list(NOISE).index(kind)))
        right, held, width, ideal, known, gradual = [], [], [], [], [], []
        for _ in range(options.sequences):
            scores, mixture, edges, (low, high) = sequence(kind, random)
            found = transitions(scores, mixture)
            right.append(len(found) == len(edges))
            ideal.append(high - low + 1)
            known.append(low <= edges[0] <= high)
            if len(found) != len(edges):
                continue
            for each, edge in zip(found, edges, strict=True):
                held.append(each.low <= edge <= each.high)
                width.append(each.high - each.low + 1)
                gradual.append(each.end > each.begin)
        total += held
        print(f"{kind}: number right {np.mean(right):.1%}; interval holds "
              f"{np.mean(held):.1%} (oracle {np.mean(known):.1%}); steps "
              f"{np.median(width):g} (oracle {np.median(ideal):g}); gradual "
              f"{np.mean(gradual):.0%}", flush=True)
    print(f"all: interval holds {np.mean(total):.1%}")


if __name__ == "__main__":
    main()
