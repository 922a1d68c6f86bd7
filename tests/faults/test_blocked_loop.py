"""A classifier whose event loop stands still cannot withdraw anything.

Its own watch sits on the same loop, so it is the guard that has to see the
silence. The server is Karabo's own with a slot that blocks: no released
device has one.
"""
import sys
import time
from asyncio import ensure_future

import pytest
from karabo.middlelayer import State, call

from spectra_lab.rehearsal.expectations import LEASE, SLACK

BLOCKED = 4     # s
SERVER = f"""
import sys, time
from karabo.middlelayer.device_server import MiddleLayerDeviceServer
from spectra_classifier.devices import SpectraClassifier

async def reset(self):
    time.sleep({BLOCKED})

SpectraClassifier.reset.method = reset
sys.argv[0] = "karabo-middlelayerserver"
sys.exit(MiddleLayerDeviceServer.main())
"""


@pytest.fixture
async def blocking(beamline):
    """The beamline with a classifier that can be blocked."""
    server = beamline.servers["classifier"]
    program = server.command[:1]
    server.stop()
    server.command[:1] = [sys.executable, "-c", SERVER]
    await beamline.open()
    yield beamline
    server.stop()
    server.command[:3] = program


async def test_a_blocked_event_loop_closes_the_shutter(blocking):
    struck = time.time()
    answer = ensure_future(call(blocking.ids["classifier"], "reset"))
    assert await blocking.closed_after(struck) <= LEASE + SLACK
    # the classifier could not say so: the guard saw the silence
    assert "silent" in await blocking.get("guard", "reason")
    await answer
    assert time.time() - struck >= BLOCKED
    # it goes on by itself, and nothing opens by itself
    await blocking.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
    # not before the blocking: it may still be that of the former process
    sequence = await blocking.get("guard", "source.permitSequence")
    await blocking.until("guard", "source.permitSequence",
                         lambda now: now > sequence + 5)
    assert not await blocking.get("shutter", "isOpen")
