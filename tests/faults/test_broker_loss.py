"""A classifier that has lost its broker ends, and comes back disarmed."""
import time
from asyncio import sleep, wait_for
from contextlib import suppress
from signal import SIGTERM

import pytest
from karabo.middlelayer import KaraboError, getProperties
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.process import BROKER_LOST
from spectra_lab.link import BreakableLink
from tests.broker.classifier_bench import save_model


@pytest.fixture
def link(broker_url):
    link = BreakableLink(int(broker_url.rpartition(":")[2]))
    yield link
    link.close()


async def reading(device_id, key):
    """A property, or None while the device is not there."""
    with suppress(TimeoutError, KaraboError):
        return (await wait_for(getProperties(device_id, key), 2))[key]


async def until(device_id, key, timeout=60):
    """Ask for a property until there is something in it; returns it."""
    end = time.monotonic() + timeout
    while not (value := await reading(device_id, key)):
        assert time.monotonic() < end, f"no {key} of {device_id}"
        await sleep(0.1)
    return value


async def test_the_process_ends_with_an_error_for_its_supervisor(
        link, start_server, tmp_path):
    device_id = create_instanceId("classifier")
    server = start_server(
        "middlelayer", create_instanceId("server"), ["SpectraClassifier"],
        init={device_id: {"classId": "SpectraClassifier",
                          "load.engine": "numpy",
                          "modelPath": save_model(tmp_path / "m.onnx"),
                          "output": {"hostname": "127.0.0.0/8"},
                          "preview": {"hostname": "127.0.0.0/8"}}},
        env={"KARABO_BROKER": link.url})
    await until(device_id, "modelId")
    link.cut()
    await sleepUntil(lambda: not server.running, timeout=20)
    server.stop()
    assert server.returncode == BROKER_LOST
    assert "connection to the broker is closed" in server.log_tail()
    # what a supervisor does
    link.restore()
    server.start()
    await until(device_id, "modelId")
    assert not await reading(device_id, "armed")
    assert not await reading(device_id, "permit")


async def test_an_orderly_stop_is_no_loss(start_server):
    device_id = create_instanceId("classifier")
    server = start_server(
        "middlelayer", create_instanceId("server"), ["SpectraClassifier"],
        init={device_id: {"classId": "SpectraClassifier",
                          "output": {"hostname": "127.0.0.0/8"},
                          "preview": {"hostname": "127.0.0.0/8"}}})
    await until(device_id, "state")
    assert server.stop()
    # Karabo's server stops its devices and then sends itself the signal
    assert server.returncode == -SIGTERM
    assert "connection to the broker is closed" not in server.log_tail(200)
