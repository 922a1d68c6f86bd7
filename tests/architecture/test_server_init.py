"""The examples of how servers are started name what exists."""
import json
from importlib.metadata import entry_points
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "manifest"
FILES = sorted(FOLDER.glob("server_init*.json"))
CLASSES = {entry.name: entry for entry in entry_points(
    group="karabo.middlelayer_device")}
#: devices that nobody has to name
LEAVES = "demo/guard/permit", "demo/trainer/spectra"
DEVICES = [(path.stem, device_id, configuration) for path in FILES
           for devices in json.loads(path.read_text()).values()
           for device_id, configuration in devices.items()]


def paths(configuration, prefix=""):
    for key, value in configuration.items():
        if isinstance(value, dict):
            yield from paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def test_every_key_is_a_property(subtests):
    assert DEVICES
    for file, device_id, configuration in DEVICES:
        with subtests.test(file=file, device_id=device_id):
            configuration = dict(configuration)
            cls = CLASSES[configuration.pop("classId")].load()
            schema = cls.getClassSchema().hash
            assert [path for path in paths(configuration)
                    if path not in schema] == []


def test_a_server_has_one_device(subtests):
    for path in FILES:
        with subtests.test(path.stem):
            # each of ours ends its process when the broker is gone
            servers = json.loads(path.read_text())
            assert all(len(devices) == 1 for devices in servers.values())


def test_the_devices_name_each_other(subtests):
    for path in FILES:
        with subtests.test(path.stem):
            text = path.read_text()
            known = {device_id for devices in json.loads(text).values()
                     for device_id in devices}
            for device_id in known.difference(LEAVES):
                assert text.count(device_id) >= 2
