"""A guard that cannot close its target, or is told by others, stays closed."""
import math
from asyncio import sleep
from contextlib import asynccontextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from karabo.middlelayer import (
    AlarmCondition,
    Bool,
    Configurable,
    Device,
    Double,
    Hash,
    Int32,
    KaraboError,
    Node,
    Overwrite,
    Slot,
    State,
    String,
    UInt64,
    call,
    slot,
)
from karabo.middlelayer.testing import (
    create_instanceId,
)

from spectra_classifier.devices.common import supervision
from spectra_classifier.devices.common.channels import DeviceOutputChannel
from spectra_classifier.devices.permit_guard import device as permit_guard
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from tests.broker.stand_in import READ, StandIn
from tests.broker.test_permit_guard import until, until_open
from tests.device_context import DeviceContext

SLOTS = {"target.openSlot": "open", "target.closeSlot": "close"}
SHUTTER = SLOTS | {"target.holdSlot": "hold",
                   "target.confirmProperty": "isOpen"}
LOOPBACK = {"hostname": "127.0.0.1"}


class Blind(Device):
    """A target that obeys, and can be asked only while it is closed."""
    state = Overwrite(defaultValue=State.CLOSED, options=[State.CLOSED])
    isOpen = Bool(defaultValue=False)
    opened = Int32(defaultValue=0)
    level = Double(defaultValue=0.)

    @Slot()
    async def open(self):
        self.isOpen, self.opened = True, self.opened.value + 1

    @Slot()
    async def close(self):
        self.isOpen = False

    async def slotGetConfigurationSlice(self, info):
        if self.isOpen:
            await sleep(3600)
        return Hash({path: getattr(self, path).value
                     for path in info["paths"]})

    slotGetConfigurationSlice = slot(slotGetConfigurationSlice)


def talker(name):
    return StandIn({"deviceId": name, "output": LOOPBACK})


def ids(*names):
    return SimpleNamespace(**{name: create_instanceId(name)
                              for name in names})


@asynccontextmanager
async def running(**devices):
    async with DeviceContext(**devices):
        assert all(device.is_initialized for device in devices.values())
        yield


async def heard(device, messages=15):
    """As long as a talker needs for so many messages."""
    begun = device.number
    await until(lambda: device.number > begun + messages)


async def test_settings_that_can_never_close_are_refused_at_the_start():
    name = ids("classifier", "target")
    drive = {"target.property": "flag"}
    wrong = {
        "classifierId is empty": SHUTTER | {"classifierId": ""},
        "names nobody": SHUTTER | {"classifierId": "", "input": {
            "connectedOutputChannels": [f"{name.classifier}:output"]}},
        "leave connectedOutputChannels empty": SHUTTER | {"input": {
            "connectedOutputChannels": [f"{name.target}:output"]}},
        "both open": {"target.openSlot": "open", "target.closeSlot": "open"},
        "holdSlot is open": SHUTTER | {"target.holdSlot": "open"},
        "the same to Karabo": drive | {"target.openValue": "1",
                                       "target.closedValue": "true"},
        "openValue is {": drive | {"target.openValue": '{"a": 1}'},
        "closedValue is null": drive | {"target.closedValue": "null"},
        "closedValue is NaN": drive | {"target.closedValue": "NaN"},
        "this guard itself": {"target.openSlot": "enable",
                              "target.closeSlot": "disable"},
        "the classifier itself": SHUTTER | {"targetDevice": name.classifier},
        "is not a device id": SHUTTER | {"targetDevice": "*"},
        "not the name of a slot": {"target.openSlot": "open",
                              "target.closeSlot": "clo se"},
        "give both or none": {"target.openSlot": "open"},
        "one way to drive": SHUTTER | drive,
        "without target.confirmOpenValue": SHUTTER | {
            "target.confirmOpenValue": ""},
        "always seem silent": SHUTTER | {"target.talkPeriod": 3.},
        "half of watchdog.time": {"watchdog.property": "beat",
                                  "watchdog.period": 0.6},
        "for a toggle": SHUTTER | {"watchdog.property": "beat",
                                   "watchdog.closedValue": "false"}}
    guards = {}
    for number, settings in enumerate(wrong.values()):
        own = create_instanceId(f"guard{number}")
        if settings.get("target.openSlot") == "enable":
            settings = settings | {"targetDevice": own}
        guards[f"guard{number}"] = PermitGuard(
            {"deviceId": own, "classifierId": name.classifier,
             "targetDevice": name.target, "enableOnStart": True} | settings)
    classifier = talker(name.classifier)
    shutter = SimulatedShutter({"deviceId": name.target, "holdTime": 0.})
    async with running(classifier=classifier, shutter=shutter, **guards):
        for words, guard in zip(wrong, guards.values(), strict=True):
            assert guard.state == State.ERROR
            assert guard.alarmCondition == AlarmCondition.ALARM
            assert words in guard.reason.value
            reason = guard.reason.value
            for action in "enable", "acknowledge":
                with pytest.raises(KaraboError) as caught:
                    await call(guard.deviceId, action)
                assert f"{action} is refused: {reason}" in str(caught.value)
                await getattr(guard, action)()      # within the device
            for action in "disable", "close":
                await call(guard.deviceId, action)
            assert guard.reason == reason
            # what notices a guard that stops works all the same
            assert guard._watch._thread.is_alive()
            assert len(guard.supervisor.tasks) == 4 + bool(
                guard.watchdog.property.value)
        await heard(classifier)
        for guard in guards.values():
            assert guard.state == State.ERROR
            assert not guard.enabled
            assert not guard.granted
        assert shutter.opens == 0


async def test_an_unconfigured_guard_closes_what_it_finds_open():
    name = ids("target", "guard")
    guard = PermitGuard({"deviceId": name.guard, "targetDevice": name.target,
                         "target.talkPeriod": 0.1} | SHUTTER)
    shutter = SimulatedShutter({"deviceId": name.target, "holdTime": 0.})
    async with running(guard=guard, shutter=shutter):
        assert "classifierId is empty" in guard.reason.value
        await shutter.open()
        await until(lambda: not shutter.isOpen)
        assert shutter.lastCloseReason == "asked to close"


@pytest.mark.parametrize(("settings", "words"), [
    (SLOTS | {"target.confirmProperty": "isNot"}, "has no isNot: "),
    (SLOTS | {"target.confirmProperty": "open"}, "can be True"),
    (SLOTS | {"target.confirmProperty": "opened"}, "can be True"),
    (SLOTS | {"target.holdSlot": "hold"},
     "has no hold: target.holdSlot has to be a slot"),
    ({"target.openSlot": "open", "target.closeSlot": "isOpen"},
     "isOpen of .* is a property of type BOOL: target.closeSlot has to be "
     "a slot"),
    ({"target.property": "open"}, "open of .* is a slot: target.property"),
    ({"target.property": "state"}, "state of .* cannot be set at any time"),
    ({"target.property": "level"}, "to True and to False"),
    ({"target.property": "isOpen", "target.openValue": "1",
      "target.closedValue": "0"}, "to 1 and to 0"),
    (SLOTS | {"watchdog.property": "beat"}, "has no beat: watchdog.property"),
    (SLOTS | {"watchdog.property": "opened"},
     "type INT32: watchdog.property has to be a property of type BOOL"),
    (SLOTS | {"watchdog.property": "isOpen", "watchdog.kind": "counter"},
     "type BOOL: watchdog.property has to be an integer"),
    ({"watchdog.property": "level", "watchdog.kind": "fixed",
      "watchdog.closedValue": "false"}, "to True and to False")])
async def test_a_target_that_does_not_fit_is_never_opened(settings, words):
    name = ids("classifier", "target", "guard")
    classifier, target = talker(name.classifier), Blind(
        {"deviceId": name.target})
    guard = PermitGuard({
        "deviceId": name.guard, "classifierId": name.classifier,
        "conditions.latching": False, "targetDevice": name.target,
        "target.patience": 0.5} | settings)
    async with running(classifier=classifier, target=target, guard=guard):
        with pytest.raises(KaraboError, match=words):
            await call(name.guard, "enable")
        await guard.enable()
        await heard(classifier)
        assert not guard.enabled
        assert guard.state == State.ERROR
        assert (target.opened, target.isOpen) == (0, False)


async def test_a_target_that_is_not_there_and_then_is_another():
    """With nothing to confirm; it opens what fits, as soon as that comes."""
    name = ids("classifier", "target", "guard")
    classifier = talker(name.classifier)
    guard = PermitGuard({
        "deviceId": name.guard, "classifierId": name.classifier,
        "conditions.latching": False, "targetDevice": name.target,
        "target.patience": 0.5,
        "enableOnStart": True} | SLOTS | {"target.holdSlot": "hold"})
    async with running(classifier=classifier, guard=guard):
        with pytest.raises(KaraboError, match="has not said yet"):
            await call(name.guard, "enable")
        await until(lambda: guard.state == State.ERROR)
        assert guard.reason == "the target does not answer"
        assert not guard.granted
        async with running(shutter=(shutter := SimulatedShutter(
                {"deviceId": name.target}))):
            await until(lambda: shutter.isOpen)
            await until(lambda: guard.state == State.ON)
        # gone while it was open: somebody has to look
        await until(lambda: guard.state == State.ERROR)
        assert guard.reason == "the target does not answer"
        with pytest.raises(KaraboError, match="acknowledge is refused"):
            await call(name.guard, "acknowledge")
        async with running(other=(other := Blind({"deviceId": name.target}))):
            await until(lambda: "has no hold" in guard.reason.value)
            await heard(classifier)
            assert other.opened == 0
        async with running(shutter=(shutter := SimulatedShutter(
                {"deviceId": name.target}))):
            await until(lambda: guard.state == State.INTERLOCKED)
            await heard(classifier)
            assert shutter.opens == 0
            await call(name.guard, "acknowledge")
            await until(lambda: shutter.isOpen)


async def test_a_target_that_cannot_be_asked_is_opened_once():
    name = ids("classifier", "target", "guard")
    classifier, target = talker(name.classifier), Blind(
        {"deviceId": name.target})
    guard = PermitGuard({
        "deviceId": name.guard, "classifierId": name.classifier,
        "conditions.latching": False, "targetDevice": name.target,
        "target.patience": 0.5,
        "target.confirmProperty": "isOpen"} | SLOTS)
    async with running(classifier=classifier, target=target, guard=guard):
        await guard.enable()
        await until(lambda: target.isOpen)
        await until(lambda: not target.isOpen)
        await until(lambda: guard.state == State.INTERLOCKED)
        assert "does not answer" in guard.reason.value
        await heard(classifier, 60)         # 3 s of renewals
        assert target.opened == 1
        await guard.acknowledge()           # a decision: once more
        await until(lambda: target.opened == 2)
        await until(lambda: guard.state == State.INTERLOCKED)
        await heard(classifier)
        assert target.opened == 2


@asynccontextmanager
async def guarded(**settings):
    """A guard with its shutter, and a classifier that is not its own."""
    name = ids("classifier", "other", "shutter", "guard")
    parts = SimpleNamespace(
        classifier=talker(name.classifier), other=talker(name.other),
        shutter=SimulatedShutter({"deviceId": name.shutter}),
        guard=PermitGuard({
            "deviceId": name.guard, "classifierId": name.classifier,
            "targetDevice": name.shutter} | SHUTTER | settings))
    async with running(**vars(parts)):
        await parts.guard.enable()
        yield parts


async def say(guard, source, **changes):
    """Something reaches the guard's input."""
    word = {"permit": True, "permitSequence": 1, "permitValidFor": 500.,
            "permitReason": "forged", "permitTrainId": 1} | changes
    await PermitGuard.input.handler(
        guard, Hash(*(part for key, value in word.items()
                      for part in (f"data.{key}", value))),
        SimpleNamespace(source=source))


async def test_nobody_else_renews():
    async with guarded(**{"conditions.latching": False}) as parts:
        guard, own = parts.guard, f"{parts.classifier.deviceId}:output"
        await until_open(parts)
        parts.classifier.talking = False
        await until(lambda: not parts.shutter.isOpen)
        opens = parts.shutter.opens.value
        strangers = [
            f"{parts.other.deviceId}:output",
            f"{parts.classifier.deviceId}:preview", parts.classifier.deviceId,
            own.upper(), f" {own}", f"{own} ", f"{own}\n", f"{own}:output",
            "", ":output", "\0", "x" * 10_000, None]
        for number in range(3):
            for source in strangers:
                await say(guard, source, permitSequence=10_000 + number)
                assert not guard._lease.granted
        # a connection that nobody asked for; what it sends may call itself
        # anything
        await guard.input.connectChannel(strangers[0])
        begun = guard._refused
        await until(lambda: guard._refused > begun + 10)
        for number in range(10):
            await say(guard, own, permitSequence=20_000 + number)
            assert not guard._lease.granted
        assert parts.shutter.opens == opens
        assert not parts.shutter.isOpen
        assert guard.alarmCondition == AlarmCondition.WARN
        assert "is not believed" in guard.reason.value
        assert "is not believed" in guard.source.lastRefusal.value
        await until(lambda: guard.source.refusedMessages > 60)


async def test_a_stranger_does_not_withdraw_and_is_shown():
    async with guarded() as parts:
        guard = parts.guard
        await until_open(parts)
        await say(guard, "some/body/else:output", permit=False)
        await PermitGuard.input.close_handler(guard, "some/body/else:output")
        await PermitGuard.input.end_of_stream_handler(guard, "x:output")
        assert guard.granted
        assert guard.reason == (
            "granted; some/body/else:output is not believed: "
            f"{parts.classifier.deviceId}:output is")
        assert guard.alarmCondition == AlarmCondition.WARN
        await PermitGuard.input.end_of_stream_handler(
            guard, f"{parts.classifier.deviceId}:output")
        assert not guard.granted


async def test_a_target_that_restarts_while_it_is_open_is_not_reopened():
    async with guarded(**{"conditions.latching": False}) as parts:
        guard, shutter = parts.guard, parts.shutter
        await until_open(parts)
        guard._identity = ["of", "another", "process"]
        await until(lambda: not shutter.isOpen)
        await until(lambda: guard.state == State.INTERLOCKED)
        assert "has restarted while it was open" in guard.reason.value
        await heard(parts.classifier)
        assert shutter.opens == 1
        await guard.acknowledge()
        await until_open(parts)


@pytest.mark.parametrize(("key", "values"), [
    ("permit", ["true", "false", 1, 1., [True], np.array([True]), math.nan]),
    ("permitSequence", ["5", 5., True, math.nan, [5], -1]),
    ("permitValidFor", ["500", True, math.nan, math.inf, 0., -1., [500.]]),
    ("permitReason", [5, True, ["x"], "x" * 5000]),
    ("permitTrainId", ["5", 5., True, math.nan, [5], -1])])
async def test_a_word_of_wrong_types_closes(key, values, caplog):
    async with guarded() as parts:
        guard, source = parts.guard, f"{parts.classifier.deviceId}:output"
        await until_open(parts)
        for number, value in enumerate(values):
            await say(guard, source, **{"permitSequence": 10 ** 6 + number}
                      | {key: value})
            assert not guard.granted
            assert f"{key} is " in guard.reason.value
            assert "it is not a valid permit" in guard.reason.value
            assert guard.state == State.INTERLOCKED
            assert guard._refused == number + 1
            await until(lambda: not parts.shutter.isOpen)
            await guard.acknowledge()
            # its own word is a restart after a number that was accepted
            await until_open(parts)
        assert not [record for record in caplog.records if record.exc_info]


class TextNode(Configurable):
    permit = String(defaultValue="false", **READ)
    permitReason = String(defaultValue="", **READ)
    permitTrainId = UInt64(defaultValue=0, **READ)
    permitSequence = UInt64(defaultValue=0, **READ)
    permitValidFor = Double(defaultValue=500., **READ)


class TextChannel(Configurable):
    data = Node(TextNode)


class TextTalker(StandIn):
    """Says its permit as a text."""
    output = DeviceOutputChannel(TextChannel)
    permit = String(defaultValue="false", **READ)


async def test_a_text_is_no_permit_on_a_real_channel():
    name = ids("classifier", "shutter", "guard")
    classifier = TextTalker({"deviceId": name.classifier, "output": LOOPBACK})
    classifier.says = {"permit": "false"}
    shutter = SimulatedShutter({"deviceId": name.shutter})
    guard = PermitGuard({
        "deviceId": name.guard, "classifierId": name.classifier,
        "conditions.latching": False, "targetDevice": name.shutter} | SHUTTER)
    async with running(classifier=classifier, shutter=shutter, guard=guard):
        await guard.enable()
        await until(lambda: guard.source.refusedMessages > 20)
        assert "permit is 'false' and not a bool" in guard.reason.value
        assert shutter.opens == 0


async def test_a_message_never_raises(caplog):
    async with guarded(**{"conditions.latching": False}) as parts:
        guard, source = parts.guard, f"{parts.classifier.deviceId}:output"
        for data in (Hash(), Hash("data", 5), Hash("data", [1]),
                     Hash("data.permit.x", True), Hash("data.permit", None)):
            await PermitGuard.input.handler(
                guard, data, SimpleNamespace(source=source))
        assert guard._refused == 5
        assert not [record for record in caplog.records if record.exc_info]


@pytest.mark.parametrize("way", ["raises", "returns", "is cancelled"])
@pytest.mark.parametrize("number", range(4))
async def test_a_task_that_dies_closes_and_ends_the_process(
        number, way, monkeypatch):
    ended = []
    monkeypatch.setattr(supervision, "end_process",
                        lambda *words: ended.append(words))
    work = ("_turn_for_ever", "_talk_for_ever", "watch_broker",
            "_listen_for_ever")[number]
    victim = permit_guard if work == "watch_broker" else PermitGuard
    dying = []

    async def dies(*_):
        while not dying:
            if work == "_turn_for_ever":
                guard._watch.beat()
                guard._turn()
            elif work == "_talk_for_ever":
                await guard._talk()
            await sleep(0.02)
        if way == "raises":
            raise RuntimeError("an error that nothing should cause")

    monkeypatch.setattr(victim, work, dies)
    name = ids("classifier", "shutter", "guard")
    classifier = talker(name.classifier)
    shutter = SimulatedShutter({"deviceId": name.shutter, "holdTime": 0.})
    guard = PermitGuard({
        "deviceId": name.guard, "classifierId": name.classifier,
        "load.loopTimeout": 60., "conditions.latching": False,
        "targetDevice": name.shutter} | SHUTTER)
    async with running(classifier=classifier, shutter=shutter, guard=guard):
        await guard.enable()
        await until(lambda: shutter.isOpen)
        if way == "is cancelled":
            list(guard.supervisor.tasks.values())[number].cancel()
        else:
            dying.append(True)
        await until(lambda: not shutter.isOpen)
        await until(lambda: ended)
        (device, sentence), = ended
        assert device == name.guard
        assert ("RuntimeError: an error" in sentence) == (way == "raises")
        assert guard.state == State.ERROR
        assert sentence in guard.reason.value
        await guard.enable()
        await heard(classifier)
        assert not shutter.isOpen
        assert not guard.granted


async def test_an_error_in_every_look_closes_all_the_same(monkeypatch):
    ended = []
    monkeypatch.setattr(supervision, "end_process",
                        lambda *words: ended.append(words))

    def broken():
        raise RuntimeError("an error that nothing should cause")

    async with guarded(**{"load.loopTimeout": 60.}) as parts:
        guard, shutter = parts.guard, parts.shutter
        shutter.holdTime = 0.
        await until_open(parts)
        guard._turn = broken
        await until(lambda: not shutter.isOpen)
        assert shutter.lastCloseReason == "asked to close"
        await until(lambda: ended)
        assert "RuntimeError: an error" in guard.reason.value
        del guard._turn


async def test_what_comes_back_under_the_same_name_is_looked_at_again():
    """Of the same class and process, ready at once, and yet another.

    It does not even have what it is asked for.
    """
    changed = type("Blind", (Device,), {
        "state": Overwrite(defaultValue=State.CLOSED, options=[State.CLOSED]),
        "open": Slot()(Blind.open.method)})
    name = ids("classifier", "target", "guard")
    classifier = talker(name.classifier)
    guard = PermitGuard({
        "deviceId": name.guard, "classifierId": name.classifier,
        "targetDevice": name.target, "target.patience": 0.5,
        "target.confirmProperty": "isOpen"} | SLOTS)
    async with running(classifier=classifier, guard=guard):
        async with running(target=(target := Blind({
                "deviceId": name.target}))):
            await guard.enable()
            await until(lambda: target.opened)
            await guard.disable()
        await until(lambda: guard.reason == "the target does not answer")
        async with running(other=changed({"deviceId": name.target})):
            await until(lambda: "has no close" in guard.reason.value)
            with pytest.raises(KaraboError, match="has no close"):
                await call(name.guard, "enable")
