"""Private broker, device servers and test loop, before any device of ours."""
from asyncio import get_running_loop

import pytest
from karabo.middlelayer import Device, Int32, getDevice, waitUntil
from karabo.middlelayer.testing import create_instanceId

from spectra_lab.broker import PrivateBroker, answers, server_script
from tests.device_context import DeviceContext


class Counter(Device):
    value = Int32(defaultValue=0)


async def test_a_device_in_the_test_process():
    device_id = create_instanceId("counter")
    device = Counter({"deviceId": device_id})
    async with DeviceContext(device=device):
        assert device.is_initialized
        with await getDevice(device_id) as proxy:
            device.value = 3
            await waitUntil(lambda: proxy.value.value == 3)


@pytest.mark.parametrize("kind", ["middlelayer", "macro"])
async def test_a_server_process(start_server, kind):
    server_id = create_instanceId("server")
    server = start_server(kind, server_id)
    topology = get_running_loop().lead.systemTopology
    await waitUntil(lambda: server_id in topology["server"])
    assert server.stop()
    await waitUntil(lambda: server_id not in topology["server"])


def test_a_broker_returns_on_its_port_after_a_kill(tmp_path):
    with PrivateBroker(tmp_path) as broker:
        port = broker.port
        assert answers(port)
        broker.kill()
        assert not answers(port)
        broker.start()
        assert broker.port == port and answers(port)
    assert not broker.running and not answers(port)
    assert not list(tmp_path.glob("*.pid"))


def test_a_missing_broker_is_named_with_the_remedy(tmp_path, monkeypatch):
    monkeypatch.setenv("RABBITMQ_BIN", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="install the package"):
        server_script()
