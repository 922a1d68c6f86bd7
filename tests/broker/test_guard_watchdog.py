"""A guard that renews a property, against stand-ins on a real broker."""
import asyncio
import json
import time
from contextlib import asynccontextmanager
from itertools import pairwise
from types import SimpleNamespace

import pytest
from karabo.middlelayer import (
    AccessMode,
    Device,
    Hash,
    Int64,
    KaraboError,
    Overwrite,
    State,
    String,
    UInt8,
    UInt64,
    call,
    slot,
)
from karabo.middlelayer.testing import create_instanceId

from spectra_classifier.devices.common import supervision
from spectra_classifier.devices.permit_guard import device as permit_guard
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.simulated_beamline.digital_output import (
    SimulatedDigitalOutput,
)
from spectra_classifier.devices.simulated_beamline.watchdog import (
    SimulatedWatchdog,
)
from tests.broker.stand_in import StandIn
from tests.broker.test_permit_guard import until
from tests.device_context import DeviceContext

BIT = {"watchdog.property": "heartbeatBit",
       "target.confirmProperty": "output"}
COUNTER = BIT | {"watchdog.property": "heartbeatCount",
                 "watchdog.kind": "counter"}


class Odd(Device):
    """Properties that a PLC may have, and what was written into them."""
    state = Overwrite(defaultValue=State.ON, options=[State.ON])
    large = Int64(defaultValue=2 ** 40, minInc=2 ** 40 - 2, maxInc=2 ** 40)
    huge = UInt64(defaultValue=2 ** 64 - 2)
    shown = UInt8(accessMode=AccessMode.READONLY, defaultValue=0)

    def __init__(self, configuration):
        self.written = []
        super().__init__(configuration)

    async def onInitialization(self):
        self.written.clear()        # setters run at the start, too

    @UInt8(defaultValue=254)
    async def beat(self, value):
        self.beat = value
        self.written.append(int(value.value))

    @String(defaultValue="CLOSED", options=["OPEN", "CLOSED"])
    async def word(self, value):
        self.word = value
        self.written.append(str(value.value))


class Slow(Odd):
    """Answers when it is told to."""

    def __init__(self, configuration):
        self.calls, self.go = [], asyncio.Event()
        super().__init__(configuration)

    async def slotReconfigure(self, values, message):
        self.calls.append(values)
        await self.go.wait()
        await super().slotReconfigure(values, message)

    slotReconfigure = slot(slotReconfigure, passMessage=True)


class Refusing(Odd):
    """Does not take what is written after the third time."""

    @UInt8(defaultValue=0)
    async def beat(self, value):
        self.written.append(int(value.value))
        if len(self.written) > 3:
            raise KaraboError("the PLC is not connected")
        self.beat = value


@asynccontextmanager
async def renewed(settings, target=SimulatedWatchdog, enable=True, **more):
    """Classifier, target and guard; the guard has acted if `enable`."""
    ids = SimpleNamespace(**{name: create_instanceId(name) for name in (
        "classifier", "target", "guard")})
    parts = SimpleNamespace(
        classifier=StandIn({"deviceId": ids.classifier, "output": {
            "hostname": "127.0.0.1"}}),
        target=target({"deviceId": ids.target} | more),
        guard=PermitGuard({
            "deviceId": ids.guard, "classifierId": ids.classifier,
            "targetDevice": ids.target, "watchdog.period": 0.1,
            "watchdog.time": more.get("watchdogTime", 1.)} | settings))
    async with DeviceContext(**vars(parts)):
        assert all(part.is_initialized for part in vars(parts).values())
        if enable:
            await parts.guard.enable()
            assert parts.guard.enabled, parts.guard.status.value
        yield parts


async def until_on(parts):
    await until(lambda: parts.target.output and parts.guard.targetOpen)
    assert parts.guard.state == State.ON


@pytest.mark.parametrize("settings", [BIT, COUNTER])
async def test_the_output_is_on_while_it_is_renewed(settings):
    async with renewed(settings, watchdogTime=0.8) as parts:
        guard, target = parts.guard, parts.target
        await until_on(parts)
        begun = target.changes.value
        await until(lambda: target.changes > begun + 15)
        assert (target.output, target.expiries) == (True, 0)
        await until(lambda: guard.watchdog.renewals > 10
                    and 0 <= guard.watchdog.age.value < 1)
        await until(lambda: json.loads(guard.watchdog.value.value) in (
            target.heartbeatCount.value, bool(target.heartbeatBit.value)))

        parts.classifier.talking = False
        struck = time.time()
        await until(lambda: not target.output)
        # the validity, the watchdog, and a look
        assert target.offAt.value - struck < 0.5 + 0.8 + 0.5
        await until(lambda: guard.state == State.INTERLOCKED)
        assert "not renewed for" in guard.reason.value
        await until(lambda: guard.watchdog.age.value == -1)
        changes, renewals = target.changes.value, guard.watchdog.renewals
        parts.classifier.talking = True
        number = parts.classifier.number
        await until(lambda: parts.classifier.number > number + 20)
        assert target.changes == changes        # latched: nothing is renewed
        assert guard.watchdog.renewals == renewals
        await guard.acknowledge()
        await until_on(parts)


async def test_nothing_is_renewed_that_is_not_enabled():
    async with renewed(BIT, enable=False) as parts:
        await until(lambda: parts.guard._lease.granted)
        number = parts.classifier.number
        await until(lambda: parts.classifier.number > number + 20)
        assert parts.target.changes == 0
        await parts.guard.enable()
        await until_on(parts)
        await parts.guard.disable()
        await until(lambda: not parts.target.output)


async def test_a_denial_writes_the_closed_value_at_once():
    settings = {"watchdog.property": "beat", "watchdog.kind": "counter",
                "watchdog.closedValue": "0"}
    async with renewed(settings, target=Odd) as parts:
        written = parts.target.written
        await until(lambda: len(written) - written.count(0) > 3)
        begun = written.count(0)
        assert begun > 0
        assert written[:begun] == [0] * begun
        for before, after in pairwise(written[begun:]):
            assert after == before % 255 + 1
        parts.classifier.word = False
        await until(lambda: written[-1] == 0)
        begun = len(written)
        number = parts.classifier.number
        await until(lambda: parts.classifier.number > number + 10)
        assert not any(written[begun:])


async def test_a_fixed_value_is_written_again_and_taken_back():
    settings = {"watchdog.property": "word", "watchdog.kind": "fixed",
                "watchdog.openValue": "OPEN",
                "watchdog.closedValue": "CLOSED"}
    async with renewed(settings, target=Odd) as parts:
        written = parts.target.written
        await until(lambda: written[-4:] == ["OPEN"] * 4)
        parts.classifier.word = False
        await until(lambda: written[-1] == "CLOSED")


@pytest.mark.parametrize(("key", "expected"), [
    ("large", {2 ** 40 - 2, 2 ** 40 - 1, 2 ** 40}),
    ("huge", {2 ** 64 - 2, 2 ** 64 - 1, 0, 1})])
async def test_a_counter_of_64_bits_wraps_at_its_limits(key, expected):
    settings = {"watchdog.property": key, "watchdog.kind": "counter"}
    async with renewed(settings, target=Odd) as parts:
        seen = set()

        def complete():
            seen.add(int(getattr(parts.target, key).value))
            return seen >= expected

        await until(complete)
        assert parts.guard.state == State.ON


async def test_a_digital_output_is_switched_by_its_slots():
    settings = {"target.openSlot": "on", "target.closeSlot": "off",
                "target.confirmProperty": "state",
                "target.confirmOpenValue": "ON"}
    async with renewed(settings, target=SimulatedDigitalOutput) as parts:
        await until(lambda: parts.target.value)
        await until(lambda: parts.guard.state == State.ON)
        parts.classifier.word = False
        await until(lambda: not parts.target.value)
        await until(lambda: parts.guard.state == State.INTERLOCKED)


async def test_a_renewal_is_not_repeated_before_it_is_answered():
    """A target that answers late is not written to again meanwhile."""
    settings = {"watchdog.property": "beat", "watchdog.kind": "counter"}
    async with renewed(settings, target=Slow) as parts:
        await until(lambda: parts.target.calls)
        await until(lambda: parts.guard.state == State.INTERLOCKED)
        assert len(parts.target.calls) == 1
        assert ("no renewal of beat was confirmed for 1 s"
                in parts.guard.reason.value)
        parts.target.go.set()
        await parts.guard.acknowledge()
        await until(lambda: len(parts.target.written) > 3)


async def test_a_renewal_that_is_refused_latches():
    settings = {"watchdog.property": "beat", "watchdog.kind": "counter",
                "conditions.latching": False}
    async with renewed(settings, target=Refusing) as parts:
        await until(lambda: parts.guard.state == State.INTERLOCKED)
        assert "refuses the renewal: the PLC is not connected" in (
            parts.guard.reason.value)
        number = parts.classifier.number
        await until(lambda: parts.classifier.number > number + 20)
        assert len(parts.target.written) == 4


async def test_a_dead_task_ends_the_renewal(monkeypatch):
    """Whichever task it is, and also the renewal itself."""
    ended = []
    monkeypatch.setattr(supervision, "end_process",
                        lambda *words: ended.append(words))
    for name in ("the look at the lease", "the talk to the target",
                 "the renewal"):
        async with renewed(BIT, watchdogTime=0.8) as parts:
            await until_on(parts)
            parts.guard.supervisor.tasks[name].cancel()
            await until(lambda: ended)
            await until(lambda parts=parts: not parts.target.output)
            changes = parts.target.changes.value
            number = parts.classifier.number
            await until(lambda parts=parts, number=number: (
                parts.classifier.number > number + 10))
            assert parts.target.changes == changes
        ended.clear()


async def test_a_blocked_loop_renews_nothing():
    """What was due while the loop stood still is not made up for."""
    async with renewed(BIT, watchdogTime=0.8) as parts:
        await until_on(parts)
        sent = []
        call_ = parts.guard.call

        async def counted(device, target, *args):
            if target == "slotReconfigure":
                sent.append(time.monotonic())
            return await call_(device, target, *args)

        parts.guard.call = counted
        await until(lambda: len(sent) > 2)
        # this is the loop of all of them, and the thread of the watchdog
        time.sleep(1.5)
        assert not parts.target._output.is_on
        before = len(sent)
        await until(lambda: not parts.guard.granted)
        assert len(sent) == before


async def test_the_renewal_itself_looks_at_the_lease(monkeypatch):
    """Nothing else does, for some seconds: neither looks nor messages."""
    rarely = {"target.talkPeriod": 5., "target.patience": 30.}
    async with renewed(BIT | rarely, watchdogTime=0.8) as parts:
        await until(lambda: parts.target.output)
        parts.classifier.talking = False
        monkeypatch.setattr(permit_guard, "PERIOD", 4.)
        struck = time.monotonic()
        await until(lambda: not parts.target.output)
        assert time.monotonic() - struck < 3.


async def test_what_is_renewed_has_to_be_there_before_it_is_enabled():
    for settings, words in (
            ({"watchdog.property": "nothing"},
             "has no nothing: watchdog.property has to be a property of type "
             "BOOL that can be set at any time"),
            ({"watchdog.property": "shown", "watchdog.kind": "counter"},
             "shown of .* is a property of type UINT8 that cannot be set at "
             "any time: watchdog.property has to be an integer"),
            ({"watchdog.property": "beat"},
             "beat of .* is a property of type UINT8: watchdog.property")):
        async with renewed(settings, target=Odd, enable=False) as parts:
            with pytest.raises(KaraboError, match=words):
                await call(parts.guard.deviceId, "enable")
            assert not parts.guard.enabled
            assert parts.target.written == []


def test_settings_are_in_the_schema():
    schema = PermitGuard.getClassSchema().hash
    assert schema["watchdog.kind", "options"] == [
        "toggle", "counter", "fixed"]
    assert Hash(schema)["watchdog.period", "minInc"] == 0.1
