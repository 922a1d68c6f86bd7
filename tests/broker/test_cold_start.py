"""A start on a machine that never compiled, and what can go wrong with it."""
import os
import shutil
import signal
from asyncio import create_task, sleep
from contextlib import suppress
from pathlib import Path

from karabo.middlelayer import AlarmCondition, call, getDevice, setWait
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.core.engine.kernels.options import cache_directory
from spectra_classifier.core.spectra import Code
from spectra_classifier.live.configuration.live_model import load_model
from tests.broker.classifier_bench import (
    LOOPBACK,
    Collector,
    TrainSource,
    save_model,
)
from tests.device_context import DeviceContext

HIGH, PULSES = 1, 4
#: trains that may wait anywhere
QUEUE = 200
PATIENCE = 400
COMPILING = b"spectra_classifier.cli.compile_process"


def compilers(parent):
    """Process ids of the processes that compile for a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(state[1]) == parent and COMPILING in (
                    folder / "cmdline").read_bytes():
                found.append(int(folder.name))
    return found


async def test_trains_do_not_wait_for_the_compiler(tmp_path, start_server):
    """A slower engine classifies, armed; it goes on where compiling fails.

    The compiled engine takes its place, and nothing else is seen of it.
    """
    model = save_model(tmp_path / "good.onnx")
    load_model(model, "fused", 1)       # compiled here; the server is not told
    cache = tmp_path / "cache"
    source_id, classifier, sink = map(create_instanceId, (
        "source", "classifier", "sink"))
    source = TrainSource({"deviceId": source_id, "output": {
        "hostname": LOOPBACK, "maxQueueLength": QUEUE}})
    collector = Collector({"deviceId": sink, "input": {
        "connectedOutputChannels": [f"{classifier}:output"],
        "onSlowness": "queueDrop", "maxQueueLength": QUEUE}})
    async with DeviceContext(source=source, collector=collector):
        server = start_server(
            "middlelayer", create_instanceId("server"), ["SpectraClassifier"],
            {classifier: {
                "classId": "SpectraClassifier", "modelPath": model,
                "conditions.maxLatency": 1e4, "conditions.maxTrainAge": 1e4,
                "conditions.staleAfter": 10.,
                "reactions": [{"sampleClass": "high", "alarm": "none",
                               "permit": True}],
                # a busy machine is no reason to look at fewer pulses here
                "load.degradeOnPurpose": False, "load.queueLength": QUEUE,
                "input.connectedOutputChannels": [f"{source_id}:output"],
                "input.maxQueueLength": QUEUE,
                "output.maxQueueLength": QUEUE,
                "output.hostname": LOOPBACK, "preview.hostname": LOOPBACK}},
            {"XDG_CACHE_HOME": str(cache)})
        flow = create_task(_flow(source))
        await sleepUntil(lambda: collector.trains and len(compilers(
            server.pid)) == 1, timeout=PATIENCE)
        with await getDevice(classifier) as device:
            def status():
                return str(device.modelStatus.value)

            await sleepUntil(lambda: device.sampleState == "high",
                             timeout=PATIENCE)
            await call(classifier, "arm")
            await sleepUntil(lambda: device.permit, timeout=PATIENCE)
            await sleepUntil(lambda: "onnxruntime classifies while"
                             in status(), timeout=PATIENCE)
            basis = str(device.model.appliedConfigHash.value)

            process, = compilers(server.pid)
            os.kill(process, signal.SIGKILL)
            await sleepUntil(lambda: "cannot be compiled" in status(),
                             timeout=PATIENCE)
            await sleepUntil(
                lambda: device.alarmCondition != AlarmCondition.NONE
                and "cannot be compiled" in str(device.alarmReason.value),
                timeout=PATIENCE)
            assert device.permit

            await setWait(classifier, modelPath=model)
            await sleepUntil(lambda: compilers(server.pid), timeout=PATIENCE)
            process, = compilers(server.pid)
            os.kill(process, signal.SIGSTOP)
            await sleepUntil(lambda: "onnxruntime classifies while"
                             in status(), timeout=PATIENCE)
            shutil.copytree(cache_directory(), cache / "spectra_classifier"
                            / cache_directory().name, dirs_exist_ok=True)
            os.kill(process, signal.SIGCONT)
            await sleepUntil(lambda: status().endswith("verified and live"),
                             timeout=PATIENCE)
            await sleepUntil(lambda: "compiled" not in str(
                device.alarmReason.value), timeout=PATIENCE)
            seen = len(collector.trains)
            await sleepUntil(lambda: len(collector.trains) > seen + 10,
                             timeout=PATIENCE)
            flow.cancel()
            assert device.permit and device.armed
            assert str(device.model.appliedConfigHash.value) == basis
            # trains from before the model are skipped, all others classified
            await sleepUntil(
                lambda: PULSES * device.trainsReceived
                == device.accounting.pulsesReceived
                == device.accounting.pulsesClassified
                + device.accounting.pulsesSkipped, timeout=PATIENCE)
        assert not compilers(server.pid)
    permits = [train["permit"] for train in collector.trains]
    assert all(permits[permits.index(True):])
    labels = [list(train["label"][:PULSES]) for train in collector.trains]
    first = labels.index([HIGH] * PULSES)
    assert set(map(tuple, labels[:first])) <= {(Code.SKIPPED,) * PULSES}
    assert set(map(tuple, labels[first:])) == {(HIGH,) * PULSES}


async def _flow(source):
    while True:
        await source.send_class(HIGH, PULSES)
        await sleep(0.1)
