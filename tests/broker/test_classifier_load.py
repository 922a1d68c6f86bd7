"""When the machine, the engine or a receiver is too slow."""
import time
from asyncio import Event as AsyncEvent
from asyncio import create_task, sleep
from threading import Event

import numpy as np
import pytest
from karabo.middlelayer import (
    AlarmCondition,
    Device,
    Hash,
    InputChannel,
    KaraboError,
    call,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.core.engine.reference_engine import NumpyEngine
from spectra_classifier.live.configuration import live_model
from tests.broker.classifier_bench import PERMIT_HIGH, bench, save_model
from tests.device_context import DeviceContext


class TestedEngine(NumpyEngine):
    """The plain engine, with whatever a test wants to happen first."""
    __test__ = False
    before = staticmethod(lambda train: None)

    def classify(self, train, settings):
        if train.train_id:      # not while it is warmed up
            self.before(train)
        return super().classify(train, settings)


@pytest.fixture
def engine(monkeypatch):
    """The class of the engine in use; set `before` to disturb it."""
    class Engine(TestedEngine):
        pass
    monkeypatch.setattr(
        live_model, "make_engine",
        lambda loaded, kind, threads: Engine(loaded.definition))
    return Engine


@pytest.fixture
def model_path(tmp_path):
    return save_model(tmp_path / "good.onnx")


def loaded(model_path, **configuration):
    return bench(model_path,
                 **{"source.maxPulses": 20, "reactions": PERMIT_HIGH}
                 | configuration)


async def test_a_slow_engine_skips_trains_and_counts_them(
        model_path, engine):
    async with loaded(model_path, **{
            "load.queueLength": 2, "load.degradeOnPurpose": False}) as one:
        await one.classify(1)
        busy, go_on = Event(), Event()

        def hold(_):
            busy.set()
            go_on.wait(60)
        engine.before = staticmethod(hold)
        sent = [await one.source.send_class(1, pulses=3)]
        # what comes before the engine has a train may be skipped at once
        await sleepUntil(busy.is_set, timeout=20)
        sent += [await one.source.send_class(1, pulses=3) for _ in range(19)]
        await sleepUntil(lambda: one.classifier._stream.worker.queue.in_flight(
            )[0] == len(sent), timeout=20)
        go_on.set()
        await one.output(sent[-1])
        # every train has an output, in order, skipped or not
        trains = [int(t["trainId"]) for t in one.collector.trains]
        assert trains == sorted(trains)
        assert set(sent) <= set(trains)
        skipped = [t for t in one.collector.trains
                   if (t["label"][:3] == -5).all()]
        assert 10 <= len(skipped) < 20
        assert not any(t["permit"] for t in skipped)
        assert one.unaccounted() == ""
        await sleepUntil(
            lambda: one.classifier.accounting.trainsSkipped == len(skipped),
                         timeout=20)
        await sleepUntil(
            lambda: one.classifier.accounting.pulsesSkipped
            == 3 * len(skipped) and one.classifier.load.queueHighWater == 2,
            timeout=20)
        # the newest ones were looked at
        assert (one.collector.train(sent[-1])["label"][:3] == 1).all()
        engine.before = staticmethod(lambda train: None)
        assert ((await one.classify(1))["label"][:4] == 1).all()


async def test_a_short_stall_loses_nothing(model_path, engine):
    async with loaded(model_path) as one:
        await one.classify(1)
        stalled = []

        def stall_once(train):
            if not stalled:
                stalled.append(train.train_id)
                time.sleep(0.5)
        engine.before = staticmethod(stall_once)
        sent = []
        for _ in range(15):
            sent.append(await one.source.send_class(1))
            # at a rate that the engine bears: it may degrade otherwise
            await sleep(0.03)
        await one.output(sent[-1])
        assert all((one.collector.train(t)["label"][:4] == 1).all()
                   for t in sent)


async def test_the_event_loop_turns_while_the_engine_works(
        model_path, engine):
    async with loaded(model_path) as one:
        engine.before = staticmethod(lambda train: time.sleep(4.))
        train = await one.source.send_class(1)
        await sleepUntil(lambda: one.classifier._stream.worker.queue.in_flight(
            )[0] == 1, timeout=20)
        start = time.monotonic()
        await call(one.classifier.deviceId, "disarm")
        await one.set(minConfidence=0.1)
        assert time.monotonic() - start < 3
        assert one.collector.train(train) is None
        await one.output(train)


async def test_an_engine_that_hangs_permits_nothing(model_path, engine):
    go_on = Event()
    async with loaded(model_path, **{"conditions.staleAfter": 0.5}) as one:
        await one.decide(1)
        await one.classifier.arm()
        assert (await one.classify(1))["permit"]
        engine.before = staticmethod(lambda train: go_on.wait(20))
        sent = [await one.source.send_class(1) for _ in range(6)]
        await sleepUntil(lambda: not one.classifier.permit, timeout=20)
        assert "no new train" in one.classifier.permitReason.value
        sequence = one.classifier.permitSequence.value
        await sleepUntil(lambda: one.classifier.alarmCondition
                         == AlarmCondition.ALARM,
                         timeout=20)
        assert one.classifier.permitSequence == sequence
        go_on.set()
        await one.output(sent[-1])
        assert one.unaccounted() == ""


async def test_an_engine_that_fails_is_counted_and_shown(model_path, engine):
    def fail(train):
        raise MemoryError("no room")
    async with loaded(model_path) as one:
        await one.decide(1)
        await one.classifier.arm()
        assert (await one.classify(1))["permit"]
        engine.before = staticmethod(fail)
        out = await one.classify(1)
        assert (out["label"][:4] == -5).all()
        assert not out["permit"]
        assert "no room" in out["permitReason"]
        await sleepUntil(lambda: one.classifier.load.engineErrors == 1,
                         timeout=20)
        engine.before = staticmethod(lambda train: None)
        assert (await one.classify(1))["permit"]
        assert one.unaccounted() == ""


class Stuck(Device):
    """A receiver that wants to be waited for, and never is done."""
    release = None

    @InputChannel(raw=True)
    async def input(self, data, meta):
        await self.release.wait()


async def test_a_receiver_that_is_stuck_holds_up_nobody(model_path):
    async with loaded(model_path) as one:
        stuck = Stuck(Hash(
            "deviceId", create_instanceId("stuck"), "input", Hash(
                "connectedOutputChannels",
                [f"{one.classifier.deviceId}:output"],
                "onSlowness", "wait")))
        stuck.release = AsyncEvent()
        async with DeviceContext(stuck=stuck):
            await sleepUntil(
                lambda: len(one.classifier.output.connections.value) == 2,
                timeout=10)
            for _ in range(15):
                out = await one.classify(1)
            await sleepUntil(lambda: one.classifier.load.outputsBlocked > 3,
                             timeout=20)
            assert (out["label"][:4] == 1).all()
            assert out["latency"] < 1000
            stuck.release.set()

            def blocked():
                return [row for row in one.classifier.accounting.reasons.value
                        if row["fate"] == "output"]
            await sleepUntil(blocked, timeout=10)
            row, = blocked()
            assert 3 < row["trains"] < 15
            assert row["pulses"] % row["trains"] == 0
        assert one.unaccounted() == ""


async def test_full_size_trains_at_the_rate_of_the_facility(model_path):
    """2700 pulses ten times a second, of few channels: the wiring."""
    async with loaded(model_path,
                      **{"source.maxPulses": 2720,
                         "load.queueLength": 20}) as one:
        spectra = one.spectra(1, 2700)

        async def flow():
            start = time.monotonic()
            for number in range(30):
                await one.source.send({"adc": spectra})
                await sleep(max(0, start + (number + 1) / 10
                                - time.monotonic()))
        await create_task(flow())
        out = await one.output(one.source.next_train - 1)
        assert (out["label"][:2700] == 1).all()
        await sleepUntil(
            lambda: one.classifier.accounting.pulsesClassified == 81_000,
                         timeout=20)
        assert one.classifier.accounting.trainsSkipped == 0


async def test_arming_waits_for_the_change_to_be_in_force(
        model_path, engine):
    async with loaded(model_path) as one:
        await one.classify(1)
        go_on = Event()
        engine.before = staticmethod(lambda train: go_on.wait(20))
        train = await one.source.send_class(1)
        await sleepUntil(lambda: one.classifier._stream.worker.queue.in_flight(
            )[0] == 1, timeout=20)
        await one.set(minConfidence=0.3)
        with pytest.raises(KaraboError, match="not in force"):
            await one.classifier.arm()
        go_on.set()
        await one.output(train)
        await one.classify(1)
        await one.classifier.arm()
        np.testing.assert_allclose(
            one.classifier._configurator.live.settings.min_confidence, 0.3)
