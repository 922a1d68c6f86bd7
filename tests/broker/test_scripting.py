"""The device in the hands of people who write scripts and macros."""
import json
import subprocess
import sys
from asyncio import get_running_loop, to_thread

import pytest
import pytest_asyncio
from karabo.middlelayer import (
    Hash,
    call,
    getDevice,
    instantiate,
    shutdown,
)
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_lab.servers import DeviceServer

WAIT = 60       # s, for what takes a few on a quiet machine

# the same steps in both: instantiate, configure, read, refuse, stop
STEPS = """
{i}instantiate(server, "SpectraClassifier", device, modelPath=model,
{i}            timeout=30, **{{"load.engine": "numpy"}})
{i}seen = []
{i}with getDevice(device) as classifier:
{i}    waitUntil(lambda: classifier.modelId.value)
{i}    setWait(device, minConfidence=0.4, **{{"decision.window": 7}})
{i}    waitUntil(lambda: classifier.decision.window == 7)
{i}    seen.append(str(classifier.modelId.value))
{i}    seen.append(float(classifier.minConfidence.value))
{i}    for wrong in {{"decision.fraction": 0.2}}, {{"selectedBins": [99]}}:
{i}        try:
{i}            setWait(device, **wrong)
{i}            seen.append("accepted")
{i}        except KaraboError as error:
{i}            seen.append(str(error).splitlines()[0])
{i}    call(device, "arm")
{i}    waitUntil(lambda: classifier.armed)
{i}    seen.append(bool(classifier.permit.value))
{i}    call(device, "disarm")
{i}    waitUntil(lambda: not classifier.armed)
{i}    seen.append(int(classifier.decision.window.value))
{i}shutdown(device)
"""
IMPORTS = ("from karabo.middlelayer import KaraboError, Macro, Slot, String, "
           "call, getDevice, instantiate, setWait, shutdown, waitUntil\n")
SCRIPT = (IMPORTS + """
import json, sys
from spectra_lab import client
server, device, model = sys.argv[1:]
client.start(server, deadline=100, wait=60)
""" + STEPS.format(i="") + """
print("seen", json.dumps(seen), flush=True)
""")
MACRO = (IMPORTS + """
import json

class Drive(Macro):
    server = String(defaultValue="")
    device = String(defaultValue="")
    model = String(defaultValue="")
    seen = String(defaultValue="")

    @Slot()
    def drive(self):
        server, device, model = (
            self.server.value, self.device.value, self.model.value)
""" + STEPS.format(i=" " * 8) + """
        self.seen = json.dumps(seen)
""")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server_id(karabo_environment):
    """A server that offers the classifier."""
    server_id = create_instanceId("classifiers")
    with DeviceServer("middlelayer", server_id, ["SpectraClassifier"]):
        await knows(server_id, "SpectraClassifier")
        yield server_id


def devices():
    return get_running_loop().lead.systemTopology["device"]


async def knows(server_id, class_id):
    servers = get_running_loop().lead.systemTopology["server"]
    await sleepUntil(
        lambda: server_id in servers
        and class_id in servers[server_id, "deviceClasses"], timeout=WAIT)


def check(seen, model):
    model_id, confidence, fraction, bins, permit, window = seen
    assert model_id == model.manifest["id"]
    assert confidence == pytest.approx(0.4)
    assert "decision.fraction" in fraction
    assert "bin 99" in bins
    assert permit is False      # armed, but there are no data
    assert window == 7


async def test_from_a_script(server_id, gotthard_model):
    device_id = create_instanceId("scripted")
    finished = await to_thread(
        subprocess.run,
        [sys.executable, "-c", SCRIPT, server_id, device_id,
         gotthard_model.path], capture_output=True, text=True, timeout=120)
    lines = [line for line in finished.stdout.splitlines()
             if line.startswith("seen ")]
    assert finished.returncode == 0 and lines, (
        finished.stdout + finished.stderr)
    check(json.loads(lines[0].partition(" ")[2]), gotthard_model)
    await sleepUntil(lambda: device_id not in devices(), timeout=WAIT)


async def test_from_a_macro_server(server_id, gotthard_model, start_server):
    macro_server = create_instanceId("macros")
    start_server("macro", macro_server)
    await knows(macro_server, "MetaMacro")
    device_id = create_instanceId("macroed")
    macro_id = create_instanceId("drive")
    await instantiate(macro_server, "MetaMacro", macro_id, Hash(
        "code", MACRO, "module", "drive", "project", "test"))
    try:
        await call(macro_id, "slotReconfigure", Hash(
            "server", server_id, "device", device_id,
            "model", str(gotthard_model.path)))
        await call(macro_id, "drive")
        with await getDevice(macro_id) as macro:
            await sleepUntil(lambda: macro.seen.value, timeout=WAIT)
            check(json.loads(macro.seen.value), gotthard_model)
        await sleepUntil(lambda: device_id not in devices(), timeout=WAIT)
    finally:
        await shutdown(macro_id)
