"""Peaks of a source beside the classifier of it."""
from contextlib import asynccontextmanager

import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import AlarmCondition, Hash, setWait
from karabo.middlelayer.testing import create_instanceId, sleepUntil

from spectra_classifier.core.dataset import Dataset
from spectra_classifier.core.spectra import Axis
from spectra_classifier.devices.common.channels import QueuedInputChannel
from spectra_classifier.devices.common.checked_device import CheckedDevice
from spectra_classifier.devices.peak_monitor.device import PeakMonitor
from spectra_classifier.training.fit import train
from spectra_classifier.training.options import TrainingOptions
from tests.broker.classifier_bench import LOOPBACK, bench
from tests.device_context import DeviceContext

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT = 60
PULSES = 40
RANDOM = np.random.default_rng(5)
X = np.linspace(500., 530., 90)
#: positions of the line in the two states, and of the line that rests
LOW, HIGH, REST = 508., 511., 524.
REGIONS = [Hash("name", "line", "first", 502., "last", 517.,
                "tolerance", 0.1),
           Hash("name", "still", "first", 518., "last", 530.,
                "tolerance", 0.1)]
PATTERNS = [Hash("name", name, "first", first, "step", 2, "count", 0,
                 "required", True, "kind", "pulse id")
            for first, name in enumerate(("even", "odd"))]


def drawn(position, pulses=PULSES, width=1.2):
    bell = sum(np.exp(-0.5 * ((X - middle) / width) ** 2)
               for middle in (position, REST))
    return RANDOM.poisson(20 + 300 * bell, (pulses, len(X))).astype(
        np.uint16)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one(karabo_environment, karabo_client, tmp_path_factory):
    """Source and classifier of a trained model."""
    path = tmp_path_factory.mktemp("model") / "line.onnx"
    labels = np.repeat([0, 1, 0, 1], 60)
    result = train(Dataset(
        Axis(X, "energy", "eV"),
        np.concatenate([drawn((LOW, HIGH)[label], 60) for label in
                        labels[::60]]), labels, ("low", "high"),
        np.repeat(np.arange(4), 60)), TrainingOptions(members="linear"))
    result.save(path)
    async with bench(str(path), **{
            "decision.pulsePatterns": PATTERNS}) as found:
        yield found


@asynccontextmanager
async def watching(one, **changes):
    device = PeakMonitor(Hash(
        "deviceId", create_instanceId("peaks"),
        "classifierId", str(one.classifier.deviceId),
        "peaks", Hash("regions", REGIONS),
        "output", Hash("hostname", LOOPBACK),
        "input", Hash("connectedOutputChannels",
                      [f"{one.source.deviceId}:output"]),
        *[part for item in changes.items() for part in item]))
    async with DeviceContext(peaks=device):
        await sleepUntil(lambda: device.state.value == "PROCESSING",
                         timeout=WAIT)
        await sleepUntil(
            lambda: len(one.source.output.connections.value) == 2,
            timeout=WAIT)
        yield device


async def seen(one, device, spectra):
    """Send a train until the properties are those of one like it."""
    first = one.source.next_train
    await one.source.send({"adc": spectra})

    def is_shown():
        return device.peaks.trainId >= first and len(device.peaks.current)
    await sleepUntil(is_shown, timeout=WAIT)


async def test_peaks_are_where_they_are_and_a_moved_one_is_flagged(one):
    async with watching(one) as device:
        await seen(one, device, drawn(LOW))
        assert device.peaks.problem == ""
        assert device.peaks.unit == "eV"
        assert device.peaks.modelId == one.classifier.modelId.value
        rows = device.peaks.current.value
        assert [(row["region"], row["pattern"]) for row in rows] == [
            ("line", "even"), ("still", "even"),
            ("line", "odd"), ("still", "odd")]
        assert device.peaks.within and device.peaks.beyond == ""
        for row in rows:
            value, error = map(float, row["position"].split("+-"))
            truth = LOW if row["region"] == "line" else REST
            assert abs(value - truth) < 5 * error < 0.5
            value, error = map(float, row["width"].split("+-"))
            assert abs(value - 1.2) < 5 * error < 0.5
        # between the taught states is within, beyond is not
        await seen(one, device, drawn((LOW + HIGH) / 2))
        assert device.peaks.within
        moved = drawn(LOW)
        moved[1::2] = drawn(LOW - 2.)[1::2]
        await seen(one, device, moved)
        await sleepUntil(lambda: not device.peaks.within, timeout=WAIT)
        assert device.peaks.beyond.value.startswith("line (odd): position 50")
        assert [row["within"] for row in device.peaks.current.value] == [
            True, True, False, True]
        await sleepUntil(
            lambda: device.alarmCondition == AlarmCondition.WARN,
            timeout=WAIT)
        await seen(one, device, drawn(HIGH))
        await sleepUntil(lambda: device.peaks.within
                         and device.alarmCondition == AlarmCondition.NONE,
                         timeout=WAIT)
        # silence is not within
        await sleepUntil(lambda: not device.peaks.within, timeout=WAIT)
        assert "no train for" in device.peaks.problem.value


async def test_bad_trains_are_refused_and_the_next_good_one_is_measured(one):
    async with watching(one) as device:
        await seen(one, device, drawn(LOW))
        broken = drawn(LOW).astype(np.float32)
        broken[:] = np.nan
        for bad in (broken, drawn(LOW)[:, :40].copy(),
                    np.zeros((PULSES, len(X)), np.uint16),
                    "no spectra", Hash("data", b"", "shape", [1])):
            refused = int(device.peaks.trainsRefused)
            await one.source.send({"adc": bad})
            await sleepUntil(
                lambda n=refused: device.peaks.trainsRefused > n,
                timeout=WAIT)
            assert device.peaks.problem != ""
            assert not device.peaks.within
            await seen(one, device, drawn(LOW))
            assert device.peaks.problem == "" and device.peaks.within


async def test_what_is_not_known_is_named_until_it_is_known(one):
    async with watching(one, classifierId="nobody") as device:
        name = str(device.deviceId)
        for values, words in (
                ({}, "nobody does not answer"),
                ({"classifierId": ""}, "name the classifier"),
                ({"classifierId": str(one.classifier.deviceId),
                  "peaks.regions": []}, "add a row for every peak"),
                ({"peaks.regions": [Hash(
                    "name", "line", "first", 502., "last", 502.5,
                    "tolerance", 0.)]}, "at least 8 are needed")):
            if values:
                await setWait(name, **values)
            await one.source.send({"adc": drawn(LOW)})
            await sleepUntil(
                lambda now=words: now in device.peaks.problem.value,
                timeout=WAIT)
            assert not device.peaks.within
        await setWait(name, **{"peaks.regions": REGIONS})
        await seen(one, device, drawn(LOW))
        assert device.peaks.within


async def test_the_numbers_of_a_train_go_out_under_its_id(one):
    class Receiver(CheckedDevice):
        trains: list = []

        @QueuedInputChannel(raw=True)
        async def input(self, data, meta):
            self.trains.append((meta.timestamp.timestamp.tid, data["data"]))

    async with watching(one) as device:
        receiver = Receiver(Hash(
            "deviceId", create_instanceId("receiver"), "input", Hash(
                "connectedOutputChannels", [f"{device.deviceId}:output"])))
        async with DeviceContext(receiver=receiver):
            await sleepUntil(
                lambda: len(device.output.connections.value) == 1,
                timeout=WAIT)
            train_id = one.source.next_train
            await one.source.send({"adc": drawn(HIGH)})
            await sleepUntil(lambda: receiver.trains, timeout=WAIT)
        (found, data), = receiver.trains
        assert found == data["trainId"] == train_id
        assert list(data["region"]) == ["line", "still"] * 2
        assert list(data["within"]) == [True] * 4
        off = (np.asarray(data["position"]) - [HIGH, REST] * 2) / np.asarray(
            data["positionError"])
        assert np.abs(off).max() < 5
