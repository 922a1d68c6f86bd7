"""A machine with other things to do, and a training beside: no train lost."""
import os
import subprocess
import sys
import time
from asyncio import get_running_loop, sleep

import pytest

from spectra_lab.rehearsal.crew import until
from spectra_lab.rehearsal.judge import Judge
from spectra_lab.rehearsal.report import ZERO

SECONDS = 4
BUSY = """
print("begun", flush=True)
while True:
    pass
"""
TRAINING = """
import numpy as np
from spectra_classifier.simulation.captures import take_captures
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
source = GotthardSource(preset("easy"), "ramp", 3)
data = take_captures(source, captures=4, trains=2, pulses=40)
print("begun", flush=True)
while True:
    train(data, TrainingOptions(members="linear", baseline="none",
                                normalisation="area"))
"""


@pytest.mark.parametrize("program", [BUSY, TRAINING],
                         ids=["busy loops", "trainings"])
async def test_every_core_has_other_work(beamline, witness, program):
    await beamline.open()
    # a train on its way belongs to no judge
    assert await until(lambda: witness.last and witness.last_truth and (
        witness.last.train_id == witness.last_truth.train_id), 20)
    witness.judge = judge = Judge(range(len(witness.classes)))
    judge.armed()
    # a training takes all threads it is not forbidden to take
    env = {name: value for name, value in os.environ.items()
           if not name.endswith("_NUM_THREADS")}
    others = [subprocess.Popen([sys.executable, "-c", program], env=env,
                               stdout=subprocess.PIPE)
              for _ in range(os.cpu_count())]
    try:
        for other in others:
            assert await get_running_loop().run_in_executor(
                None, other.stdout.readline) == b"begun\n"
        await sleep(SECONDS)        # trains flow; the judge takes them down
        assert all(other.poll() is None for other in others)
    finally:
        for other in others:
            other.kill()
            other.communicate()
    last = witness.last_truth.train_id
    assert await until(lambda: witness.last.train_id >= last, 20)
    judge.settle(time.monotonic())
    assert {key: judge.counts[key] for key in ZERO
            if judge.counts[key]} == {}, judge.wrongs
    assert judge.counts["trains_received"] >= 0.7 * 10 * SECONDS
