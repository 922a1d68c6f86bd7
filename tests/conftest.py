"""What all tests share: one thread, one private broker, one orderly end.

A broker is started when the first test wants one, unless KARABO_BROKER
names one that runs already.
"""
import inspect
import os
import sys
import uuid
from asyncio import (
    DefaultEventLoopPolicy,
    all_tasks,
    current_task,
    get_running_loop,
    set_event_loop,
    wait,
    wait_for,
)
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings

from spectra_lab.environment import karabo_variables, pinned

# before anything imports a numeric library
for _name, _value in pinned().items():
    os.environ.setdefault(_name, _value)

# a busy machine makes no test fail: what takes long is not a defect here
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[
        HealthCheck.too_slow])
settings.load_profile("any machine")

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
GOTTHARD_SEED = 11
BROKER_FOLDERS = {"broker", "faults", "gui"}


@pytest.hookimpl(tryfirst=True)     # before xdist reads the groups
def pytest_collection_modifyitems(items):
    for item in items:
        path = item.path.relative_to(ROOT)
        awaits = inspect.iscoroutinefunction(getattr(item, "function", None))
        if awaits or BROKER_FOLDERS & set(path.parts):
            item.add_marker("broker")
        # what a module sets up is shared by its tests; several modules that
        # are not to run beside each other name a group
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(str(path)))
        if awaits:
            # first of all, so that they end last of all
            item.fixturenames[:0] = ["karabo_environment", "karabo_client"]


@pytest.fixture(autouse=True)
def karabo_still_sends_arrays():
    """Fails the test after which this process could send no array.

    Karabo keeps the type of a value by its class: once a Hash with an array
    of two dimensions was printed or encoded, no vector can be encoded.
    """
    yield
    module = sys.modules.get("karabo.native.data.hash")
    if module:
        from numpy import ndarray
        kept = module.types_cache.pop(ndarray, None)
        assert kept is None, "a Hash with an array as it is was printed"


@pytest.fixture(scope="session")
def lab_directory(tmp_path_factory):
    """Folder of broker and servers; SPECTRA_LAB names it from outside, so
    that a test run that is killed can be cleaned up by its starter."""
    if folder := os.environ.get("SPECTRA_LAB"):
        return Path(folder) / os.environ.get("PYTEST_XDIST_WORKER", "")
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="session")
def broker_url(lab_directory):
    """URL of the broker of this test session."""
    if url := os.environ.get("KARABO_BROKER"):
        yield url
        return
    from spectra_lab.broker import PrivateBroker
    with PrivateBroker(lab_directory / "broker") as broker:
        yield broker.url


@pytest.fixture(scope="session")
def karabo_environment(lab_directory, broker_url):
    """KARABO, KARABO_BROKER, KARABO_BROKER_TOPIC set for this session."""
    topic = os.environ.get("KARABO_BROKER_TOPIC",
                           f"test-{uuid.uuid4().hex[:12]}")
    variables = karabo_variables(lab_directory / "karabo", broker_url, topic)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        yield variables


class LoopPolicy(DefaultEventLoopPolicy):
    """A Karabo event loop per module, with a client that owns its tasks.

    Karabo's own test policy does not fit the runner that pytest-asyncio
    uses: the runner unsets the current loop before it closes it, Karabo's
    `close` then fails half way, and the next module finds "only one Karabo
    Eventloop". Here the loop is set again while it closes.
    """

    def new_event_loop(self):
        # late: tests of numbers neither need Karabo nor wait for it
        from karabo.middlelayer import EventLoop
        from karabo.middlelayer.conftest import TopologyClient

        class Loop(EventLoop):
            lead = None

            def instance(self):
                return super().instance() or self.lead

            def close(self):
                if self.is_closed():
                    return
                set_event_loop(self)
                try:
                    super().close()
                finally:
                    set_event_loop(None)

        # a module that lost the broker could not close its loop; the next
        # ones are not to fail for that
        EventLoop.global_loop = None
        loop = Loop()
        set_event_loop(loop)
        lead = TopologyClient({"_deviceId_": f"test-client-{uuid.uuid4()}"})
        loop.run_until_complete(lead.startInstance())
        loop.lead = lead
        return loop


@pytest.fixture(scope="session")
def event_loop_policy():
    # asked for by every test, so it must not start the broker
    return LoopPolicy()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def karabo_client():
    """The client of the module's loop, ended while its connection works.

    The runner cancels all tasks at once, the reader of the connection too;
    a client that then still has a queue to unbind would wait for ever.
    """
    loop = get_running_loop()
    yield loop.lead
    await wait_for(loop.lead.slotKillDevice(), 10)
    connector, loop.connector = loop.connector, None
    await wait_for(connector.close(), 10)
    await end_tasks()


async def end_tasks(rounds=10):
    """End what a failed test has left, as the runner would, but surely.

    The runner cancels once and waits without limit; a task that in its own
    clean-up waits for an answer of the closed connection needs another one.
    """
    for _ in range(rounds):
        left = all_tasks() - {current_task()}
        if not left:
            return
        for task in left:
            task.cancel()
        await wait(left, timeout=1)
    pytest.fail(f"tasks that do not end: {left}")


@pytest.fixture
def start_server(karabo_environment):
    """Function (kind, server id, classes, init, env) -> started server.

    All that a test started are stopped at its end.
    """
    from spectra_lab.servers import DeviceServer
    servers = []

    def start(*args, **kwargs):
        server = DeviceServer(*args, **kwargs)
        servers.append(server)
        return server.start()

    yield start
    for server in reversed(servers):
        server.stop()


@pytest.fixture
def command(monkeypatch):
    """Function (*words) -> `commands.Outcome` of `spectra-classifier`."""
    from tests.commands import invoke
    monkeypatch.setenv("COLUMNS", "200")
    return invoke


@pytest.fixture(scope="session")
def gotthard_model(tmp_path_factory):
    """A quickly taught model for the simulated Gotthard-II, preset easy,
    scenario ramp: `path`, `manifest`, and what an operator sets for it: the
    `dark` of both kinds of memory cells, and the `dead` strips."""
    from spectra_classifier.simulation.captures import take_captures
    from spectra_classifier.simulation.gotthard import GotthardSource
    from spectra_classifier.simulation.presets import preset
    from spectra_classifier.training.fit import train
    from spectra_classifier.training.options import TrainingOptions
    source = GotthardSource(preset("easy"), "ramp", GOTTHARD_SEED)
    data = take_captures(source, captures=4, trains=2, pulses=20)
    path = tmp_path_factory.mktemp("model") / "gotthard.onnx"
    manifest = train(data, TrainingOptions(
        members="linear", baseline="none", normalisation="area")).save(path)
    sent = GotthardSource(preset("easy"), "ramp", GOTTHARD_SEED,
                          receiver=True)
    return SimpleNamespace(
        path=path, manifest=manifest, dark=sent.darks.ravel(),
        dead=np.flatnonzero(sent.dark == 0).tolist(), seed=GOTTHARD_SEED)


@pytest.fixture(scope="session")
def shared_data():
    """Folder of the measured series; they may not be redistributed."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"no measured data at {SHARED_DATA}: they are not part "
                    "of this repository")
    return SHARED_DATA
