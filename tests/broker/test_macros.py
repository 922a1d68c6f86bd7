"""The macros, on a macro server, against a classifier that is played."""
import ast
import re
import time
from asyncio import get_running_loop
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from karabo.common.sanity_check import validate_macro
from karabo.middlelayer import (
    Hash,
    State,
    call,
    connectDevice,
    getProperties,
    instantiate,
    shutdown,
    sleep,
    waitUntil,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.macros.catalogue import MACROS
from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from spectra_lab.servers import DeviceServer
from tests.broker.classifier_bench import bench, save_model
from tests.broker.stand_in import StandIn
from tests.device_context import DeviceContext

WAIT = 30       # s, for what takes a second on a quiet machine


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server_id(karabo_environment):
    """A macro server that knows our macros."""
    server_id = create_instanceId("macros")
    with DeviceServer("macro", server_id):
        await knows(server_id, "ActOnStateChange")
        yield server_id


async def knows(server_id, class_id):
    """Wait for a server and for a class that it has imported."""
    servers = get_running_loop().lead.systemTopology["server"]
    await sleepUntil(
        lambda: server_id in servers
        and class_id in servers[server_id, "deviceClasses"], timeout=WAIT)


@asynccontextmanager
async def running(server_id, name, **settings):
    """A proxy of a macro on the server."""
    macro_id = create_instanceId(name)
    configuration = Hash()
    for key, value in settings.items():
        configuration[key] = value
    await instantiate(server_id, name, macro_id, configuration=configuration)
    try:
        with await connectDevice(macro_id) as macro:
            yield macro
    finally:
        await shutdown(macro_id)


async def until(macro, words="", state="PASSIVE"):
    """The result, once the macro is in `state` and the result has `words`.

    Asked of the macro itself: a proxy shows the state before the call for a
    moment longer.
    """
    end = time.monotonic() + WAIT
    while time.monotonic() < end:
        found = await getProperties(macro.deviceId.value, ["state", "result"])
        if found["state"] == state and words in found["result"]:
            return found["result"]
        assert "failed" not in found["result"], found["result"]
        await sleep(0.1)
    raise TimeoutError(f"{found['state']}: {found['result']}")


@pytest.mark.parametrize("name", MACROS)
def test_the_text_is_a_macro_by_itself(name):
    text = MACROS[name]
    assert validate_macro(text) == []
    modules = [node.module for node in ast.walk(ast.parse(text))
               if isinstance(node, ast.ImportFrom)]
    assert set(modules) == {"asyncio", "karabo.middlelayer"}
    assert f"class {name}(Macro)" in text


async def test_wait_for_a_sample_state(server_id):
    classifier = StandIn({"deviceId": create_instanceId("classifier")})
    async with (
            DeviceContext(classifier=classifier),
            running(server_id, "WaitForSampleState",
                    classifierId=classifier.deviceId, sampleState="molten",
                    trains=10, timeout=WAIT) as macro):
        await macro.wait()
        await waitUntil(lambda: macro.state == State.ACTIVE)
        classifier.show(0, "solid")
        await sleepUntil(lambda: classifier.number > 110, timeout=WAIT)
        classifier.show(1, "molten")
        await waitUntil(lambda: 0 < macro.trainsHeld < 10)
        classifier.show(0, "solid")         # back again: counted anew
        await waitUntil(lambda: macro.trainsHeld == 0)
        classifier.show(1, "molten")
        begun = classifier.number
        assert await until(macro) == "'molten' for 10 trains"
        assert macro.reached
        assert classifier.number >= begun + 10

        classifier.talking = False          # silence is not waited out
        macro.timeout = 0.5
        await macro.wait()
        assert await until(macro) == "no 'molten' for 10 trains within 0.5 s"
        assert not macro.reached


async def test_waiting_for_a_classifier_that_is_not_there(server_id):
    async with running(server_id, "WaitForSampleState", timeout=0.3,
                       classifierId="nobody", sampleState="x") as macro:
        await macro.wait()
        result = await until(macro)
        assert "nobody" in result or "within 0.3 s" in result
        assert not macro.reached


async def test_act_on_a_state_change(server_id, start_server):
    """A motor is stopped; the shutter gets a guard in its own server."""
    guards = create_instanceId("guards")
    start_server("middlelayer", guards, ["PermitGuard"])
    ids = {name: create_instanceId(name) for name in (
        "classifier", "motor", "shutter", "guard")}
    classifier = StandIn({"deviceId": ids["classifier"], "output": {
        "hostname": "127.0.0.1"}})
    motor = SimulatedMotor({"deviceId": ids["motor"], "target": 1000.})
    shutter = SimulatedShutter({"deviceId": ids["shutter"]})
    await knows(guards, "PermitGuard")
    async with (
            DeviceContext(a=classifier, b=motor, c=shutter),
            running(server_id, "ActOnStateChange",
                    classifierId=ids["classifier"], sampleState="molten",
                    actionDevice=ids["motor"], actionSlot="stop",
                    guardId=ids["guard"], guardServer=guards,
                    shutterId=ids["shutter"], timeout=WAIT) as macro):
        classifier.show(1, "molten")        # is so already: no change
        await motor.move()
        await macro.watch()
        await until(macro, "waiting for a change", "ACTIVE")
        await sleepUntil(lambda: shutter.isOpen, timeout=WAIT)
        assert motor.state == State.MOVING
        classifier.show(0, "solid")
        assert motor.state == State.MOVING
        number = classifier.number
        await sleepUntil(lambda: classifier.number > number + 3, timeout=WAIT)
        classifier.show(1, "molten")
        train = classifier.decision.transitionTrainId.value
        await sleepUntil(lambda: motor.state == State.ON, timeout=WAIT)
        assert await until(macro) == (
            f"acted on the change to 'molten' at train {train}")
        assert macro.acted
        assert 0 < macro.reactionTime.value < WAIT

        # the guard does its work without the macro
        classifier.talking = False
        await sleepUntil(lambda: not shutter.isOpen, timeout=WAIT)
        assert shutter.lastCloseReason == "asked to close"

        # and a guard of something else is not taken for ours
        macro.shutterId = "another"
        await macro.watch()
        assert "guards something else" in await until(macro)
        await call(ids["guard"], "slotKillDevice")


async def test_act_by_setting_a_property(server_id):
    classifier = StandIn({"deviceId": create_instanceId("classifier")})
    motor = SimulatedMotor({"deviceId": create_instanceId("motor")})
    async with (
            DeviceContext(classifier=classifier, motor=motor),
            running(server_id, "ActOnStateChange",
                    classifierId=classifier.deviceId, sampleState="molten",
                    actionDevice=motor.deviceId, actionSlot="",
                    actionProperty="target", actionValue="2.5",
                    timeout=1.) as macro):
        await macro.watch()
        assert "nothing within the timeout" in await until(macro)
        macro.timeout = WAIT
        await macro.watch()
        await until(macro, "waiting for a change", "ACTIVE")
        number = classifier.number
        await sleepUntil(lambda: classifier.number > number + 3, timeout=WAIT)
        classifier.show(1, "molten")
        assert "acted on" in await until(macro)
        assert motor.target.value == 2.5


async def test_both_with_the_classifier_itself(server_id, tmp_path):
    motor = SimulatedMotor({"deviceId": create_instanceId("motor"),
                            "target": 1000.})
    async with (
            bench(save_model(tmp_path / "model.onnx"),
                  **{"source.maxPulses": 20}) as one,
            DeviceContext(motor=motor),
            running(server_id, "WaitForSampleState", trains=3, timeout=WAIT,
                    classifierId=one.classifier.deviceId,
                    sampleState="high") as waiter,
            running(server_id, "ActOnStateChange", timeout=WAIT,
                    classifierId=one.classifier.deviceId, sampleState="low",
                    actionDevice=motor.deviceId) as actor):
        await one.decide(0)
        assert one.classifier.sampleState == "low"
        await motor.move()
        await waiter.wait()
        await actor.watch()
        await until(actor, "waiting for a change", "ACTIVE")
        while not waiter.reached:           # as a source that never stops
            await one.classify(1)
        # properties follow the trains once a second
        held = re.search(r"'high' for (\d+) trains",
                         await until(waiter, "trains"))
        assert int(held[1]) >= 3
        assert motor.state == State.MOVING
        await one.decide(0)
        result = await until(actor, "acted")
        decided = one.classifier.decision
        assert f"train {decided.transitionTrainId.value}" in result
        assert motor.state == State.ON
