"""Every fault that the simulated source has, by its property and its slot.

One engine for all: the fault is injected into running trains, the judge of
the rehearsal reconciles what was sent with what came out, and the table of
expectations says what has to happen, how soon, and in which words.
"""
import re
import time

import pytest
from karabo.middlelayer import call, setWait

from spectra_lab.rehearsal.crew import until
from spectra_lab.rehearsal.expectations import SOURCE
from spectra_lab.rehearsal.judge import Judge
from spectra_lab.rehearsal.report import ZERO

ANSWER = 10         # s to wait for something that is expected
TRAINS = 2


class Drill:
    """One fault after another, each with a judge of its own."""

    def __init__(self, beamline, witness):
        self.beamline = beamline
        self.witness = witness
        self.begun = self.last = None

    async def inject(self, fault):
        self.begun, self.last = time.time(), self.witness.last
        source = self.beamline.ids["source"]
        await setWait(source, **{"faults.kind": fault,
                                 "faults.trains": TRAINS})
        await call(source, "injectFault")

    async def seen(self, fault):
        """Time at which the source has sent the first of them."""
        sent = self.witness.first_faulted
        assert await until(lambda: sent.get(fault, 0) > self.begun, ANSWER)
        return sent[fault]

    async def good_again(self, trains=3):
        """Good trains, sent after the fault, have come out."""
        truth = self.witness.last_truth
        assert await until(
            lambda: self.witness.last_truth.train_id != truth.train_id
            and not self.witness.last_truth.fault, ANSWER)
        wanted = self.witness.last_truth.train_id + trains
        assert await until(
            lambda: any(said.train_id >= wanted
                        for said in self.witness.recent), ANSWER)

    def reasons(self):
        return [said.reason for said in self.witness.recent
                if said.at > self.last.at]

    def verdict(self):
        judge = self.witness.judge
        judge.settle(time.monotonic())
        return {key: judge.counts[key] for key in ZERO if judge.counts[key]}


@pytest.fixture
async def drill(beamline, witness):
    await beamline.open()
    assert await until(lambda: witness.last is not None, ANSWER)
    judge = Judge(range(len(witness.classes)))
    judge.armed()
    witness.judge = judge
    return Drill(beamline, witness)


@pytest.mark.parametrize("fault", [
    name for name, expected in SOURCE.items() if expected.denies])
async def test_a_fault_that_denies_closes_the_shutter(drill, fault):
    await drill.inject(fault)
    sent = await drill.seen(fault)
    seconds = await drill.beamline.closed_after(sent)
    assert seconds <= SOURCE[fault].within
    assert await until(lambda: any(
        re.search(SOURCE[fault].reason, reason)
        for reason in drill.reasons()), ANSWER), drill.reasons()
    # latched: it stays closed although good trains come again
    await drill.good_again(trains=6)
    assert not await drill.beamline.get("shutter", "isOpen")
    assert drill.verdict() == {}


@pytest.mark.parametrize("fault", [
    name for name, expected in SOURCE.items() if not expected.denies])
async def test_a_fault_that_does_not_deny_is_survived(drill, fault):
    await drill.inject(fault)
    if fault not in ("gap", "end of stream"):      # nobody hears of those
        await drill.seen(fault)
    await drill.good_again()
    assert drill.verdict() == {}
