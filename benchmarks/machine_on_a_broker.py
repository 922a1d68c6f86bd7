"""Pumped and unpumped pulses by a time server, over a broker, at full rate.

    python benchmarks/machine_on_a_broker.py [--trains 6000]

Trains of 2700 pulses, ten a second, a simulated time server that follows
them, and a classifier that decides by its tables, over a private broker. The
pattern of X-ray and laser pulses changes every few seconds; some tables are
missing, of another train, or late. Every code is compared with the pulse that
was made; no train without its table may permit. (`machine_pulses.py` does the
same without a broker, faster, with patterns of any kind.)
"""
import argparse
import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from karabo.middlelayer import Hash, call
from karabo.middlelayer.testing import (
    AsyncDeviceContext,
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.simulated_beamline.time_server import (
    SimulatedTimeServer,
)

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

from tests.broker.classifier_bench import bench, save_model  # noqa: E402
from tests.broker.test_machine import (  # noqa: E402
    PERMIT_ALL,
    ROWS,
    following,
    on_loopback,
)
from tests.conftest import (  # noqa: E402, F401 (fixtures)
    broker_url,
    event_loop_policy,
    karabo_client,
    karabo_environment,
    lab_directory,
)
from tests.devices.fakes import spectra_of  # noqa: E402

pytestmark = pytest.mark.asyncio(loop_scope="module")
PULSES, PERIOD, SEED = 2700, 0.1, 1
TRAINS = "SPECTRA_BENCHMARK_TRAINS"
#: fault -> property of the time server, its value
FAULTS = {"": None, "missing": ("sending", False),
          "of another train": ("trainOffset", -5), "late": ("delay", 400.)}
USUAL = {"sending": True, "trainOffset": 0, "delay": 0.}
SHARES = (0.94, 0.02, 0.02, 0.02)


async def test_every_pulse(karabo_environment, karabo_client,  # noqa: F811
                           tmp_path):
    trains = int(os.environ[TRAINS])
    clock_id = create_instanceId("timeserver")
    path = save_model(tmp_path / "first.onnx")
    async with bench(path, **{
            "joining.patternInput": Hash(
                "connectedOutputChannels",
                [f"{clock_id}:outputBunchPattern"], "maxQueueLength", 200),
            "joining.patternPath": "data.bunchPatternTable",
            "joining.laser": "LP_SPB", "joining.branch": "SA3",
            "joining.timeout": 250., "decision.pulsePatterns": ROWS,
            "reactions": PERMIT_ALL, "load.engine": "fused",
            "conditions.latching": False}) as one:
        clock = following(
            SimulatedTimeServer, clock_id, f"{one.source.deviceId}:output",
            branch="SA3", outputBunchPattern=on_loopback())
        async with AsyncDeviceContext(clock=clock):
            await sleepUntil(lambda: len(
                clock.outputBunchPattern.connections.value), timeout=20)
            count = await run(one, clock, trains)
    print(f"\ntrains: {trains}, {one.unaccounted() or 'all accounted'}")
    for name, value in count.items():
        print(f"{name}: {value}")
    assert not count["wrong codes"] and not count["permits with a fault"]


async def run(one, clock, trains):
    """Counter of what became of the pulses."""
    random, count = np.random.default_rng(SEED), Counter()
    low, high = (spectra_of(number, 1)[0] for number in (0, 1))
    armed, begun = False, time.monotonic()
    for number in range(trains):
        if number % 37 == 0:
            step = int(random.integers(1, 5))
            first, each = int(random.integers(4)), int(random.integers(1, 4))
            xray = np.arange(first, PULSES, step)
            pumped = xray % (each * step) == 0
            spectra = np.zeros((PULSES, len(low)), low.dtype)
            spectra[xray] = np.where(pumped[:, None], high, low)
            expected = np.full(PULSES, -2)
            expected[xray] = pumped
            await change(clock, firstPlace=first, placeStep=step,
                         pulses=len(xray), laserStep=each * step,
                         laserPulses=PULSES)
            count["patterns"] += 1
        fault = str(random.choice(list(FAULTS), p=SHARES))
        if fault:
            await change(clock, **dict([FAULTS[fault]]))
        out = await one.output(await one.source.send({"adc": spectra}))
        if fault:
            await change(clock, **USUAL)
        wrong = np.count_nonzero(
            out["label"][:PULSES] != expected)
        count["pulses"] += PULSES
        count[f"tables {fault or 'as they should be'}"] += 1
        count["wrong codes"] += wrong
        count["permits"] += bool(out["permit"])
        count["permits with a fault"] += bool(fault) and bool(out["permit"])
        if not armed and number >= 10 and not fault:
            await one.classifier.arm()
            armed = True
        one.collector.trains.clear()
        one.collector.timestamps.clear()
        due = begun + (number + 1) * PERIOD
        count["trains later than 1 s"] += time.monotonic() > due + 1
        await asyncio.sleep(max(due - time.monotonic(), 0))
    count["rate (1/s)"] = round(trains / (time.monotonic() - begun), 2)
    return count


async def change(clock, **values):
    """Settings for the next train, once those before were followed."""
    await call(clock.deviceId, "slotReconfigure", Hash(
        *[part for item in values.items() for part in item]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trains", type=int, default=6000)
    os.environ[TRAINS] = str(parser.parse_args().trains)
    # a process of its own: fixtures of the tests start the broker
    sys.exit(subprocess.call([
        sys.executable, "-m", "pytest", "-q", "-s", "-n", "0",
        "-o", "timeout=3600", __file__]))


if __name__ == "__main__":
    main()
