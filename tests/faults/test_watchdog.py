"""A bit behind a watchdog is off in time, whatever happens to its guard.

Real servers: the guard renews a bit, and nothing else switches the output on
or off. So whoever dies, hangs or loses the broker, it is the watchdog of the
consumer that runs out.
"""
import time
from asyncio import sleep

import pytest
import pytest_asyncio
from karabo.middlelayer import State
from karabo.middlelayer.testing import sleepUntil

from spectra_lab.rehearsal.beamline import WATCHED
from spectra_lab.rehearsal.expectations import HOLD, LEASE, SLACK
from tests.faults.conftest import a_beamline

#: fault of the guard: (part, way)
GUARD = [("servers", "kill"), ("servers", "pause"), ("links", "cut"),
         ("links", "freeze")]
#: the permit ends, and then the watchdog
SILENT = LEASE + HOLD + SLACK


@pytest.fixture(scope="module")
def line(karabo_environment, broker_url, gotthard_model):
    line = a_beamline(broker_url, gotthard_model, prefix="watched",
                      driven=WATCHED)
    yield line
    line.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(line, karabo_client):
    await line.start()
    yield line


@pytest.mark.parametrize(("part", "way"), GUARD)
async def test_a_guard_that_is_gone_switches_the_output_off(
        watched, part, way):
    await watched.open()
    struck = time.time()
    getattr(getattr(watched, part)["guard"], way)()
    assert await watched.closed_after(struck) <= HOLD + SLACK
    assert await watched.get("classifier", "permit")
    watched.servers["guard"].resume()
    watched.links["guard"].restore()
    # what waited on the way comes now; nobody has acknowledged or enabled
    changes = await watched.get("shutter", "changes")
    await sleep(2 * HOLD)
    assert not await watched.is_open()
    assert await watched.get("shutter", "changes") <= changes + 1


@pytest.mark.parametrize("way", ["kill", "pause"])
async def test_a_silent_permit_switches_the_output_off(watched, way):
    await watched.open()
    struck = time.time()
    getattr(watched.servers["classifier"], way)()
    assert await watched.closed_after(struck) <= SILENT
    watched.servers["classifier"].resume()
    await watched.start()
    await watched.until("classifier", "state",
                        lambda state: state == State.PROCESSING)
    before = await watched.get("guard", "source.permitSequence")
    await watched.until("guard", "source.permitSequence",
                        lambda now: now != before)
    assert not await watched.is_open()


async def test_a_classifier_without_broker_switches_the_output_off(watched):
    await watched.open()
    struck = time.time()
    watched.links["classifier"].cut()
    assert await watched.closed_after(struck) <= SILENT + SLACK
    await sleepUntil(lambda: not watched.servers["classifier"].running,
                     timeout=20)


async def test_an_output_that_comes_back_is_off(watched):
    await watched.open()
    watched.servers["shutter"].kill()
    await watched.until("guard", "granted", lambda granted: not granted)
    await watched.start()
    assert not await watched.is_open()
    await watched.until("guard", "state",
                        lambda state: state == State.INTERLOCKED)
    assert not await watched.is_open()
