"""Every recipe of the page is run against a stand-in."""
import json
import re
import shutil
import subprocess
import sysconfig
import time
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from karabo.middlelayer import (
    Hash,
    State,
    call,
    instantiate,
    shutdown,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.simulated_beamline.digital_output import (
    SimulatedDigitalOutput,
)
from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from spectra_classifier.devices.simulated_beamline.soft_interlock import (
    SimulatedSoftInterlock,
)
from spectra_classifier.devices.simulated_beamline.watchdog import (
    SimulatedWatchdog,
)
from tests.broker.remote import knows, until_asked
from tests.broker.stand_in import StandIn
from tests.device_context import DeviceContext

PAGE = (Path(__file__).parents[2] / "docs" / "interlock-recipes.md"
        ).read_text()
EXAMPLES = dict(re.findall(
    r"<!-- example: (\S+) -->\n```\w+\n(.*?)```\n", PAGE, re.S))
WAIT = 30       # s, for what takes a second on a quiet machine
TARGETS = {"watchdog.json": SimulatedWatchdog,
           "digital_output.json": SimulatedDigitalOutput,
           "soft_interlock.json": SimulatedSoftInterlock}


def classifier():
    return StandIn({"deviceId": create_instanceId("classifier"),
                    "output": {"hostname": "127.0.0.1"}})


@asynccontextmanager
async def guarded(target, settings):
    """A classifier, what is driven, and a guard that was enabled."""
    parts = SimpleNamespace(classifier=classifier(), target=target(
        {"deviceId": create_instanceId("target")}))
    parts.guard = PermitGuard(settings | {
        "deviceId": create_instanceId("guard"),
        "classifierId": parts.classifier.deviceId,
        "targetDevice": parts.target.deviceId})
    async with DeviceContext(**vars(parts)):
        await call(parts.guard.deviceId, "enable")
        yield parts


async def until(condition):
    await sleepUntil(condition, timeout=WAIT)


def test_the_page_names_all_its_examples():
    assert set(EXAMPLES) == set(TARGETS) | {
        "scan_with_permit.py", "bound_lease_reader.py", "LeaseReader.cc"}


@pytest.mark.parametrize("name", TARGETS)
async def test_the_settings_of_a_guard(name):
    (settings,) = json.loads(EXAMPLES[name]).values()
    assert settings.pop("classId") == "PermitGuard"
    async with guarded(TARGETS[name], settings) as parts:
        target = parts.target
        await until(lambda: target.state == State.ON)
        await until(lambda: parts.guard.state == State.ON)
        off = target.offAt.value
        parts.classifier.word = False
        await until(lambda: target.state != State.ON)
        await until(lambda: target.offAt.value > off)
        await until(lambda: parts.guard.state == State.INTERLOCKED)
        parts.classifier.word = True
        await parts.guard.acknowledge()
        await until(lambda: target.state == State.ON)


async def test_a_scan_waits_for_the_permit(start_server):
    server = create_instanceId("macros")
    start_server("macro", server)
    await knows(server, "MetaMacro")
    macro, motor = create_instanceId("scan"), SimulatedMotor(
        {"deviceId": create_instanceId("motor"), "speed": 10.})
    shutter = {"target": {"openSlot": "open", "closeSlot": "close",
                          "holdSlot": "hold", "confirmProperty": "isOpen"}}
    async with (guarded(SimulatedShutter, shutter) as parts,
                DeviceContext(motor=motor)):
        await until(lambda: parts.guard.granted)
        await instantiate(server, "MetaMacro", macro, Hash(
            "code", EXAMPLES["scan_with_permit.py"], "module", "scan",
            "project", "test"))
        try:
            await until_asked(macro, "done", 0)
            await call(macro, "slotReconfigure", Hash(
                "guardId", parts.guard.deviceId.value,
                "motorId", motor.deviceId.value))
            await call(macro, "scan")
            await until_asked(macro, "done", 3)
            assert motor.position.value == pytest.approx(0.2)
            # silence: the second scan does not begin
            parts.classifier.talking = False
            await until(lambda: not parts.guard.granted)
            await call(macro, "slotReconfigure", Hash("stepSize", 1.))
            await call(macro, "scan")
            await until_asked(macro, "waiting", True)
            assert motor.position.value == pytest.approx(0.2)
            parts.classifier.talking = True
            await parts.guard.acknowledge()
            await until(lambda: motor.position.value == 2.)
            # a guard that is gone does not answer, and is no permit
            await until_asked(macro, "waiting", False)
            await parts.guard.slotKillDevice()
            await call(macro, "scan")
            await until_asked(macro, "waiting", True)
            assert motor.position.value == 2.
        finally:
            await shutdown(macro)


async def reads_the_lease(server, class_id):
    """A device of this class in this server holds the lease, and loses it."""
    one = classifier()
    reader = create_instanceId("reader")
    source = f"{one.deviceId.value}:output"
    async with DeviceContext(classifier=one):
        await instantiate(server, class_id, reader, Hash(
            "source", source, "input", Hash(
                "connectedOutputChannels", [source],
                "dataDistribution", "copy", "onSlowness", "drop")))
        try:
            await until_asked(reader, "permitted", True)
            # a permit that is withdrawn, silence, wrong types, a restart
            one.word = False
            await until_asked(reader, "permitted", False)
            one.word = True
            await until_asked(reader, "permitted", True)
            one.talking = False
            begun = time.monotonic()
            await until_asked(reader, "permitted", False)
            assert time.monotonic() - begun < 0.5 + 2.
            one.talking = True
            await until_asked(reader, "permitted", True)
            one.says = {"permitSequence": 90_000}       # and no other
            await until_asked(reader, "permitted", False)
            one.says = {}
            await until_asked(reader, "permitted", True)
            one.says = {"permitValidFor": float("nan")}
            await until_asked(reader, "permitted", False)
        finally:
            await shutdown(reader)


async def test_a_bound_device_reads_the_lease(start_server, tmp_path,
                                              monkeypatch):
    """In a server of the bound API that finds it by its entry point."""
    (tmp_path / "bound_lease_reader.py").write_text(
        EXAMPLES["bound_lease_reader.py"])
    info = tmp_path / "bound_lease_reader-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: bound-lease-reader\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[karabo.bound_device]\n"
        "BoundLeaseReader = bound_lease_reader:BoundLeaseReader\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    server = create_instanceId("bound")
    start_server("python", server)
    await knows(server, "BoundLeaseReader")
    await reads_the_lease(server, "BoundLeaseReader")


async def test_a_cpp_device_reads_the_lease(start_server, karabo_environment,
                                            tmp_path):
    """Compiled with the command of the page."""
    installed = Path(sysconfig.get_path("purelib")) / "karabo_cpp"
    if shutil.which("g++") is None or not installed.is_dir():
        pytest.skip("there is no compiler, or no Karabo to compile against")
    (tmp_path / "LeaseReader.cc").write_text(EXAMPLES["LeaseReader.cc"])
    command = re.search(r"^g\+\+ .*$", PAGE, re.M)[0].replace(
        "$K", str(installed)).split()
    subprocess.run(command, check=True, cwd=tmp_path, timeout=300)
    plugins = Path(karabo_environment["KARABO"]) / "plugins"
    plugins.mkdir(exist_ok=True)
    library = Path(shutil.copy(tmp_path / "libLeaseReader.so", plugins))
    try:
        server = create_instanceId("cpp")
        start_server("cpp", server)
        await knows(server, "LeaseReader")
        await reads_the_lease(server, "LeaseReader")
    finally:
        library.unlink()
