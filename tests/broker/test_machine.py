"""The machine on a real broker: simulated companions, and a classifier that
decides pumped and unpumped pulses by what they send."""
import asyncio
from types import SimpleNamespace

import numpy as np
import pytest
import pytest_asyncio
from karabo.middlelayer import Hash, State, call, getProperties
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.core.trains.bunch_pattern import from_decoder
from spectra_classifier.devices.simulated_beamline.gas_monitor import (
    SimulatedXgm,
)
from spectra_classifier.devices.simulated_beamline.image_to_spectrum import (
    SimulatedImageToSpectrum,
)
from spectra_classifier.devices.simulated_beamline.pulse_pattern_decoder import (  # noqa: E501
    SimulatedPulsePatternDecoder,
)
from spectra_classifier.devices.simulated_beamline.time_server import (
    SimulatedTimeServer,
)
from spectra_classifier.devices.simulated_beamline.train_follower import (
    TrainFollower,
)
from tests.broker.classifier_bench import (
    FIRST_TRAIN,
    LOOPBACK,
    bench,
    save_model,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import CHANNELS, spectra_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

FRAMES, STEP, FIRST, PULSES = 40, 3, 2, 12
PLACES = tuple(range(FIRST, FIRST + STEP * PULSES, STEP))
PERMIT_ALL = [Hash("sampleClass", name, "alarm", "none", "permit", True)
              for name in ("low", "high")]
ROWS = [Hash("name", name, "first", 0, "step", 1, "count", 0, "required",
             True, "kind", kind) for name, kind in (
                 ("pumped", "with laser"), ("unpumped", "without laser"))]


class Listener(TrainFollower):
    """Keeps what a channel sends, by train id."""

    async def follow(self, data, timestamp):
        if not hasattr(self, "heard"):
            self.heard = {}
        self.heard[int(timestamp.tid)] = data


def following(device_class, name, channel, **values):
    return device_class(Hash(
        "deviceId", name, "input", Hash(
            "connectedOutputChannels", [channel], "maxQueueLength", 200),
        *[part for item in values.items() for part in item]))


def on_loopback():
    return Hash("hostname", LOOPBACK, "maxQueueLength", 200)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def line(karabo_environment, karabo_client, tmp_path_factory):
    """Source, time server, decoder, gas monitor, classifier, listeners."""
    clock, monitor, spectrum, decoder = (create_instanceId(name) for name in (
        "timeserver", "xgm", "spectrum", "decoder"))
    table = f"{clock}:outputBunchPattern"
    path = save_model(tmp_path_factory.mktemp("model") / "first.onnx")
    settings = {
        "joining.patternInput": Hash("connectedOutputChannels", [table],
                                     "maxQueueLength", 200),
        "joining.contextInput": Hash(
            "connectedOutputChannels", [f"{monitor}:output"],
            "maxQueueLength", 200),
        "joining.patternPath": "data.bunchPatternTable",
        "joining.laser": "LP_SPB", "joining.branch": "SA3",
        "joining.energyPath": "data.intensitySa3TD",
        "joining.minPulseEnergy": 10., "joining.timeout": 400.,
        "decision.pulsePatterns": ROWS, "reactions": PERMIT_ALL,
        "source.maxPulses": FRAMES}
    async with bench(path, **settings) as one:
        devices = {
            "clock": following(
                SimulatedTimeServer, clock,
                f"{one.source.deviceId}:output", firstPlace=FIRST,
                placeStep=STEP, pulses=PULSES, branch="SA3",
                laserStep=2 * STEP, laserPulses=PULSES // 2,
                outputBunchPattern=on_loopback()),
            "decoder": following(SimulatedPulsePatternDecoder, decoder,
                                 table),
            "monitor": following(SimulatedXgm, monitor, table,
                                 output=on_loopback()),
            "spectrum": following(
                SimulatedImageToSpectrum, spectrum,
                f"{one.source.deviceId}:output", output=on_loopback())}
        listeners = {
            f"heard_{name}": following(Listener, create_instanceId(name),
                                       channel)
            for name, channel in (("clock", table),
                                  ("monitor", f"{monitor}:output"),
                                  ("spectrum", f"{spectrum}:output"))}
        async with DeviceContext(**devices, **listeners):
            for device, channel, receivers in (
                    (one.source, "output", 3),
                    (devices["clock"], "outputBunchPattern", 4),
                    (devices["monitor"], "output", 2),
                    (devices["spectrum"], "output", 1)):
                await sleepUntil(lambda d=device, c=channel, n=receivers: len(
                    getattr(d, c).connections.value) == n, timeout=20)
            yield SimpleNamespace(one=one, **devices, **listeners)


def train_of(pumped=1):
    """Every second X-ray frame of one class, the others of the other one."""
    spectra = spectra_of(0, FRAMES, counts=0)
    for number, place in enumerate(PLACES):
        spectra[place] = spectra_of(
            pumped if number % 2 == 0 else 1 - pumped, 1)[0]
    return spectra


async def send(line, pumped=1):
    one = line.one
    return await one.output(await one.source.send({"adc": train_of(pumped)}))


#: field -> (type, length, where it is from), of every channel
FIELDS = {
    "clock": {"bunchPatternTable": (
        np.uint32, 2700, "European-XFEL/EXtra 21a663d "
        "tests/mockdata/timeserver.py, Timeserver.instrument_keys")},
    "monitor": {
        "intensityTD": (np.float32, 1000, "European-XFEL/EXtra 21a663d "
                        "tests/mockdata/xgm.py, XGM.instrument_keys"),
        "intensitySa1TD": (np.float32, 1000, "the same, "
                           "XGMD.instrument_keys"),
        "intensitySa3TD": (np.float32, 1000, "the same, "
                           "XGMD.instrument_keys")},
    "spectrum": {"spectrum": (
        np.float64, CHANNELS, "European-XFEL/imageProcessor 00b33b1 "
        "src/imageProcessor/ImageToSpectrum.py, DataNode")}}
#: property -> origin, of those that have no channel
PROPERTIES = {
    "decoder": (
        "European-XFEL/EXtra 21a663d tests/mockdata/timeserver.py, "
        "PulsePatternDecoder.control_keys, extra_run_values",
        ["laserSource", *(f"{node}.{name}" for node in (
            "laser", "maindump", "sase1", "sase2", "sase3")
            for name in ("pulseIds", "nPulses"))]),
    "monitor": (
        "European-XFEL/EXtra 21a663d tests/mockdata/xgm.py, "
        "XGMD.control_keys",
        ["controlData.slowTrain", "controlData.slowTrainSa1",
         "controlData.slowTrainSa3", "pulseEnergy.numberOfBunchesActual",
         "pulseEnergy.photonFlux", "pulseEnergy.wavelengthUsed",
         "pulseEnergy.numberOfSa1BunchesActual",
         "pulseEnergy.numberOfSa3BunchesActual"]),
    "clock": ("European-XFEL/EXtra 21a663d tests/mockdata/timeserver.py, "
              "Timeserver.control_keys", ["bunchPatternTable"])}


async def test_every_field_is_that_of_the_facility(line, subtests):
    train_id = (await send(line))["trainId"]
    for name, fields in FIELDS.items():
        listener = getattr(line, f"heard_{name}")
        await sleepUntil(lambda heard=listener: train_id in getattr(
            heard, "heard", {}), timeout=10)
        data = listener.heard[train_id]
        with subtests.test(channel=name):
            assert list(data) == ["data"]
            assert set(data["data"]) == set(fields)
        for field, (dtype, length, origin) in fields.items():
            with subtests.test(field=field, origin=origin):
                value = data[f"data.{field}"]
                assert (value.dtype, len(value)) == (dtype, length)
    for name, (origin, paths) in PROPERTIES.items():
        found = await getProperties(getattr(line, name).deviceId, paths)
        for path in paths:
            with subtests.test(property=path, origin=origin):
                assert path in found


async def test_a_monitor_sends_its_pulses_and_then_one(line):
    train_id = (await send(line))["trainId"]
    await sleepUntil(lambda: train_id in line.heard_monitor.heard, timeout=10)
    sent = line.heard_monitor.heard[train_id]["data"]
    for name, pulses in (("intensityTD", PULSES), ("intensitySa1TD", 0),
                         ("intensitySa3TD", PULSES)):
        assert (sent[name][pulses:] == 1).all()
        assert (sent[name][:pulses] != 1).all()
    assert line.monitor.pulseEnergy.numberOfSa3BunchesActual == PULSES


async def test_a_spectrum_is_the_sum_of_its_train(line):
    train_id = (await send(line))["trainId"]
    await sleepUntil(lambda: train_id in line.heard_spectrum.heard,
                     timeout=10)
    np.testing.assert_array_equal(
        line.heard_spectrum.heard[train_id]["data.spectrum"],
        train_of().sum(axis=0))


async def test_the_decoder_lists_what_the_table_has(line):
    await send(line)
    device = line.decoder
    await sleepUntil(lambda: device.sase3.nPulses == PULSES, timeout=10)
    found = from_decoder(
        device.sase3.pulseIds.value, np.int32(device.sase3.nPulses.value),
        device.laser.pulseIds.value, np.int32(device.laser.nPulses.value))
    assert tuple(found.xray) == PLACES
    assert found.pumped(0).tolist() == [True, False] * (PULSES // 2)
    assert device.sase1.nPulses == device.sase2.nPulses == 0
    assert device.maindump.nPulses == PLACES[-1] - PLACES[0] + 1 - PULSES


async def test_pumped_and_unpumped_are_decided_apart(line):
    device = line.one.classifier
    for _ in range(6):
        out = await send(line)
    expected = np.full(FRAMES, -2)
    expected[list(PLACES)] = [1, 0] * (PULSES // 2)
    np.testing.assert_array_equal(out["label"][:FRAMES], expected)
    await device.arm()
    out = await send(line)
    assert out["permit"], out["permitReason"]
    await sleepUntil(lambda: {
        row["name"]: row["sampleState"] for row in
        device.decision.patternStates.value} == {
            "pumped": "high", "unpumped": "low"}, timeout=20)
    await sleepUntil(lambda: device.joining.pulsePattern == (
        f"{PULSES} X-ray pulses at bunch places {PLACES[0]} to {PLACES[-1]}, "
        f"every {STEP}; {PULSES // 2} of them with laser"), timeout=10)
    assert device.joining.beamState == "beam"
    assert line.one.unaccounted() == ""


async def test_a_change_of_the_pattern_is_followed_and_logged(line, caplog):
    device = line.one.classifier
    for _ in range(6):
        await send(line)
    caplog.clear()
    await call(line.clock.deviceId, "slotReconfigure",
               Hash("laserStep", STEP, "laserPulses", PULSES))
    out = await send(line)
    assert out["permitReason"] != ""
    await sleepUntil(lambda: device.joining.pulsePattern.value.endswith(
        f"{PULSES} of them with laser"), timeout=10)
    assert [record for record in caplog.records if record.getMessage(
        ).startswith(f"from train {out['trainId']} on: ")]
    # all pulses are pumped now, of both classes: nothing is decided
    for _ in range(6):
        out = await send(line)
    assert "no class is decided for pulse pattern 'pumped', 'unpumped'" in (
        out["permitReason"])
    await call(line.clock.deviceId, "slotReconfigure",
               Hash("laserStep", 2 * STEP, "laserPulses", PULSES // 2))
    for _ in range(6):
        out = await send(line)
    await device.arm()
    assert (await send(line))["permit"]


async def test_without_the_table_there_is_no_permit_at_once(line):
    device = line.one.classifier
    for _ in range(6):
        await send(line)
    await device.arm()
    assert (await send(line))["permit"]
    await call(line.clock.deviceId, "slotReconfigure",
               Hash("sending", False))
    out = await send(line)
    assert not out["permit"]
    assert "the bunch pattern of this train" in out["permitReason"]
    assert "is missing: " in out["permitReason"]
    await call(line.clock.deviceId, "slotReconfigure", Hash("sending", True))
    assert (await send(line))["permit"]
    # tables of other trains are none of this one
    await call(line.clock.deviceId, "slotReconfigure",
               Hash("trainOffset", -5))
    line.heard_clock.heard.clear()
    out = await send(line)
    assert not out["permit"]
    await sleepUntil(lambda: list(line.heard_clock.heard) == [
        out["trainId"] - 5], timeout=10)
    await call(line.clock.deviceId, "slotReconfigure", Hash("trainOffset", 0))
    assert (await send(line))["permit"]
    # more X-ray pulses than frames
    await call(line.clock.deviceId, "slotReconfigure", Hash("pulses", 30))
    out = await send(line)
    assert "are in none of the 40 frames" in out["permitReason"]
    assert not out["permit"]
    await call(line.clock.deviceId, "slotReconfigure",
               Hash("pulses", PULSES))
    assert (await send(line))["permit"]
    assert line.one.unaccounted() == ""


async def test_data_of_no_use_end_nothing(line):
    """The last one: the companions go on behind what they cannot use."""
    await line.one.source.send({"other": 1})
    await asyncio.sleep(0)
    for device in line.clock, line.monitor, line.decoder, line.spectrum:
        await sleepUntil(lambda d=device: d.state == State.PROCESSING,
                         timeout=10)
    assert (await send(line))["trainId"] > FIRST_TRAIN
