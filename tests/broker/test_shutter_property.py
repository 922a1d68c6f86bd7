"""The shutter of another device on a real broker: open, closed, and gone."""
from types import SimpleNamespace

import pytest
import pytest_asyncio
from karabo.middlelayer import (
    AccessMode,
    Bool,
    Device,
    Overwrite,
    State,
    String,
    call,
    shutdown,
    sleep,
    slot,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from tests.broker.classifier_bench import bench, save_model
from tests.device_context import DeviceContext
from tests.devices.fakes import spectra_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

MAX_AGE = 1.


class DumbShutter(Device):
    """Answers late, or with what no shutter reports."""
    state = Overwrite(defaultValue=State.ON, options=[State.ON])
    isOpen = Bool(defaultValue=True, accessMode=AccessMode.READONLY)
    text = String(defaultValue="half", accessMode=AccessMode.READONLY)
    hangs = False

    async def slotGetConfigurationSlice(self, info):
        while self.hangs:
            await sleep(0.1)
        return super().slotGetConfigurationSlice(info)

    slotGetConfigurationSlice = slot(slotGetConfigurationSlice)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(karabo_environment, karabo_client, tmp_path_factory):
    name = create_instanceId("shutter")
    path = save_model(tmp_path_factory.mktemp("model") / "first.onnx")
    shutter = SimulatedShutter({"deviceId": name, "holdTime": 0.})
    dumb = DumbShutter({"deviceId": create_instanceId("dumb")})
    async with DeviceContext(shutter=shutter, dumb=dumb), bench(
            path, **{"joining.shutterProperty": f"{name}:isOpen",
                     "joining.shutterMaxAge": MAX_AGE,
                     "decision.window": 1}) as one:
        yield SimpleNamespace(one=one, shutter=shutter, dumb=dumb)


async def shown(line, word, said=""):
    """Wait until a dark train shows this."""
    joining = line.one.classifier.joining

    async def send():
        await line.one.output(await line.one.source.send(
            {"adc": spectra_of(1, counts=0)}))
    for _ in range(60):
        await send()
        if joining.beamState == word and said in joining.beamReason.value:
            return
        await sleep(0.1)
    raise AssertionError(f"{joining.beamState}: {joining.beamReason}")


async def ask(line, device, name):
    await line.one.set(**{"joining.shutterProperty":
                          f"{device.deviceId}:{name}"})


async def test_a_closed_shutter_is_the_reason_for_no_light(line):
    await sleepUntil(lambda: line.shutter.state == State.CLOSED, timeout=10)
    await shown(line, "no beam", "the shutter is closed")
    await call(line.shutter.deviceId, "open")
    await shown(line, "not known")
    await call(line.shutter.deviceId, "close")
    await shown(line, "no beam", "the shutter is closed")
    await ask(line, line.shutter, "state")
    await shown(line, "no beam", "the shutter is closed")


async def test_values_of_no_shutter_are_not_known(line):
    await ask(line, line.dumb, "text")
    await shown(line, "not known", "it reports half, expected a bool")
    await ask(line, line.dumb, "nothing")
    await shown(line, "not known", "nothing")
    await ask(line, line.dumb, "isOpen")
    await sleepUntil(
        lambda: line.one.classifier._stream.shutter.reading.value is True,
        timeout=10)


async def test_a_device_that_hangs_is_not_known(line):
    await ask(line, line.shutter, "isOpen")
    await shown(line, "no beam", "the shutter is closed")
    await ask(line, line.dumb, "isOpen")
    line.dumb.isOpen = False
    await shown(line, "no beam", "the shutter is closed")
    line.dumb.hangs = True
    await shown(line, "not known", "does not answer")
    line.dumb.hangs = False
    await shown(line, "no beam", "the shutter is closed")


async def test_a_device_that_is_gone_is_not_known(line):
    await ask(line, line.shutter, "isOpen")
    await shown(line, "no beam", "the shutter is closed")
    await shutdown(line.shutter.deviceId)
    await shown(line, "not known", f"the shutter {line.shutter.deviceId}")
    assert line.one.classifier.state == State.PROCESSING
    # it goes on asking
    await ask(line, line.dumb, "isOpen")
    await shown(line, "no beam", "the shutter is closed")
    assert "reading of the shutter" not in line.one.classifier.status.value
