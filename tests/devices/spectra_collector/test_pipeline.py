"""The way of the codes through a collector, without a broker."""
import asyncio
import time
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from karabo.middlelayer import Hash

from spectra_classifier.devices.classifier_base import pipeline_base
from spectra_classifier.devices.spectra_collector.pipeline import (
    CollectorStream,
    worker_of,
)
from spectra_classifier.live.configuration.configuration import build
from spectra_classifier.live.records import Fate
from tests.devices.fakes import VALUES, live_model
from tests.devices.spectra_collector.test_worker_output import sent
from tests.live.test_stream_state import PERMIT_HIGH, Rig

SETTINGS = {"workers.reorderTime": 50., "workers.silence": 1.,
            "workers.minDelivering": 2,
            "workers.reorderTrains": 100, "source.maxPulses": 10,
            "conditions.staleAfter": 1.,
            "expectedWrong.minConfidence": 0.9, "expectedWrong.pulses": 100}
FIRST = 1001


@pytest.fixture(autouse=True)
def model_without_facts(monkeypatch):
    """The fake model has no manifest to be told about."""
    monkeypatch.setattr(pipeline_base, "model_properties",
                        lambda configuration: {})


class Stamp:
    """A time stamp as Karabo gives it."""
    def __init__(self, tid):
        self.tid = tid

    def toTimestamp(self):
        return time.time()


def nodes(settings):
    """Values by path, as a device has them in its nodes."""
    found = {}
    for path, value in settings.items():
        node, _, key = path.partition(".")
        setattr(found.setdefault(node, SimpleNamespace()), key,
                SimpleNamespace(value=value))
    return found


class FakePublisher:
    """Takes what a collector publishes."""
    outputs_blocked = 0

    def __init__(self):
        self.finished, self.shown = [], {}

    async def output(self, finished):
        self.finished.append(finished)
        return finished.outcome.incoming.pulses, True

    def properties(self, finished):
        pass

    def write_changed(self, values):
        self.shown |= values

    def permit(self, decision):
        self.shown["permit"] = decision.permit
        self.shown["permitReason"] = decision.reason


class Collector:
    """A stream with workers that are played."""

    def __init__(self):
        device = SimpleNamespace(
            audit=SimpleNamespace(observe=lambda flow: None),
            show=self._show,
            logger=SimpleNamespace(exception=self._failed),
            **nodes(SETTINGS))
        self.publisher = FakePublisher()
        self.stream = CollectorStream(
            device, self.publisher, lambda configuration: None)
        self.rigs = {name: Rig() for name in "ab"}
        self.stream.submit(self.configuration())
        for name in self.rigs:
            self.stream.joined(f"{name}:output")

    def _show(self, decision):
        self.publisher.shown["alarm"] = decision.alarm_reason

    @staticmethod
    def _failed(words):
        raise AssertionError(words)

    @staticmethod
    def configuration(**changes):
        return build(VALUES | {"reactions": PERMIT_HIGH} | changes,
                     live_model())

    def deliver(self, train_id, worker, data=None, **kwargs):
        rig = self.rigs[worker]
        if data is None:
            data, _ = sent(rig, train_id=train_id, **kwargs)
        self.stream.receive(data, SimpleNamespace(
            source=f"{worker}:output", timestamp=SimpleNamespace(
                timestamp=Stamp(train_id))), time.monotonic())

    async def out(self, trains):
        async with asyncio.timeout(5):
            while len(self.publisher.finished) < trains:
                await asyncio.sleep(0.005)
        return [one.outcome.incoming.train_id
                for one in self.publisher.finished]

    @property
    def last(self):
        return self.publisher.finished[-1].decision

    async def permitted(self):
        """The next train id behind a permit."""
        for number in range(8):
            self.deliver(FIRST + number, "ab"[number % 2])
        await self.out(8)
        assert self.stream.flow.arm() == ""
        self.deliver(FIRST + 8, "a")
        await self.out(9)
        assert self.last.permit, self.last.reason
        return FIRST + 9


@asynccontextmanager
async def collector():
    one = Collector()
    task = asyncio.ensure_future(one.stream.publish_in_order())
    try:
        yield one
        assert one.stream.errors == 0
        assert one.stream.flow.accounting_problem == ""
    finally:
        task.cancel()


def run(work):
    async def whole():
        async with collector() as one:
            await work(one)
    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
        runner.run(whole())


def test_in_order_to_the_permit():
    async def work(one):
        for number in 1, 0, 2, 4, 3, 5:
            one.deliver(FIRST + number, "ab"[number % 2])
        assert await one.out(6) == list(range(FIRST, FIRST + 6))
        assert one.last.sample_state_name == "high"
        assert one.stream.flow.arm() == ""
        one.deliver(FIRST + 6, "a")
        await one.out(7)
        assert one.last.permit, one.last.reason
        assert one.stream.flow.ledger.classified.pulses == 28
    run(work)


def test_the_loss_of_a_worker_takes_the_permit_at_once():
    async def work(one):
        number = await one.permitted()
        one.stream.left("b:output")
        assert not one.publisher.shown["permit"]
        assert one.publisher.shown["permitReason"] == (
            "1 of 2 workers deliver; gone or silent: b")
        one.deliver(number + 1, "a")        # the one between was with b
        assert (await one.out(10))[-1] == number + 1
        assert not one.last.permit
        assert one.stream.flow.ledger.lost == {"disconnected": 1}
        one.stream.joined("b:output")
        for more in 2, 3:
            one.deliver(number + more, "ab"[more % 2])
        await one.out(12)
        assert one.last.permit, one.last.reason     # not latching: by itself
    run(work)


def test_another_model_is_refused_and_named():
    async def work(one):
        number = await one.permitted()
        rig = one.rigs["b"]
        rig.model = live_model(model_id="other")
        rig.configure()
        one.deliver(number, "b")
        await one.out(10)
        assert not one.last.permit
        assert "b runs other, this collector decides on fake" in (
            one.last.reason)
        assert one.publisher.finished[-1].outcome.fate is Fate.REJECTED
        assert one.stream.collation.book.workers["b"].refused.trains == 1
    run(work)


def test_a_worker_with_other_thresholds_does_not_permit():
    async def work(one):
        number = await one.permitted()
        one.rigs["b"].configure(minConfidence=0.2)
        one.deliver(number, "b")
        await one.out(10)
        assert one.publisher.finished[-1].outcome.fate is Fate.CLASSIFIED
        assert "of the workers has changed" in one.last.reason
        assert one.last.sample_state_name == "unknown"
        assert "configure all workers alike" in one.stream.objection()
    run(work)


def test_what_is_no_classifier_takes_the_permit():
    async def work(one):
        number = await one.permitted()
        one.deliver(number, "b", Hash("data.label", 1))
        assert "b sends no codes" in one.stream.objection()
        assert not one.stream.refresh().permit
        one.deliver(number, "b")            # heard again
        assert one.stream.objection() == ""
        await one.out(10)
    run(work)


def test_a_worker_with_its_gate_off_does_not_permit():
    async def work(one):
        number = await one.permitted()
        for rig in one.rigs.values():
            rig.configure(minIntensity=0.)
        one.deliver(number, "b")
        one.deliver(number + 1, "a")
        await one.out(11)
        assert "the gate is off: minIntensity is 0" in one.last.reason
    run(work)


def test_the_time_stamp_of_another_train_takes_the_permit():
    async def work(one):
        number = await one.permitted()
        data, _ = sent(one.rigs["b"], train_id=number)
        one.deliver(number + 1, "b", data)
        assert one.stream.objection() == (
            f"b sends the codes of train {number} with the time stamp of "
            f"train {number + 1}")
        assert not one.stream.refresh().permit
    run(work)


def test_one_train_id_far_ahead_costs_one_train():
    async def work(one):
        number = await one.permitted()
        one.deliver(number + 36_000, "b")
        for more in range(1, 12):
            one.deliver(number + more, "ab"[more % 2])
        assert (await one.out(20))[-1] == number + 11
        assert one.last.permit, one.last.reason
        assert sum(one.stream.flow.ledger.lost.values()) == 1
    run(work)


def test_a_change_and_a_reset_between_two_trains():
    async def work(one):
        number = await one.permitted()
        changed = one.configuration(**{"decision.window": 3})
        one.stream.submit(changed)
        assert not one.publisher.shown["permit"]    # disarmed at once
        one.deliver(number, "b")
        await one.out(10)
        assert one.publisher.shown["model.appliedConfigHash"] == changed.hash
        one.stream.reset()
        one.deliver(number + 1, "a")
        await one.out(11)
        assert one.stream.flow.ledger.received.trains == 1
        assert one.stream.collation.book.workers["a"].written.trains == 1
    run(work)


def test_old_codes_do_not_permit_when_all_workers_have_changed():
    async def work(one):
        number = await one.permitted()
        for rig in one.rigs.values():
            rig.configure(minConfidence=0.2)
        for more in range(9):
            one.deliver(number + more, "ab"[more % 2])
        await one.out(18)
        assert one.last.sample_state_name == "high"
        assert not one.stream.flow.state.armed
        assert one.stream.flow.arm() == ""
        one.deliver(number + 9, "a")
        await one.out(19)
        assert one.last.permit
    run(work)


@pytest.mark.parametrize(("channel", "name"), [
    ("a/b/c:output", "a/b/c"), ("a/b/c", "a/b/c"), ("a:other", "a:other")])
def test_the_name_of_a_worker(channel, name):
    assert worker_of(channel) == name
