"""Two workers in servers of their own, a collector, and its guard.

The tests go on from one another: both work, one is killed, it comes back.
"""
from asyncio import CancelledError, create_task, wait_for
from contextlib import suppress
from types import SimpleNamespace

import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import (
    Hash,
    KaraboError,
    call,
    getProperties,
    setWait,
    sleep,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.classifier_base.role import NO_PERMIT
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from spectra_classifier.devices.spectra_collector.device import (
    SpectraCollector,
)
from tests.broker.classifier_bench import (
    FIRST_TRAIN,
    LOOPBACK,
    PERMIT_HIGH,
    TrainSource,
    save_model,
)
from tests.broker.classifier_bench import (
    Collector as Sink,
)
from tests.device_context import DeviceContext

pytestmark = pytest.mark.asyncio(loop_scope="module")
PERIOD, PULSES, WAIT = 0.05, 4, 40


def worker_init(source_id, model):
    return {"classId": "SpectraClassifier", "load.role": "worker",
            "load.engine": "numpy", "modelPath": model,
            "conditions.maxTrainAge": 8000.,
            "input": {"connectedOutputChannels": [f"{source_id}:output"]},
            "output": {"hostname": LOOPBACK, "maxQueueLength": 200},
            "preview": {"hostname": LOOPBACK}}


def collector_configuration(workers, model):
    return Hash(
        "deviceId", create_instanceId("collector"), "modelPath", model,
        "workers.minDelivering", 2, "workers.reorderTime", 500.,
        "conditions.maxLatency", 8000.,
        "conditions.maxTrainAge", 8000., "conditions.staleAfter", 4.,
        "conditions.lease", 4000.,
        "reactions", PERMIT_HIGH,
        "input", Hash("connectedOutputChannels",
                      [f"{name}:output" for name in workers],
                      "maxQueueLength", 200),
        "output", Hash("hostname", LOOPBACK, "maxQueueLength", 200))


class Line:
    """Everything in its place, and a source that sends all the time."""

    def __init__(self, parts, servers):
        self.__dict__.update(vars(parts))
        self.servers = servers          # worker: its server
        self.sending = None

    async def feed(self):
        while True:
            await self.source.send_class(1, PULSES)
            await sleep(PERIOD)

    @property
    def ledger(self):
        return self.collector._stream.flow.ledger

    @property
    def book(self):
        return self.collector._stream.collation.book.workers

    def outputs(self):
        """Train ids as they came out."""
        return [train["trainId"] for train in self.sink.trains]

    async def more(self, trains):
        """Wait for so many further trains."""
        wanted = len(self.sink.trains) + trains
        await self.until(lambda: len(self.sink.trains) >= wanted)

    async def until(self, condition):
        await sleepUntil(condition, timeout=WAIT)

    def check(self):
        """Order, accounts and losses, as they are at this moment."""
        ids = self.outputs()
        assert ids == sorted(set(ids))
        assert self.collector._stream.flow.accounting_problem == ""
        known = set(range(ids[0], ids[-1] + 1))
        late = sum(worker.late.trains for worker in self.book.values())
        assert len(known - set(ids)) == sum(self.ledger.lost.values()) + late


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(karabo_environment, karabo_client, tmp_path_factory):
    from spectra_lab.servers import DeviceServer

    model = save_model(tmp_path_factory.mktemp("collector") / "m.onnx")
    ids = SimpleNamespace(**{name: create_instanceId(name) for name in (
        "source", "guard", "shutter", "sink")})
    workers = [create_instanceId(f"worker{number}") for number in (1, 2)]
    collector = SpectraCollector(collector_configuration(workers, model))
    parts = SimpleNamespace(
        source=TrainSource({"deviceId": ids.source, "output": {
            "hostname": LOOPBACK, "maxQueueLength": 20,
            "noInputShared": "queueDrop"}}),
        collector=collector,
        sink=Sink(Hash("deviceId", ids.sink, "input", Hash(
            "connectedOutputChannels", [f"{collector.deviceId}:output"],
            "onSlowness", "queueDrop", "maxQueueLength", 200))),
        shutter=SimulatedShutter({"deviceId": ids.shutter, "holdTime": 4.}),
        guard=PermitGuard({
            "deviceId": ids.guard, "classifierId": collector.deviceId,
            "targetDevice": ids.shutter, "target.openSlot": "open",
            "target.closeSlot": "close", "target.holdSlot": "hold",
            "target.confirmProperty": "isOpen", "target.patience": 5.,
            "conditions.lease": 4000., "conditions.latching": False}))
    servers = {name: DeviceServer(
        "middlelayer", create_instanceId("server"), ["SpectraClassifier"],
        init={name: worker_init(ids.source, model)},
        env=karabo_environment) for name in workers}
    async with DeviceContext(**vars(parts)):
        assert all(part.is_initialized for part in vars(parts).values())
        one = Line(parts, servers)
        try:
            for server in servers.values():
                server.start()
            await one.until(lambda: len(parts.collector._stream.collation
                                        .book.live()) == 2)
            await one.until(
                lambda: len(parts.source.output.connections.value) == 2)
            for name in workers:
                await ready(name)
            await one.until(lambda: collector.modelId.value)
            await one.until(        # guard and sink
                lambda: len(parts.collector.output.connections.value) == 2)
            one.sending = create_task(one.feed())
            yield one
        finally:
            if one.sending is not None:
                one.sending.cancel()
                with suppress(CancelledError):
                    await one.sending
            for server in servers.values():
                server.stop()


async def ready(worker):
    """Wait until the model of a worker is live."""
    for _ in range(WAIT * 10):
        with suppress(KaraboError, TimeoutError):
            found = await wait_for(getProperties(worker, "modelId"), 2)
            if found["modelId"]:
                return
        await sleep(0.1)
    raise AssertionError(f"{worker} has no model")


async def armed(line):
    await line.until(lambda: line.collector.sampleState == "high")
    await line.collector.arm()
    await line.guard.enable()
    await line.until(lambda: line.collector.permit and line.guard.targetOpen)


async def test_both_work_and_one_decides(line):
    await line.more(30)
    line.check()
    assert all(worker.received.trains > 5 for worker in line.book.values())
    last = line.sink.trains[-1]
    np.testing.assert_array_equal(last["label"][:PULSES], [1] * PULSES)
    assert last["modelId"] == line.collector.modelId
    assert line.sink.timestamps[-1].tid == last["trainId"]
    assert line.outputs()[0] >= FIRST_TRAIN
    await armed(line)
    assert line.shutter.isOpen
    for worker in line.servers:
        found = await getProperties(worker, [
            "permit", "trainsLost", "permitReason"])
        assert not found["permit"]
        assert found["permitReason"] == NO_PERMIT
        assert found["trainsLost"] == 0     # the others are with the other
        with pytest.raises(KaraboError, match="this is a worker"):
            await call(worker, "arm")


async def test_a_killed_worker_takes_the_permit_with_it(line):
    killed, server = next(iter(line.servers.items()))
    server.kill()
    # on a busy machine it may have gone for a moment just before
    await line.until(lambda: not line.collector.permit
                     and "1 of 2 workers deliver; gone or silent" in (
                         line.collector.permitReason.value))
    assert killed in line.collector.permitReason.value
    await line.until(lambda: not line.shutter.isOpen)
    await line.more(20)
    line.check()
    # the other one goes on with every train, nothing waits for the dead
    assert line.sink.trains[-1]["latency"] < 8000
    assert not any(train["permit"] for train in line.sink.trains[-15:])
    assert line.collector.armed
    await line.until(lambda: [row["standing"] for row in
                              line.collector.workers.current.value
                              if row["worker"] == killed] == ["gone"])


async def test_it_comes_back_and_so_does_the_permit(line):
    rejoined, server = next(iter(line.servers.items()))
    before = line.book[rejoined].received.trains
    server.start()
    await line.until(
        lambda: line.book[rejoined].received.trains > before + 5)
    await line.until(lambda: line.collector.permit)
    await line.until(lambda: line.shutter.isOpen)
    await line.more(20)
    line.check()
    assert line.book[rejoined].joins >= 2
    sent = line.source.next_train - FIRST_TRAIN
    known = (line.ledger.received.trains + sum(line.ledger.lost.values()))
    # but for what is on its way, and what came before the first one
    assert known + line.outputs()[0] - FIRST_TRAIN <= sent
    assert sent - known - (line.outputs()[0] - FIRST_TRAIN) < 20


async def test_workers_that_differ_do_not_permit(line):
    one = next(iter(line.servers))
    await line.until(lambda: line.collector.permit)
    await setWait(one, minConfidence=0.3)
    await line.until(lambda: not line.collector.permit)
    await line.until(lambda: "configuration of the workers has changed" in
                     line.collector.permitReason.value)
    await line.until(lambda: "configure all workers alike" in
                     line.collector.workers.problem.value)
    await setWait(one, minConfidence=-1.)
    await line.until(lambda: not line.collector.workers.problem.value)
    await line.until(lambda: line.collector.sampleState == "high")
    assert not line.collector.permit    # what it was armed for has changed
    await line.collector.arm()
    await line.until(lambda: line.collector.permit)
    line.check()
