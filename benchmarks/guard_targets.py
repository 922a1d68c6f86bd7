"""Seconds from a fault to the closed target: a hold slot and a watchdog bit.

    .venv/bin/python benchmarks/guard_targets.py [--repeats 5] [--seed 1]
        [--write]

Starts a private broker and a device server each for source, classifier, guard
and target, first with a `SimulatedShutter` that has to be held, then with a
`SimulatedWatchdog` whose bit has to change; both close after 1 s without.
Kills, stops and cuts off guard and classifier in turn, each at a random
moment, and reads from the target when it has closed. Exit status 0 if no
value is above its limit. `--write` puts the table into docs/reliability.md.
"""
import argparse
import os
import random
import statistics
import sys
import tempfile
import time
from asyncio import sleep
from contextlib import suppress
from pathlib import Path

from karabo.middlelayer.testing import sleepUntil

from spectra_classifier import model as models
from spectra_lab.broker import PrivateBroker
from spectra_lab.demo.session import play
from spectra_lab.demo.sources import released_model
from spectra_lab.environment import karabo_variables
from spectra_lab.processes import stop_all
from spectra_lab.rehearsal.beamline import HELD, WATCHED, Beamline
from spectra_lab.rehearsal.expectations import HOLD, LEASE, SLACK
from spectra_lab.rehearsal.options import Options
from spectra_lab.rehearsal.sources import RehearsalSource

PAGE = Path(__file__).parents[1] / "docs" / "reliability.md"
BEGIN = "<!-- targets: begin (made by benchmarks/guard_targets.py) -->\n"
END = "<!-- targets: end -->\n"
TARGETS = {"hold slot": HELD, "watchdog bit": WATCHED}
#: times that a busy machine may need to come up
OPENINGS = 4
#: fault: (part, whose, way)
FAULTS = {
    "guard killed": ("servers", "guard", "kill"),
    "guard stopped (SIGSTOP)": ("servers", "guard", "pause"),
    "guard's broker connection cut": ("links", "guard", "cut"),
    "guard's broker connection frozen": ("links", "guard", "freeze"),
    "classifier killed": ("servers", "classifier", "kill"),
    "classifier stopped (SIGSTOP)": ("servers", "classifier", "pause"),
    "classifier's broker connection cut": ("links", "classifier", "cut")}


def limit(target: str, whose: str) -> float:
    """Seconds within which it has to be closed."""
    if whose == "guard":
        return HOLD + SLACK
    # a guard that lives calls the slot, and cannot hurry a watchdog
    return LEASE + SLACK + (HOLD if target == "watchdog bit" else 0.)


class Measurement:
    """`seconds`: those of each target and fault."""

    def __init__(self, options: argparse.Namespace, port: int,
                 folder: Path) -> None:
        self.options, self.port, self.folder = options, port, folder
        self.chance = random.Random(options.seed)
        self.seconds: dict[tuple[str, str], list[float]] = {}

    async def run(self) -> None:
        """All faults, all targets."""
        path = released_model()
        source = RehearsalSource(
            Options(self.folder, pulses=20), path,
            models.load(path))
        classifier = source.classifier_configuration(
            path, self.folder / "snapshots")
        for row in classifier["reactions"]:
            row["permit"] = True        # of whatever the sample is just now
        # a busy machine is no fault of this measurement
        classifier |= {"conditions.maxLatency": 8000.,
                       "conditions.maxTrainAge": 8000.}
        for number, (target, driven) in enumerate(TARGETS.items()):
            line = Beamline(self.port, source.settings(), classifier,
                            prefix=f"targets{number}", driven=driven)
            try:
                for _ in range(self.options.repeats):
                    for fault in FAULTS:
                        await self._strike(line, target, fault)
            finally:
                line.stop()

    async def _strike(self, line: Beamline, target: str, fault: str) -> None:
        part, whose, way = FAULTS[fault]
        for left in reversed(range(OPENINGS)):
            with suppress(*([TimeoutError] if left else [])):
                await line.open()
                break
        await sleep(self.chance.uniform(0.5, 1.5))
        struck = time.time()
        getattr(getattr(line, part)[whose], way)()
        seconds = await line.closed_after(struck)
        self.seconds.setdefault((target, fault), []).append(seconds)
        print(f"{target}, {fault}: {seconds:.2f} s", flush=True)
        if way == "pause":
            line.servers[whose].resume()
        if way == "cut":        # the process notices and ends
            await sleepUntil(lambda: not line.servers[whose].running,
                             timeout=30)


def table(seconds: dict[tuple[str, str], list[float]],
          repeats: int, command: str) -> str:
    """Markdown: faults down, targets across."""
    lines = [f"`{command}`, n = {repeats} of each, seconds as median / "
             "longest (limit):", "",
             f"| fault | {' | '.join(TARGETS)} |",
             "|---|" + "---|" * len(TARGETS)]
    for fault, (_, whose, _) in FAULTS.items():
        cells = [f"{statistics.median(found):.2f} / {max(found):.2f} "
                 f"({limit(target, whose):.1f})"
                 for target in TARGETS
                 for found in [seconds[target, fault]]]
        lines.append(f"| {fault} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="guard-targets-"))
    try:
        broker = PrivateBroker(folder / "broker").start()
        os.environ.update(karabo_variables(
            folder / "karabo", broker.url, "targets"))
        seconds = play(lambda desk, stop: Measurement(
            options, broker.port, folder)).seconds
    finally:
        stop_all(folder)
    text = table(seconds, options.repeats,
                 "python benchmarks/guard_targets.py "
                 f"--repeats {options.repeats} --seed {options.seed}")
    print(text)
    if options.write:
        page = PAGE.read_text()
        head, rest = page.split(BEGIN)
        PAGE.write_text(f"{head}{BEGIN}\n{text}\n{END}{rest.split(END)[1]}")
    return int(any(max(found) > limit(target, FAULTS[fault][1])
                   for (target, fault), found in seconds.items()))


if __name__ == "__main__":
    sys.exit(main())
