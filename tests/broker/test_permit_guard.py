"""The guard against a classifier that is played, on a real broker."""
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from karabo.middlelayer import (
    AlarmCondition,
    Hash,
    KaraboError,
    State,
    call,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from tests.broker.stand_in import LeftOpen, StandIn, Valve
from tests.device_context import DeviceContext

#: s, for what takes some tenths of a second; a guard that hears nothing
#: connects again after 20 s
WAIT = 60


@asynccontextmanager
async def scene(target=None, enable=True, **settings):
    """A stand-in for the classifier, a shutter, and their guard, joined."""
    ids = SimpleNamespace(**{name: create_instanceId(name) for name in (
        "classifier", "shutter", "guard")})
    parts = SimpleNamespace(
        classifier=StandIn({"deviceId": ids.classifier, "output": {
            "hostname": "127.0.0.1"}}),
        shutter=target(ids) if target else SimulatedShutter(
            {"deviceId": ids.shutter, "holdTime": 1.}),
        guard=PermitGuard({"deviceId": ids.guard} | {
            "classifierId": ids.classifier, "targetDevice": ids.shutter,
            "target.openSlot": "open", "target.closeSlot": "close",
            "target.holdSlot": "hold", "target.confirmProperty": "isOpen",
            "target.patience": 0.5} | settings))
    async with DeviceContext(**vars(parts)):
        assert all(part.is_initialized for part in vars(parts).values())
        if enable:
            await parts.guard.enable()
        yield parts


async def until(condition):
    await sleepUntil(condition, timeout=WAIT)


async def until_open(parts):
    await until(lambda: parts.shutter.isOpen and parts.guard.targetOpen)
    assert parts.guard.state == State.ON
    assert parts.guard.granted


async def test_it_opens_and_holds_and_closes():
    async with scene() as parts:
        guard, shutter = parts.guard, parts.shutter
        await until_open(parts)
        assert guard.reason == "granted"
        begun = guard._lease.sequence
        await until(lambda: guard._lease.sequence > begun + 30)
        assert (shutter.opens, shutter.closes) == (1, 0)     # 1.5 s, held
        await until(lambda: guard.source.permitSequence > 0
                    and guard.source.lastRenewalAge >= 0)
        assert guard.source.channel == f"{parts.classifier.deviceId}:output"

        parts.classifier.word = False
        await until(lambda: not shutter.isOpen)
        assert shutter.lastCloseReason == "asked to close"
        await until(lambda: guard.state == State.INTERLOCKED)
        assert guard.alarmCondition == AlarmCondition.INTERLOCK
        assert "does not permit: as the test wants it" in guard.reason.value
        assert guard.conditions.trips == 1

        parts.classifier.word = True
        now = guard._lease.sequence
        await until(lambda: guard._lease.sequence > now + 5)
        assert not shutter.isOpen
        await guard.acknowledge()
        await until_open(parts)


async def test_it_does_not_act_before_it_is_enabled_nor_after():
    async with scene(enable=False) as parts:
        guard, shutter = parts.guard, parts.shutter
        await until(lambda: guard._lease.granted)
        assert guard.state == State.PASSIVE
        assert guard.reason == "not enabled: the permit is not acted on"
        assert not shutter.isOpen
        await guard.enable()
        await until_open(parts)
        await guard.disable()
        await until(lambda: not shutter.isOpen)
        await until(lambda: guard.state == State.PASSIVE)
        assert guard.conditions.trips == 0


async def test_it_closes_what_it_finds_open():
    async with scene(enable=False, **{"target.talkPeriod": 0.1}) as parts:
        await parts.shutter.open()
        assert parts.shutter.isOpen
        await until(lambda: not parts.shutter.isOpen)
        assert parts.shutter.lastCloseReason == "asked to close"


@pytest.mark.parametrize(("settings", "key", "closed"), [
    ({"target.openSlot": "open", "target.closeSlot": "close"},
     "opened", False),
    ({"watchdog.property": "word", "watchdog.kind": "fixed",
      "watchdog.openValue": "OPEN", "watchdog.closedValue": "CLOSED"},
     "word", "CLOSED"),
    ({"watchdog.property": "number", "watchdog.kind": "counter",
      "watchdog.closedValue": "0"}, "number", 0)])
async def test_it_closes_what_comes_open_after_it(settings, key, closed):
    """A close that was sent to nobody, or to the run before, is lost.

    The target does not report that it is open. It comes late, comes back
    after a silence, and comes back between two questions.
    """
    target = create_instanceId("target")
    guard = PermitGuard(settings | {
        "deviceId": create_instanceId("guard"), "targetDevice": target,
        "classifierId": create_instanceId("classifier"),
        "target.patience": 5., "watchdog.time": 1.})
    async with DeviceContext(guard=guard):
        for silent in (True, True, False):
            if silent:
                await until(lambda: guard.state == State.ERROR)
                assert guard.reason == "the target does not answer"
            left_open = LeftOpen({"deviceId": target})
            async with DeviceContext(left_open=left_open):
                await until(lambda left_open=left_open: (
                    getattr(left_open, key) == closed))
                await until(lambda: guard.state == State.PASSIVE)


def unreported(ids):
    return LeftOpen({"deviceId": ids.shutter})


UNREPORTED = {"target.holdSlot": "", "target.confirmProperty": ""}


async def test_a_close_that_was_not_heard_is_sent_again():
    async with scene(unreported, **UNREPORTED) as parts:
        guard, target = parts.guard, parts.shutter
        await until(lambda: guard.state == State.ON and target.opened)
        target.deaf = True
        await until(lambda: guard.state == State.ERROR)
        assert not guard.granted
        assert target.opened
        target.deaf = False
        await until(lambda: not target.opened)
        await until(lambda: guard.state == State.INTERLOCKED)


async def test_a_close_that_is_refused_closes_nothing():
    async with scene(unreported, **UNREPORTED) as parts:
        guard, target = parts.guard, parts.shutter
        await until(lambda: guard.state == State.ON and target.opened)
        target.stuck = True
        parts.classifier.word = False
        await until(lambda: guard.state == State.ERROR)
        assert guard.reason.value.startswith(
            "the target refuses to close: the blade does not move")
        with pytest.raises(KaraboError, match="the blade does not move"):
            await call(guard.deviceId, "acknowledge")
        target.stuck = False
        await until(lambda: not target.opened)
        await until(lambda: guard.state == State.INTERLOCKED)


async def test_silence_closes():
    async with scene(**{"conditions.latching": False}) as parts:
        await until_open(parts)
        parts.classifier.talking = False
        await until(lambda: not parts.shutter.isOpen)
        assert "not renewed for" in parts.guard.reason.value
        await until(lambda: parts.guard.state == State.PASSIVE)
        parts.classifier.talking = True
        await until_open(parts)
        assert parts.guard.conditions.trips == 1


async def test_a_connection_that_is_dead_at_the_other_end_is_made_anew():
    async with scene(**{"source.reconnectAfter": 1.}) as parts:
        guard, output = parts.guard, parts.classifier.output
        await until_open(parts)
        before = guard.source.reconnects.value   # a busy machine may need some
        parts.classifier.talking = False
        await until(lambda: "not renewed for" in guard.reason.value)
        await until(lambda: output.copy_futures)
        # whoever waits for these hears nothing any more
        output.copy_futures.clear()
        parts.classifier.talking = True
        begun = guard._lease.sequence
        await until(lambda: guard._lease.sequence > begun)
        assert guard.source.reconnects.value > before
        assert not guard.granted
        assert not parts.shutter.isOpen
        await guard.acknowledge()
        await until_open(parts)


async def test_words_that_are_no_permit_close():
    async with scene() as parts:
        guard, shutter = parts.guard, parts.shutter
        for says, words in (
                ({"permitSequence": 90_000}, "not renewed"),
                ({"permitSequence": 7}, "back to 7"),
                ({"permitValidFor": 0.}, "not a valid permit")):
            await until_open(parts)
            parts.classifier.says = says
            await until(lambda: not shutter.isOpen)
            assert words in guard.reason.value
            await until(lambda: guard.state == State.INTERLOCKED)
            parts.classifier.says = {}
            await guard.acknowledge()
        await until_open(parts)
        await PermitGuard.input.handler(
            guard, Hash("data.label", 1), SimpleNamespace(source="a:output"))
        assert "a:output sends no data.permit" in guard.reason.value
        await until(lambda: not shutter.isOpen)


async def test_the_end_of_the_connection_closes_at_once():
    async with scene(**{"conditions.lease": 10_000.,
                        "target.patience": 2.}) as parts:
        parts.classifier.says = {"permitValidFor": 10_000.}
        await until_open(parts)
        await parts.classifier.slotKillDevice()
        await sleepUntil(lambda: not parts.shutter.isOpen, timeout=9)
        assert "connection to the classifier" in parts.guard.reason.value


async def test_an_operator_closes_and_it_stays_closed():
    async with scene(**{"conditions.latching": False}) as parts:
        await until_open(parts)
        await parts.guard.close()
        await until(lambda: not parts.shutter.isOpen)
        assert "closed by an operator" in parts.guard.reason.value
        assert parts.guard.state == State.INTERLOCKED
        await parts.guard.acknowledge()
        await until_open(parts)


async def test_a_target_that_closes_by_itself_is_not_reopened():
    async with scene() as parts:
        await until_open(parts)
        await parts.shutter.close()
        await until(lambda: parts.guard.state == State.INTERLOCKED)
        assert "although it was commanded to open" in parts.guard.reason.value
        assert not parts.guard.granted


async def test_a_target_that_is_gone_is_noticed():
    async with scene() as parts:
        await until_open(parts)
        await parts.shutter.slotKillDevice()
        await until(lambda: parts.guard.state == State.ERROR)
        assert parts.guard.reason == "the target does not answer"
        assert parts.guard.alarmCondition == AlarmCondition.ALARM


async def test_the_guard_closes_when_it_is_shut_down():
    async with scene(**{"target.patience": 5.}) as parts:
        await until_open(parts)
        await parts.guard.slotKillDevice()
        await sleepUntil(lambda: not parts.shutter.isOpen, timeout=20)
        assert parts.shutter.lastCloseReason == "asked to close"


async def test_a_property_is_driven_and_watched():
    async with scene(
            target=lambda ids: Valve({"deviceId": ids.shutter}),
            **{"target.openSlot": "", "target.closeSlot": "",
               "target.holdSlot": "", "target.confirmProperty": "",
               "target.property": "position", "target.openValue": "OUT",
               "target.closedValue": "IN", "target.talkPeriod": 0.1}) as parts:
        await until(lambda: parts.shutter.position == "OUT")
        await until(lambda: parts.guard.state == State.ON)
        parts.shutter.stuck = True
        parts.classifier.talking = False
        await until(lambda: parts.guard.state == State.ERROR)
        assert parts.guard.reason == (
            "the target is open although it was commanded to close")
        parts.shutter.stuck = False         # a close is told again
        await until(lambda: parts.shutter.position == "IN")
        await until(lambda: parts.guard.state == State.INTERLOCKED)


async def test_a_configuration_that_cannot_work():
    async with scene(enable=False, **{"target.closeSlot": ""}) as parts:
        await until(lambda: parts.guard.state == State.ERROR)
        assert "give both or none" in parts.guard.status.value
        await parts.guard.enable()
        assert not parts.guard.granted
