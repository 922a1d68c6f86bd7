"""The wheel in a Karabo installation of its own, as a facility runs it."""
import os
import subprocess
from pathlib import Path

import pytest
from karabo.middlelayer import Hash, call, instantiate
from karabo.middlelayer.testing import create_instanceId

from tests.broker.remote import knows, until_asked
from tests.fresh_environment import ROOT, add_karabo, install_wheel


@pytest.fixture(scope="module")
def installation(karabo_environment, tmp_path_factory):
    """Function that runs shell lines in the activated installation."""
    folder = tmp_path_factory.mktemp("facility")
    python = install_wheel(folder)
    add_karabo(python)
    environment = {
        "HOME": str(folder), "PATH": f"{python.parent}:{os.environ['PATH']}"}

    def shell(lines):
        # a file: what goes on running keeps a pipe open
        with (folder / "said").open("w+") as said:
            subprocess.run(["bash", "-e", "-c", lines], cwd=folder,
                           env=environment, check=True, stdout=said)
            said.seek(0)
            return said.read()
    shell("karabo-activate --init-to installed")
    variables = folder / "installed/var/environment"
    for name in "KARABO_BROKER", "KARABO_BROKER_TOPIC":
        (variables / name).write_text(karabo_environment[name])
    yield lambda lines: shell(f"source installed/activate\n{lines}")
    # services first, then what looks after them
    services = folder / "installed/var/service"
    shell(f"svc -dx {services}/spectra_* {services}/spectra_*/log "
          f"{services}/.svscan")


async def test_servers_of_the_wheel_classify(installation):
    """With a released model, and nothing of the checkout."""
    file = installation(
        "python -c 'import spectra_classifier as s; print(s.__file__)'")
    assert not Path(file).is_relative_to(ROOT)
    server = create_instanceId("spectra_")
    installation(f"karabo-add-deviceserver {server} middlelayerserver\n"
                 f"karabo-start {server}")
    await knows(server, "SpectraClassifier")
    source, classifier = (create_instanceId(name)
                          for name in ("source", "classifier"))
    await instantiate(server, "SpectrometerSimulator", source, Hash(
        "output.hostname", "127.0.0.1", "pulses", 50))
    await instantiate(server, "SpectraClassifier", classifier, Hash(
        "modelPath", "gotthard2-ramp", "load.engine", "numpy",
        "output.hostname", "127.0.0.1", "preview.hostname", "127.0.0.1",
        "input.connectedOutputChannels", [f"{source}:output"]))
    await until_asked(classifier, "modelId", lambda name:
                      name and name.startswith("gotthard2-ramp-"))
    await until_asked(source, "state", "ON")
    await call(source, "start")
    await until_asked(classifier, "accounting.pulsesClassified",
                      lambda pulses: pulses and pulses > 500)
