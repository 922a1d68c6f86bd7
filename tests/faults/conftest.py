"""One beamline of four servers for all tests of faults."""
from contextlib import suppress

import pytest
import pytest_asyncio
from karabo.middlelayer import KaraboError

from spectra_lab.rehearsal.beamline import Beamline
from spectra_lab.rehearsal.judge import Judge


@pytest.fixture(scope="session")
def servers(karabo_environment, broker_url, gotthard_model):
    """A `Beamline` whose processes run as long as the tests do."""
    line = a_beamline(broker_url, gotthard_model, prefix="faults")
    yield line
    line.stop()


def a_beamline(broker_url, model, **settings):
    """The beamline of these tests: few pulses, a model for all of them."""
    return Beamline(
        int(broker_url.rpartition(":")[2]),
        source={"preset": "easy", "pulses": 20, "source.seed": model.seed,
                "truth": {"hostname": "127.0.0.0/8", "maxQueueLength": 100}},
        classifier={
            "modelPath": str(model.path), "load.engine": "numpy",
            "dark.spectrum": [float(value) for value in model.dark],
            "dark.rows": 2,
            "output": {"hostname": "127.0.0.0/8", "maxQueueLength": 100},
            "reactions": [
                {"sampleClass": name, "alarm": "none", "permit": True}
                for name in model.manifest["classes"]]},
        **settings)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def beamline(servers, karabo_client):
    """The beamline; every server runs, every link is whole."""
    for link in servers.links.values():
        link.restore()
    await servers.start()
    yield servers
    # quiet for what comes next; a killed source is quiet already
    with suppress(TimeoutError, KaraboError):
        await servers.call("source", "stop")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def witness(beamline, gotthard_model):
    """Receives what source and classifier say; its `judge` is renewed by
    each test."""
    from karabo.middlelayer.testing import create_instanceId

    from spectra_lab.rehearsal.receiver import Witness
    one = Witness({
        "deviceId": create_instanceId("witness"),
        "log": {"level": "ERROR"},
        "results": {"connectedOutputChannels": [
            f"{beamline.ids['classifier']}:output"]},
        "truth": {"connectedOutputChannels": [
            f"{beamline.ids['source']}:truth"]}})
    one.classes = one.source_classes = tuple(
        gotthard_model.manifest["classes"])
    one.judge = Judge(range(len(one.classes)))
    await one.startInstance()
    yield one
    await one.slotKillDevice()
