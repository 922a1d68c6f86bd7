"""A set of values is taken whole or not at all, by any device."""
import logging

import pytest
from karabo.middlelayer import Hash, KaraboError, call, getProperties
from karabo.middlelayer.testing import create_instanceId

from spectra_classifier.devices.common.checked_device import asked_name
from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from tests.device_context import DeviceContext

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.mark.parametrize("wrong", [
    Hash("speed", float("nan")), Hash("speed", [2.]), Hash("speed", "2"),
    Hash("nothing", 1), Hash("position", 1.), Hash("move", 1)])
async def test_one_bad_value_leaves_all_as_they_were(wrong, caplog):
    name = create_instanceId("motor")
    async with DeviceContext(motor=SimulatedMotor({"deviceId": name})):
        for key in wrong:
            given = Hash("target", 3., key, wrong[key])
        caplog.clear()
        with pytest.raises(KaraboError, match=key):
            await call(name, "slotReconfigure", given)
        found = await getProperties(name, ["target", "speed", "status"])
        assert (found["target"], found["speed"]) == (0., 1.)
        assert key in found["status"]
        assert not [record for record in caplog.records
                    if record.exc_info and record.levelno > logging.DEBUG]
        await call(name, "slotReconfigure", Hash("target", 3, "speed", 2.))
        found = await getProperties(name, ["target", "speed"])
        assert (found["target"], found["speed"]) == (3., 2.)


async def test_a_locked_device_says_so_first():
    name = create_instanceId("motor")
    async with DeviceContext(motor=SimulatedMotor(
            {"deviceId": name, "lockedBy": "somebody"})):
        with pytest.raises(KaraboError, match='locked by "somebody"'):
            await call(name, "slotReconfigure", Hash("speed", "bad"))


@pytest.mark.parametrize(("device_class", "key", "value"), [
    (SimulatedMotor, "speed", float("nan")), (SimulatedMotor, "target", [1.]),
    (SpectraClassifier, "source.maxPulses", [5]),
    (SpectraClassifier, "conditions.latching", "false"),
    (SpectraClassifier, "load.role", ["worker"])])
async def test_an_impossible_start_is_refused_by_name(
        device_class, key, value):
    with pytest.raises(KaraboError, match=f"is not started: {key}"):
        device_class(Hash("deviceId", "a/b/c", key, value))


@pytest.mark.parametrize("params", [None, 5, "name", [Hash()],
                                    Hash("name", 5), Hash("name", ["a"])])
async def test_a_name_that_is_none_is_refused(params):
    with pytest.raises(KaraboError, match="expected a"):
        asked_name(params)
    assert asked_name(Hash()) == ""
    assert asked_name(Hash("name", "a")) == "a"
