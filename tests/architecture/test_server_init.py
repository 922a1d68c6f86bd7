"""The example of how servers are started names what exists."""
import json
from importlib.metadata import entry_points
from pathlib import Path

import pytest

INIT = Path(__file__).resolve().parents[2] / "manifest" / "server_init.json"
SERVERS = json.loads(INIT.read_text())
CLASSES = {entry.name: entry for entry in entry_points(
    group="karabo.middlelayer_device")}
DEVICES = [(device_id, configuration) for devices in SERVERS.values()
           for device_id, configuration in devices.items()]


def paths(configuration, prefix=""):
    for key, value in configuration.items():
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


@pytest.mark.parametrize("device_id, configuration", DEVICES,
                         ids=[device_id for device_id, _ in DEVICES])
def test_every_key_is_a_property(device_id, configuration):
    configuration = dict(configuration)
    cls = CLASSES[configuration.pop("classId")].load()
    schema = cls.getClassSchema().hash
    assert [path for path in paths(configuration) if path not in schema] == []


def test_a_server_has_one_device():
    # each of ours ends its process when the broker is gone
    assert all(len(devices) == 1 for devices in SERVERS.values())


def test_the_devices_name_each_other():
    known = {device_id for device_id, _ in DEVICES}
    text = INIT.read_text()
    for device_id in known - {"demo/guard/permit", "demo/trainer/spectra"}:
        assert text.count(device_id) >= 2
