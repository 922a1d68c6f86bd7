"""Pumped and unpumped pulses by the bunch pattern: is every one right?

    python benchmarks/machine_pulses.py [--trains 6000] [--pulses 2700]

Trains go through the handlers, the matching by train id, the processor and
the decision of a classifier, without a broker. The bunch pattern changes
every few seconds; some tables are missing, some are late, some contradict
the frames. Every code is compared with the pulse that was made, and every
vote with the pulses of its pattern. Printed are the counts, and what the
pattern costs for a train.
"""
import argparse
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np

from spectra_classifier.core.trains.bunch_pattern import assign
from spectra_classifier.devices.spectra_classifier.matched_streams import (
    read_pattern,
)

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from tests.devices.fakes import spectra_of  # noqa: E402
from tests.devices.spectra_classifier.test_machine_pulses import (  # noqa: E402
    MACHINE,
    SA1,
    MachineLine,
    table,
)
from tests.devices.spectra_classifier.test_matched_streams import (  # noqa: E402
    FIRST,
    hash_of,
)

FAULTS = ("", "missing", "late", "contradicts")
SHARES = (0.94, 0.02, 0.02, 0.02)


class CountedLine(MachineLine):
    """Keeps no spectra; takes as many pulses as a train has."""

    most = 2**16

    def lead(self, train_id, adc, **more):
        self.outcomes.clear()
        super().lead(train_id, adc, **more)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trains", type=int, default=6000)
    parser.add_argument("--pulses", type=int, default=2700)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    line = CountedLine(**MACHINE, reactions=tuple(
        {"sampleClass": name, "alarm": "none", "permit": True}
        for name in ("low", "high")))
    frames, count = options.pulses, Counter()
    kinds = [spectra_of(number, 1)[0] for number in (0, 1)]
    cost = []
    for number in range(options.trains):
        train_id = FIRST + number
        if number % 37 == 0:
            xray = np.arange(random.integers(0, 4), frames,
                             random.integers(1, 5))
            pumped = random.random(len(xray)) < 0.5
            bits = table(xray, xray[pumped], places=max(frames + 100, 2700))
            expected = np.full(frames, -2)
            expected[xray] = pumped
            spectra = np.zeros((frames, len(kinds[0])), kinds[0].dtype)
            spectra[xray] = np.where(pumped[:, None], kinds[1], kinds[0])
            count["patterns"] += 1
        fault = random.choice(FAULTS, p=SHARES)
        sent = bits.copy()
        if fault == "contradicts":
            sent[frames + 50] = SA1
        begun = time.perf_counter()
        if fault == "":
            assign(read_pattern(hash_of(bunchPatternTable=sent),
                                line.partners.settings), frames,
                   line.partners.settings.rule)
            cost.append(time.perf_counter() - begun)
        if fault in ("", "contradicts"):
            line.report(train_id, sent)
        line.lead(train_id, spectra)
        line.wait(0.31 if fault in ("missing", "late") else 0.1)
        if fault == "late":
            line.report(train_id, sent)
        [outcome] = line.outcomes
        wrong = np.count_nonzero(outcome.result.label != expected)
        count["pulses"] += frames
        count["wrong codes"] += wrong
        count[f"tables {fault or 'as they should be'}"] += 1
        for pattern, one in zip(line.decision.patterns, (1., 0.),
                                strict=True):
            count["votes"] += pattern.voted
            count["wrong votes"] += pattern.voted and (
                bool(fault) or pattern.fractions != (1. - one, one))
        count["permits"] += line.decision.permit
        count["permits with a fault"] += bool(fault) and line.decision.permit
        if number == 10 and (why := line.flow.arm()):
            parser.error(why)
    print(f"trains: {options.trains}, {line.identity() or 'all accounted'}")
    for name, value in count.items():
        print(f"{name}: {value}")
    print(f"reading and assigning a table: median {1e6 * np.median(cost):.0f}"
          f" us, 99 % {1e6 * np.quantile(cost, 0.99):.0f} us")


if __name__ == "__main__":
    main()
