"""What can happen to the stream itself, beside what a train carries."""
from asyncio import sleep

import numpy as np
from karabo.middlelayer import (
    AccessMode,
    Configurable,
    Hash,
    NDArray,
    Node,
    OutputChannel,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from tests.broker.classifier_bench import (
    LOOPBACK,
    PERMIT_HIGH,
    Collector,
    TrainSource,
    bench,
    save_model,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import CHANNELS, spectra_of


class Adc(Configurable):
    adc = NDArray(dtype=np.float64, shape=(0, CHANNELS),
                  accessMode=AccessMode.READONLY)


class NewSchema(Configurable):
    data = Node(Adc)


class ChangingSource(TrainSource):
    """Karabo changes the schema of its own outputs only."""
    output = OutputChannel()


async def permitting(one):
    """Armed, decided, permitted."""
    await one.decide(1)
    await one.classifier.arm()
    assert (await one.classify(1))["permit"]


async def test_the_schema_changes_in_mid_stream(karabo_client, tmp_path):
    async with bench(save_model(tmp_path / "m.onnx"),
                     **{"source.maxPulses": 20,
                     "conditions.staleAfter": 0.5},
                     source_class=ChangingSource,
                     reactions=PERMIT_HIGH) as one:
        await permitting(one)
        # Karabo closes the channel; receivers come back after 2 s
        await one.source.setOutputSchema("output", NewSchema)
        await sleepUntil(lambda: not one.classifier.permit, timeout=20)
        await sleepUntil(lambda: len(one.source.output.connections.value),
                         timeout=20)
        train = await one.source.send(
            {"adc": spectra_of(1, 5).astype(np.float64)},
            train_id=one.source.next_train + 20)
        out = await one.output(train)
        np.testing.assert_array_equal(out["label"][:5], [1] * 5)
        # twenty trains went by meanwhile, and it is known why
        assert one.classifier._stream.flow.ledger.lost == {
            "disconnected": 20}
        assert one.unaccounted() == ""
        await one.decide(1)
        assert (await one.classify(1))["permit"]


async def test_time_stamps_step(karabo_client, tmp_path):
    """As after a correction of the clock: of the source, or of this host."""
    async with bench(save_model(tmp_path / "m.onnx"),
                     **{"source.maxPulses": 20},
                     reactions=PERMIT_HIGH) as one:
        await permitting(one)
        for age in 3600., -3600.:
            out = await one.classify(1, age=age)
            assert not out["permit"]
            assert "train age" in out["permitReason"]
            # a train has its pulses classified whatever the clock says
            np.testing.assert_array_equal(out["label"][:4], [1] * 4)
            assert (await one.classify(1))["permit"]
        assert one.unaccounted() == ""


async def test_two_classifiers_share_one_source(karabo_client, tmp_path):
    """Each train goes to one of them: together they have every train once,
    and neither takes the other's trains for classified."""
    path = save_model(tmp_path / "m.onnx")
    source_id = create_instanceId("source")
    source = TrainSource({"deviceId": source_id, "output": {
        "hostname": LOOPBACK, "noInputShared": "queueDrop"}})
    classifiers, collectors = [], []
    for number in range(2):
        device_id = create_instanceId(f"classifier{number}")
        classifiers.append(SpectraClassifier(Hash(
            "deviceId", device_id, "modelPath", path, "load.engine", "numpy",
            "source.maxPulses", 20, "reactions", PERMIT_HIGH,
            "input", Hash("connectedOutputChannels", [f"{source_id}:output"],
                          "dataDistribution", "shared"),
            "output", Hash("hostname", LOOPBACK, "maxQueueLength", 200),
            "preview", Hash("hostname", LOOPBACK))))
        collectors.append(Collector(Hash(
            "deviceId", create_instanceId(f"sink{number}"),
            "input", Hash("connectedOutputChannels", [f"{device_id}:output"],
                          "onSlowness", "queueDrop",
                          "maxQueueLength", 200))))
    async with DeviceContext(
            source=source, one=classifiers[0], other=classifiers[1],
            first=collectors[0], second=collectors[1]):
        await sleepUntil(lambda: len(source.output.connections.value) == 2,
                         timeout=20)
        for classifier in classifiers:
            await sleepUntil(lambda c=classifier: c.modelId.value
                             and len(c.output.connections.value) == 1,
                             timeout=20)
        sent = []
        for _ in range(40):
            sent.append(await source.send_class(1))
            await sleep(0.01)       # their rate; nothing is awaited here
        await sleepUntil(lambda: sum(len(c.trains) for c in collectors) ==
                         len(sent), timeout=20)
        shares = [[int(train["trainId"]) for train in c.trains]
                  for c in collectors]
        assert all(shares)
        assert sorted(shares[0] + shares[1]) == sent
        for classifier in classifiers:
            ledger = classifier._stream.flow.ledger
            assert ledger.identity() == ""
            # half of the trains are missing to each, and it says so
            assert sum(ledger.lost.values()) > 0
            assert not classifier.permit
