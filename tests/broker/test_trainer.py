"""The trainer between a simulated source and a classifier: the whole loop,
and what people do wrong."""
import json
import subprocess
import sys
import time
from asyncio import create_subprocess_exec, get_running_loop
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
import pytest_asyncio
from karabo.middlelayer import (
    Hash,
    KaraboError,
    State,
    call,
    getProperties,
    instantiate,
    setWait,
    shutdown,
    sleep,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.macros import teach_and_wait
from spectra_classifier.devices.permit_guard.device import PermitGuard
from spectra_classifier.devices.simulated_beamline.motor import SimulatedMotor
from spectra_classifier.devices.simulated_beamline.shutter import (
    SimulatedShutter,
)
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from spectra_classifier.devices.spectra_trainer import capture_recorder
from spectra_classifier.devices.spectra_trainer.device import SpectraTrainer
from spectra_classifier.devices.spectrometer_simulator.device import (
    SpectrometerSimulator,
)
from spectra_lab.servers import DeviceServer
from tests.device_context import DeviceContext

LOOPBACK = "127.0.0.0/8"
CLASSES = ("low pressure", "high pressure")
WAIT = 300    # s: the training gives way to everything else


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(karabo_environment, gotthard_model, tmp_path_factory):
    """Source, classifier, trainer, guard, shutter, motor; data flow."""
    ids = {name: create_instanceId(name) for name in (
        "source", "classifier", "trainer", "motor", "guard", "shutter")}
    source = SpectrometerSimulator({
        "deviceId": ids["source"], "preset": "easy", "pulses": 100,
        "source.seed": gotthard_model.seed, "heldState": 0.,
        "source.hold": 8, "source.mixing": 4,
        "output": {"hostname": LOOPBACK}})

    def channel():      # Karabo keeps what it is given
        return {"connectedOutputChannels": [f"{ids['source']}:output"]}

    dark = gotthard_model.dark
    classifier = SpectraClassifier({
        "deviceId": ids["classifier"], "load.engine": "numpy",
        "modelPath": str(gotthard_model.path),
        "dark.spectrum": dark.tolist(), "dark.rows": 2,
        "source.maskedStrips": gotthard_model.dead,
        "input": channel(), "output": {"hostname": LOOPBACK},
        "conditions.maxTrainAge": 60_000., "conditions.maxLatency": 60_000.,
        "conditions.lease": 10_000., "conditions.staleAfter": 10.})
    trainer = SpectraTrainer({
        "deviceId": ids["trainer"], "classifierId": ids["classifier"],
        "captureDirectory": str(tmp_path_factory.mktemp("captures")),
        "trainsToCapture": 4, "training.timeBudget": 1.,
        # a test may not depend on what else the machine does
        "training.niceness": 0,
        "model.permittingClasses": [CLASSES[0]], "input": channel()})
    motor = SimulatedMotor({"deviceId": ids["motor"], "target": 1000.})
    shutter = SimulatedShutter({"deviceId": ids["shutter"], "holdTime": 10.})
    guard = PermitGuard({
        "deviceId": ids["guard"], "classifierId": ids["classifier"],
        "targetDevice": ids["shutter"], "target.openSlot": "open",
        "target.closeSlot": "close", "target.holdSlot": "hold",
        "target.confirmProperty": "isOpen", "conditions.lease": 10_000.,
        "conditions.latching": False})
    async with DeviceContext(source=source, classifier=classifier,
                                  trainer=trainer, motor=motor, guard=guard,
                                  shutter=shutter):
        await sleepUntil(lambda: classifier.modelId.value, timeout=WAIT)
        await sleepUntil(lambda: source.state == State.ON, timeout=WAIT)
        await sleepUntil(
            lambda: len(source.output.connections.value) == 2, timeout=WAIT)
        await call(ids["source"], "start")
        await sleepUntil(lambda: classifier.trainsReceived > 3, timeout=WAIT)
        yield SimpleNamespace(
            source=source, classifier=classifier, trainer=trainer,
            motor=motor, shutter=shutter, model=str(gotthard_model.path), **{
                f"{name}_id": device_id for name, device_id in ids.items()})


async def idle(lab):
    await sleepUntil(lambda: lab.trainer.state == State.ON, timeout=WAIT)
    return lab.trainer.status.value


async def capture(lab, state, name=None):
    await setWait(lab.source_id, heldState=float(state))
    await sleepUntil(lambda: lab.source.currentFraction == state,
                     timeout=WAIT)
    await setWait(lab.trainer_id, className=name or CLASSES[state])
    await call(lab.trainer_id, "capture")
    return await idle(lab)


async def do(lab, slot):
    await call(lab.trainer_id, slot)
    return await idle(lab)


@asynccontextmanager
async def folder(lab, path):
    """The trainer with another folder; back to its own afterwards."""
    own = lab.trainer.captureDirectory.value
    await setWait(lab.trainer_id, captureDirectory=str(path))
    await do(lab, "reload")
    try:
        yield
    finally:
        await setWait(lab.trainer_id, captureDirectory=own)
        await do(lab, "reload")


async def test_the_whole_loop(lab):
    for number, state in enumerate((0, 1, 0, 1)):
        assert await capture(lab, state) == (
            f"capture {number + 1} of {CLASSES[state]!r}: done")
    rows = lab.trainer.captures.current.value
    assert [row["pulses"] > 100 for row in rows] == [True] * 4
    assert all(row["dark"] for row in rows)
    assert "train" in lab.trainer.guidance.value
    lost = lab.classifier.trainsLost.value

    await call(lab.trainer_id, "train")
    with pytest.raises(KaraboError, match="not allowed in state"):
        await call(lab.trainer_id, "arm")
    assert await idle(lab) == "train: done"
    assert lab.trainer.verdict == "separable", lab.trainer.verdictText
    assert lab.trainer.training.heldOutAccuracy > 0.95
    assert await do(lab, "evaluate") == "evaluate: done"
    assert lab.trainer.training.evaluatedAccuracy > 0.95

    before = lab.classifier.modelId.value
    assert await do(lab, "arm") == "arm: done"
    taught = lab.trainer.trainedModelId.value
    assert lab.classifier.modelId == taught != before
    assert lab.classifier.armed
    assert list(lab.classifier.model.classNames.value) == list(CLASSES)
    await setWait(lab.source_id, heldState=0.)
    await sleepUntil(lambda: lab.classifier.sampleState == CLASSES[0],
                     timeout=WAIT)
    await setWait(lab.source_id, heldState=1.)
    await sleepUntil(lambda: lab.classifier.sampleState == CLASSES[1],
                     timeout=WAIT)
    assert lab.classifier.trainsLost == lost

    assert await do(lab, "previous") == "previous: done"
    assert lab.classifier.modelId == before
    assert not lab.classifier.armed
    with pytest.raises(KaraboError, match="not replaced a model"):
        await call(lab.trainer_id, "previous")


async def test_what_people_do_wrong(lab, tmp_path):
    async with folder(lab, tmp_path):
        await setWait(lab.trainer_id, className="")
        with pytest.raises(KaraboError, match="name the state"):
            await call(lab.trainer_id, "capture")
        for slot, words in (("train", "no capture yet"),
                            ("evaluate", "train first"),
                            ("arm", "train first"),
                            ("discardLast", "no capture to discard"),
                            ("exportCaptures", "no capture to export")):
            with pytest.raises(KaraboError, match=words):
                await call(lab.trainer_id, slot)
            assert lab.trainer.state == State.ON
            assert words in lab.trainer.status.value
        await capture(lab, 0)
        with pytest.raises(KaraboError, match="there is one class"):
            await call(lab.trainer_id, "train")
        await do(lab, "discardLast")
        assert not lab.trainer.captures.current.value[0]["kept"]
        await setWait(lab.trainer_id, captureDirectory="/no/such/folder")
        with pytest.raises(KaraboError, match="absolute path of a folder"):
            await call(lab.trainer_id, "capture")


async def test_the_source_goes_and_a_capture_is_cancelled(lab, tmp_path):
    async with folder(lab, tmp_path):
        await setWait(lab.trainer_id, trainsToCapture=500, className="x",
                      **{"source.timeout": 1.})
        await call(lab.trainer_id, "capture")
        await sleepUntil(lambda: lab.trainer.captures.trainsCaptured > 3,
                         timeout=WAIT)
        await call(lab.source_id, "stop")
        status = await idle(lab)
        assert "no train came for 1 s" in status
        # three trains are kept
        assert lab.trainer.captures.current.value[0]["kept"]
        await call(lab.source_id, "start")
        await setWait(lab.trainer_id, **{"source.timeout": 10.})
        await call(lab.trainer_id, "capture")
        await sleepUntil(lambda: lab.source.state == State.ACQUIRING,
                         timeout=WAIT)
        await call(lab.trainer_id, "cancel")
        assert "cancelled by an operator" in await idle(lab)
        await setWait(lab.trainer_id, trainsToCapture=4)


async def test_a_disk_that_fills_up_ends_the_capture(
        lab, tmp_path, monkeypatch):
    async with folder(lab, tmp_path):
        room = iter([1e12] * 3)
        monkeypatch.setattr(
            capture_recorder.shutil, "disk_usage",
            lambda path: SimpleNamespace(free=next(room, 1e6)))
        await setWait(lab.trainer_id, trainsToCapture=20)
        status = await capture(lab, 0)
        await setWait(lab.trainer_id, trainsToCapture=4)
        assert f"the disk of {tmp_path} is full" in status
        # what was written before is there, and takes part
        row, = lab.trainer.captures.current.value
        assert row["kept"] and row["trains"] == 3


async def test_a_training_is_cancelled(lab):
    assert lab.trainer.trainedModelId.value     # of the whole loop
    known = lab.trainer.trainedModelId.value
    await call(lab.trainer_id, "train")
    await sleepUntil(lambda: lab.trainer.progress > 0, timeout=WAIT)
    await call(lab.trainer_id, "cancel")
    assert "cancelled" in await idle(lab)
    assert lab.trainer.trainedModelId == known


async def test_the_macro_on_a_macro_server(lab, tmp_path):
    async with folder(lab, tmp_path):
        server_id = create_instanceId("macros")
        with DeviceServer("macro", server_id):
            servers = get_running_loop().lead.systemTopology["server"]
            await sleepUntil(
                lambda: server_id in servers and "TeachAndWait"
                in servers[server_id, "deviceClasses"], timeout=WAIT)
            macro_id = create_instanceId("macro")
            await instantiate(
                server_id, "TeachAndWait", macro_id,
                configuration=settings(lab))
            begun = time.monotonic()
            await call(macro_id, "teach")
            result = ""
            while ("since train" not in result
                   and time.monotonic() - begun < 3 * WAIT):
                result = (await getProperties(macro_id, ["result"]))["result"]
                assert "failed" not in result, result
                await sleep(0.1)
            assert f"{CLASSES[1]!r} since train" in result
            await sleepUntil(lambda: lab.motor.state == State.ON,
                             timeout=WAIT)
            assert 0 < lab.motor.position.value < 1000
            # open while the sample was in the state that permits
            assert lab.shutter.opens
            await sleepUntil(lambda: not lab.shutter.isOpen, timeout=WAIT)
            await shutdown(macro_id)


async def test_the_macro_from_the_command_line(lab, tmp_path):
    """One cycle alone is refused, unless an expert says why."""
    async with folder(lab, tmp_path):
        words = [f"{key}={value}" for key, value in {
            "trainerId": lab.trainer_id, "classifierId": lab.classifier_id,
            "sampleDevice": lab.source_id, "sampleProperty": "heldState",
            "classes": ",".join(CLASSES), "sampleValues": "0,1",
            "cycles": 1, "trains": 4}.items()]
        process = await create_subprocess_exec(
            sys.executable, teach_and_wait.__file__, "teachOnce", *words,
            stdout=subprocess.PIPE)
        text, _ = await process.communicate()
        said = next(json.loads(line) for line in text.decode().splitlines()
                    if line.startswith("{"))
        assert "arm is refused: drift not excluded" in said["result"]
        assert lab.trainer.verdict == "drift not excluded"
        await setWait(lab.trainer_id, **{
            "model.overrideReason": "it cannot be undone"})
        assert await do(lab, "arm") == "arm: done"
        assert lab.classifier.armed
        await do(lab, "previous")


def settings(lab):
    """The macro for this lab."""
    return Hash(
        "trainerId", lab.trainer_id, "classifierId", lab.classifier_id,
        "sampleDevice", lab.source_id, "sampleProperty", "heldState",
        "classes", list(CLASSES), "sampleValues", [0., 1.], "trains", 4,
        "scanValue", 1., "awaitedState", CLASSES[1], "motorId",
        lab.motor_id, "guardId", lab.guard_id)


async def test_the_last_minutes_are_explored_and_named(lab, tmp_path):
    trainer = lab.trainer
    async with folder(lab, tmp_path):
        await setWait(lab.source_id, heldState=-1.)
        await setWait(lab.trainer_id, **{"exploration.minutes": 0.5})
        await sleepUntil(lambda: trainer.exploration.trainsKept > 60,
                         timeout=WAIT)
        await setWait(lab.trainer_id, className="first",
                      **{"exploration.cluster": 0})
        with pytest.raises(KaraboError, match="explore first"):
            await call(lab.trainer_id, "nameCluster")
        assert await do(lab, "explore") == "explore: done"
        assert trainer.exploration.found.value
        assert trainer.exploration.lookedAt.value
        rows = trainer.exploration.clusters.value
        assert len(rows) >= 1 and not rows[0]["name"]
        assert await do(lab, "nameCluster") == "nameCluster: done"
        assert trainer.exploration.clusters.value[0]["name"] == "first"
        assert {row["origin"] for row in trainer.captures.current.value} == {
            "clusters"}
        with pytest.raises(KaraboError, match="is 'first' already"):
            await call(lab.trainer_id, "nameCluster")


async def test_an_exploration_that_dies_or_finds_nothing_changes_nothing(
        lab, tmp_path):
    trainer = lab.trainer
    async with folder(lab, tmp_path):
        await call(lab.trainer_id, "explore")
        await sleepUntil(lambda: trainer._job is not None
                         and trainer._job._process is not None, timeout=WAIT)
        trainer._job._process.kill()
        assert "explore: failed" in await idle(lab)
        assert trainer.exploration.found == ""
        await call(lab.trainer_id, "explore")
        await call(lab.trainer_id, "cancel")
        assert "cancelled by an operator" in await idle(lab)
        # a train that is none is left out, and said
        assert trainer.exploration.problem == ""
        trainer._kept.trains.clear()
        while not trainer.exploration.problem.value:
            trainer.offer(1, Hash("nothing", 1))
            await sleep(0.05)
        assert "no data.adc" in trainer.exploration.problem.value
        await sleepUntil(lambda: trainer.exploration.problem == "",
                         timeout=WAIT)
