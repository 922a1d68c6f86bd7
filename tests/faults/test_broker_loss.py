"""A classifier that has lost its broker ends, and comes back disarmed."""
from asyncio import wait_for
from contextlib import suppress
from signal import SIGTERM

import pytest
from karabo.middlelayer import KaraboError, getProperties
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.devices.broker_watch import EXIT_STATUS
from spectra_classifier.lab.link import BreakableLink
from tests.broker.classifier_bench import save_model

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def link(broker_url):
    link = BreakableLink(int(broker_url.rpartition(":")[2]))
    yield link
    link.close()


async def reading(device_id, key):
    """A property, or None while the device is not there."""
    with suppress(TimeoutError, KaraboError):
        return (await wait_for(getProperties(device_id, key), 2))[key]


async def is_live(device_id):
    for _ in range(30):
        if await reading(device_id, "modelId"):
            return True
    return False


async def test_the_process_ends_with_an_error_for_its_supervisor(
        link, start_server, tmp_path):
    device_id = create_instanceId("classifier")
    server = start_server(
        "middlelayer", create_instanceId("server"), ["SpectraClassifier"],
        init={device_id: {"classId": "SpectraClassifier", "engine": "numpy",
                          "modelPath": save_model(tmp_path / "m.onnx"),
                          "output": {"hostname": "127.0.0.0/8"},
                          "preview": {"hostname": "127.0.0.0/8"}}},
        env={"KARABO_BROKER": link.url})
    assert await is_live(device_id)
    link.cut()
    await sleepUntil(lambda: not server.running, timeout=20)
    server.stop()
    assert server.returncode == EXIT_STATUS
    assert "connection to the broker is closed" in server.log_tail()
    # what a supervisor does
    link.restore()
    server.start()
    assert await is_live(device_id)
    assert not await reading(device_id, "armed")
    assert not await reading(device_id, "permit")


async def test_an_orderly_stop_is_no_loss(start_server):
    device_id = create_instanceId("classifier")
    server = start_server(
        "middlelayer", create_instanceId("server"), ["SpectraClassifier"],
        init={device_id: {"classId": "SpectraClassifier",
                          "output": {"hostname": "127.0.0.0/8"},
                          "preview": {"hostname": "127.0.0.0/8"}}})
    for _ in range(30):
        if await reading(device_id, "state"):
            break
    assert server.stop()
    # Karabo's server stops its devices and then sends itself the signal
    assert server.returncode == -SIGTERM
    assert "connection to the broker is closed" not in server.log_tail(200)
