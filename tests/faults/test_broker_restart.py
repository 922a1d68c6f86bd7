"""The broker is killed and comes back while data flow.

Its own broker: that of the other tests has to live. The processes end with
an error, a supervisor starts them anew, and nothing is armed afterwards.
"""
import json
import subprocess
import sys

import pytest

from spectra_classifier.process import BROKER_LOST
from spectra_lab.broker import PrivateBroker
from spectra_lab.environment import karabo_variables, server_environment
from spectra_lab.processes import wait_until
from spectra_lab.servers import DeviceServer

pytestmark = pytest.mark.xdist_group("labs")
LOOPBACK = "127.0.0.0/8"
SOURCE, CLASSIFIER = "restart/source", "restart/classifier"
# a client lives as short as its broker, so it is a process of its own
CLIENT = f"""
import json, os, sys, time
from karabo.middlelayer import call, getDevice, waitUntil
from spectra_lab.client import start, wait_for_devices
start(deadline=60)
wait_for_devices("{SOURCE}", "{CLASSIFIER}", timeout=40)
with getDevice("{CLASSIFIER}") as classifier, getDevice("{SOURCE}") as source:
    waitUntil(lambda: classifier.modelId.value)
    waitUntil(lambda: source.state.value == "ON")
    call("{SOURCE}", "start")
    waitUntil(lambda: classifier.accounting.pulsesClassified.value > 100)
    found = {{"armed": bool(classifier.armed.value),
             "permit": bool(classifier.permit.value)}}
    if sys.argv[1] == "arm":
        call("{CLASSIFIER}", "arm")
        waitUntil(lambda: classifier.permit.value)
print(json.dumps(found), flush=True)
os._exit(0)
"""


@pytest.fixture
def servers(tmp_path, gotthard_model):
    """(broker, device servers, environment), on a broker of their own."""
    model = gotthard_model
    with PrivateBroker(tmp_path / "broker") as broker:
        env = karabo_variables(tmp_path / "karabo", broker.url, "restart")
        settings = {
            SOURCE: {"classId": "SpectrometerSimulator", "preset": "easy",
                     "pulses": 20, "source.seed": model.seed,
                     "output": {"hostname": LOOPBACK},
                     "truth": {"hostname": LOOPBACK},
                     "follower": {"hostname": LOOPBACK},
                     "monitor": {"hostname": LOOPBACK}},
            CLASSIFIER: {
                "classId": "SpectraClassifier", "load.engine": "numpy",
                "modelPath": str(model.path),
                "dark.spectrum": [float(value) for value in model.dark],
                "dark.rows": 2,
                "output": {"hostname": LOOPBACK},
                "preview": {"hostname": LOOPBACK},
                "input": {"connectedOutputChannels": [f"{SOURCE}:output"]},
                "reactions": [{"sampleClass": name, "alarm": "none",
                               "permit": True}
                              for name in model.manifest["classes"]]}}
        started = [DeviceServer(
            "middlelayer", device.replace("/", "-"), [one["classId"]],
            init={device: one}, env=env).start()
            for device, one in settings.items()]
        yield broker, started, env
        for server in started:
            server.stop(5)


def ask(env, way):
    """What a client sees once trains are classified."""
    run = subprocess.run(
        [sys.executable, "-c", CLIENT, way], text=True, timeout=100,
        capture_output=True, env=server_environment(env))
    assert run.returncode == 0, run.stderr[-2000:]
    return json.loads(run.stdout.splitlines()[-1])


def test_after_the_broker_everything_starts_anew_and_disarmed(servers):
    broker, started, env = servers
    ask(env, "arm")
    broker.kill()
    assert wait_until(lambda: not any(s.running for s in started), 20)
    for server in started:
        server.stop()
        assert server.returncode == BROKER_LOST, server.log_tail()
    broker.start()
    for server in started:      # what a supervisor does
        server.start()
    assert ask(env, "look") == {"armed": False, "permit": False}
