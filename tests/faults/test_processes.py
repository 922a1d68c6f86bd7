"""Whoever dies or hangs: the shutter is closed in time, nothing arms itself.

Source, classifier, guard and shutter run in servers of their own, as at a
beamline; the guard reaches the broker over a link that can break.
"""
import time

import pytest
from karabo.middlelayer import State
from karabo.middlelayer.testing import sleepUntil

from spectra_lab.rehearsal.expectations import HOLD, LEASE, SLACK


@pytest.mark.parametrize("way", ["kill", "pause"])
@pytest.mark.parametrize("victim", ["classifier", "source"])
async def test_a_silent_permit_closes_the_shutter(beamline, victim, way):
    await beamline.open()
    struck = time.time()
    getattr(beamline.servers[victim], way)()
    assert await beamline.closed_after(struck) <= LEASE + SLACK
    if way == "pause":
        beamline.servers[victim].resume()
    else:
        await beamline.start()
    if victim == "source" and way == "kill":
        await beamline.call("source", "start")
    # the stream is back, and with it whatever the classifier says now
    await beamline.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
    before = await beamline.get("guard", "source.permitSequence")
    await beamline.until("guard", "source.permitSequence",
                         lambda now: now != before)
    assert not await beamline.get("shutter", "isOpen")
    assert not await beamline.get("guard", "granted")


async def test_a_restarted_classifier_is_disarmed(beamline):
    await beamline.open()
    beamline.servers["classifier"].kill()
    await beamline.start()
    await beamline.until("classifier", "state",
                         lambda state: state == State.PROCESSING)
    assert not await beamline.get("classifier", "armed")
    assert not await beamline.get("classifier", "permit")
    assert "arm" in await beamline.get("classifier", "permitReason")


@pytest.mark.parametrize("way", ["kill", "pause"])
async def test_a_guard_that_is_gone_lets_the_shutter_close(beamline, way):
    await beamline.open()
    struck = time.time()
    getattr(beamline.servers["guard"], way)()
    assert await beamline.closed_after(struck) <= HOLD + SLACK
    beamline.servers["guard"].resume()


@pytest.mark.parametrize("way", ["cut", "freeze"])
async def test_a_guard_without_its_broker_lets_the_shutter_close(
        beamline, way):
    await beamline.open()
    struck = time.time()
    getattr(beamline.links["guard"], way)()
    assert await beamline.closed_after(struck) <= HOLD + SLACK
    assert await beamline.get("classifier", "permit")


async def test_a_guard_that_lost_its_broker_ends_and_comes_back_disabled(
        beamline):
    await beamline.open()
    beamline.links["guard"].cut()
    guard = beamline.servers["guard"]
    await sleepUntil(lambda: not guard.running, timeout=20)
    guard.stop()
    beamline.links["guard"].restore()
    await beamline.start()
    assert not await beamline.get("guard", "enabled")
    assert not await beamline.get("shutter", "isOpen")
