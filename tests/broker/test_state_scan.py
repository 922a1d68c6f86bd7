"""State against a motor and against a channel, beside a real classifier."""
from contextlib import asynccontextmanager

import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import Hash, call, setWait
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.state_scan.device import StateScan
from tests.broker.classifier_bench import (
    LOOPBACK,
    TrainSource,
    bench,
    save_model,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import spectra_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT = 60
STEPS, TRAINS, PULSES = 11, 4, 6
#: middle and width of the ramp of the sample
MIDDLE, WIDTH = 5., 6.
RANDOM = np.random.default_rng(3)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(karabo_environment, karabo_client, tmp_path_factory):
    """Source and classifier that are joined and ready."""
    path = save_model(tmp_path_factory.mktemp("model") / "first.onnx")
    async with bench(path) as found:
        yield found


def mixed(position):
    """Spectra of a sample that has changed in part."""
    share = np.clip((position - MIDDLE) / WIDTH + 0.5, 0, 1)
    low, high = (spectra_of(index, PULSES).astype(float) for index in (0, 1))
    return RANDOM.poisson((1 - share) * low + share * high).astype(np.uint16)


@asynccontextmanager
async def scanning(one, **values):
    """A `StateScan` behind the classifier."""
    device = StateScan(Hash(
        "deviceId", create_instanceId("scan"), "input", Hash(
            "connectedOutputChannels",
            [f"{one.classifier.deviceId}:output"]),
        *[part for item in values.items() for part in item]))
    async with DeviceContext(scan=device):
        await sleepUntil(lambda: device.state.value == "PROCESSING",
                         timeout=WAIT)
        # the first trains tell which classes there are
        while device._record is None:
            await one.output(await one.source.send_class(0))
        last = await one.source.send_class(0)
        # trains before it may still be on their way
        await sleepUntil(lambda: last in [
            each.train_id for each in device._record._answers], timeout=WAIT)
        await call(str(device.deviceId), "restart")
        yield device


async def found(device, matched):
    await sleepUntil(lambda: device.scan.matched == matched, timeout=WAIT)
    assert device.scan.problem == ""
    row, = device.scan.transitions.value
    assert row["change"] == "low to high"
    assert MIDDLE - 1 < row["midpoint"] < MIDDLE + 1
    assert 0.5 * WIDTH < row["width"] < 1.5 * WIDTH
    steps = device.scan.steps.value
    assert [round(step["position"]) for step in steps] == list(range(STEPS))
    assert [step["trains"] for step in steps] == [TRAINS] * STEPS


async def test_a_motor_is_followed(one):
    motor = SimulatedMotor({"deviceId": create_instanceId("motor"),
                            "speed": 1000.})
    name = str(motor.deviceId)
    async with DeviceContext(motor=motor), scanning(one, **{
            "scan.property": f"{name}.position",
            "scan.resolution": 0.5}) as device:
        for position in range(STEPS):
            await setWait(name, target=float(position))
            await call(name, "move")
            await sleepUntil(lambda at=position: device._last is not None
                             and device._last[2] == at, timeout=WAIT)
            for _ in range(TRAINS):
                await one.output(await one.source.send(
                    {"adc": mixed(position)}))
        await found(device, STEPS * TRAINS)
        assert not device.scan.byTrain      # no time server here


async def test_a_channel_is_matched_by_train_id_whatever_comes_first(one):
    values = TrainSource({"deviceId": create_instanceId("values"),
                          "output": {"hostname": LOOPBACK}})
    async with DeviceContext(values=values), scanning(
            one, values=Hash("connectedOutputChannels",
                             [f"{values.deviceId}:output"])) as device:
        await sleepUntil(lambda: len(values.output.connections.value) == 1,
                         timeout=WAIT)
        for position in range(STEPS):
            for number in range(TRAINS):
                train_id = one.source.next_train
                late = (position + number) % 2
                if not late:
                    await values.send({"value": float(position)}, train_id)
                await one.output(await one.source.send(
                    {"adc": mixed(position)}))
                if late:
                    await values.send({"value": float(position)}, train_id)
        # a train without a value, a value that is none
        await one.output(await one.source.send_class(0))
        await values.send({"nothing": 1.}, 1)
        await found_by_train(device)


async def found_by_train(device):
    await sleepUntil(lambda: "no number" in device.scan.problem.value,
                     timeout=WAIT)
    await sleepUntil(lambda: device.scan.matched == STEPS * TRAINS,
                     timeout=WAIT)
    assert device.scan.byTrain
    assert device.scan.trains == STEPS * TRAINS + 1
    assert device.scan.transitions.value[0]["change"] == "low to high"


async def test_a_device_that_goes_and_comes_again_is_a_problem_for_a_while(
        one):
    name = create_instanceId("motor")
    async with scanning(one, **{
            "scan.property": f"{name}.position"}) as device:
        await sleepUntil(lambda: name in device.scan.problem.value,
                         timeout=WAIT)
        await one.output(await one.source.send_class(0))
        assert device.state.value == "PROCESSING"
        motor = SimulatedMotor({"deviceId": name})
        async with DeviceContext(motor=motor):
            await sleepUntil(lambda: device._last is not None, timeout=WAIT)
        await sleepUntil(lambda: "gone" in device._problems["value"]
                         or name in device._problems["value"], timeout=WAIT)
