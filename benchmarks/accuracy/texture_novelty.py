"""Are textures that were not taught called unknown?

    python benchmarks/accuracy/texture_novelty.py -o texture_novelty.json

Models of `auto` on simulated self-amplified shots, which choose textures.
Taught shots and strangers are classified by the model, and by the same model
with the limit of the residual alone, at the same level.

    python benchmarks/accuracy/texture_novelty.py --cost

CPU time of a train of 2700 x 1280 with and without the distance, in pairs.
"""
import argparse
import json
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import ours
import simulated

from spectra_classifier.cli.benchmark.clock import take_turns
from spectra_classifier.core.engine.fused_engine import FusedEngine
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.core.spectra import make_train
from spectra_classifier.training.selection import novelty_limits

FIRST_SEED, TAUGHT, TESTED, STRANGERS, LEVEL = 60201, (300, 60), 300, 200, 0.01
WIDTHS = 4., 8.
CENTRE = 640.


def shots(count, width, random):
    """So many single shots with spikes of that width, in channels."""
    return simulated.sase(count, width, CENTRE, random).astype(np.float32)


def strangers(random):
    """{kind: spectra}"""
    taught = shots(STRANGERS, WIDTHS[0], random)
    narrow, fifth = taught.copy(), slice(512, 768)
    narrow[:, fifth] = shots(STRANGERS, 1., random)[:, fifth]
    return {
        "spikes of 1 channel": shots(STRANGERS, 1., random),
        "spikes of 2 channels": shots(STRANGERS, 2., random),
        "spikes of 5.7 channels, between": shots(STRANGERS, 5.7, random),
        "spikes of 16 channels": shots(STRANGERS, 16., random),
        "spikes of 32 channels": shots(STRANGERS, 32., random),
        "spikes of 1 channel in a fifth": narrow,
        "means of 8 shots": shots(8 * STRANGERS, WIDTHS[0], random).reshape(
            STRANGERS, 8, -1).mean(axis=1),
        "shuffled within 64 channels": random.permuted(
            taught.reshape(STRANGERS, -1, 64), axis=2).reshape(
                STRANGERS, -1)}


def alone(definition, rule):
    """The model whose only limit is that of the residual."""
    return replace(
        definition, members=replace(definition.members, texture=None),
        unknown=replace(
            definition.unknown, max_distance=np.inf,
            max_residual=novelty_limits.limit(
                rule.residuals, rule.labels, rule.level)))


def examine(seed, count):
    """Shares called unknown of one draw: by the residual alone, by both."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(WIDTHS)), count)
    spectra = np.concatenate([shots(count, width, random)
                              for width in WIDTHS])
    definition, found = ours.train(spectra, labels, len(WIDTHS))
    tests = {"taught": np.concatenate([shots(TESTED, width, random)
                                       for width in WIDTHS]),
             **strangers(random)}
    return {kind: [
        float((ours.classify(each, some).label == -1).mean())
        for each in (alone(definition, found.rule), definition)]
        for kind, some in tests.items()}


def cost(seed, rounds=200):
    """Median CPU (ms) of a train with the distance, and of what it adds."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(WIDTHS)), TAUGHT[1])
    spectra = np.concatenate([shots(TAUGHT[1], width, random)
                              for width in WIDTHS])
    definition, found = ours.train(spectra, labels, len(WIDTHS))
    one = make_train(1, (100 * np.tile(spectra, (45, 1))).astype(np.uint16))
    without, both = take_turns([
        partial(FusedEngine(each).classify, one, Settings())
        for each in (alone(definition, found.rule), definition)], rounds)
    return (1e3 * np.median(both.cpu),
            1e3 * np.percentile(both.cpu - without.cpu, (50, 5, 95)))


def section(found):
    """The section of docs/accuracy.md."""
    text = f"""## Textures that were not taught

Single self-amplified shots with spikes of {WIDTHS[0]:.0f} and
{WIDTHS[1]:.0f} channels are taught; {len(found[str(TAUGHT[0])])} draws from
seed {FIRST_SEED} on, which took part in no choice. Percent called unknown
by the limit of the residual alone, and by the model, which has a limit on the
distance of the texture as well; the level of {LEVEL:.0%} is that of both
together ({2 / (TAUGHT[1] + 1):.1%} where {TAUGHT[1]} are taught):

| shots | {TAUGHT[0]} of each taught: residual alone | both | \
{TAUGHT[1]} of each: residual alone | both |
|---|---|---|---|---|
"""
    for kind in found[str(TAUGHT[0])][0]:
        shares = [100 * np.mean([each[kind] for each in found[str(count)]],
                                axis=0) for count in TAUGHT]
        text += (f"| {kind} | " + " | ".join(
            f"{share:.1f}" for pair in shares for share in pair) + " |\n")
    worst = {count: 100 * max(each["taught"][1] for each in draws)
             for count, draws in found.items()}
    return text + "\nOf taught shots at most " + " and ".join(
        f"{share:.1f} % ({count} of each)"
        for count, share in worst.items()) + " are unknown in any draw.\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--first", type=int, default=FIRST_SEED)
    parser.add_argument("--draws", type=int, default=10)
    arguments = parser.parse_args()
    if arguments.cost:
        print("{:.2f} ms, of which the distance takes {:.3f} ({:.3f} to "
              "{:.3f})".format(*np.hstack(cost(arguments.first))))
        return
    found = {str(count): [examine(arguments.first + number, count)
                          for number in range(arguments.draws)]
             for count in TAUGHT}
    if arguments.output:
        arguments.output.write_text(json.dumps(found))
    print(section(found))


if __name__ == "__main__":
    main()
