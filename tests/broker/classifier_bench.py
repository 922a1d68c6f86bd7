"""A source that sends what it is told, and a model to go with it."""
import time
from contextlib import asynccontextmanager

import numpy as np
from karabo.middlelayer import (
    Configurable,
    Device,
    Float,
    Hash,
    InputChannel,
    NDArray,
    Overwrite,
    State,
    Timestamp,
    UInt8,
    UInt16,
    UInt64,
)
from karabo.middlelayer.testing import (
    create_instanceId,
    sleepUntil,
)

from spectra_classifier import model
from spectra_classifier.devices.common.channels import DeviceOutputChannel
from spectra_classifier.devices.spectra_classifier.device import (
    SpectraClassifier,
)
from tests.device_context import DeviceContext
from tests.devices.fakes import SEPARABLE, definition, spectra_of

LOOPBACK = "127.0.0.0/8"
FIRST_TRAIN = 1000
PERMIT_HIGH = [Hash("sampleClass", "high", "alarm", "none", "permit", True),
               Hash("sampleClass", "low", "alarm", "warn", "permit", False)]
KINDS = {"uint8": UInt8, "uint16": UInt16, "uint64": UInt64,
         "float32": Float}


def array_hash(array):
    """An array as an NDArray in a Hash, whatever its type."""
    if array.ndim == 0:
        return array.item()

    class Node(Configurable):
        value = NDArray(dtype=array.dtype, shape=(0,) * array.ndim)
    node = Node()
    node.value = array
    return node.configurationAsHash()["value"]


class TrainSource(Device):
    """Sends any payload under any train id; no schema, as hostile as told."""
    state = Overwrite(defaultValue=State.ON, options=[State.ON])
    output = DeviceOutputChannel()

    def __init__(self, configuration):
        super().__init__(configuration)
        self.next_train = FIRST_TRAIN

    async def send(self, arrays, train_id=None, age=0.):
        """One train; `arrays`: name -> array or Hash; returns its id."""
        if train_id is None:
            train_id = self.next_train
        self.next_train = train_id + 1
        data = Hash()
        for name, value in arrays.items():
            data[f"data.{name}"] = (
                array_hash(value) if isinstance(value, np.ndarray) else value)
        timestamp = Timestamp(time.time() - age)
        timestamp.tid = train_id
        await self.output.writeRawData(data, timestamp=timestamp)
        return train_id

    async def send_class(self, index, pulses=4, **kwargs):
        """A good train of one class."""
        return await self.send({"adc": spectra_of(index, pulses)}, **kwargs)


class Collector(Device):
    """Keeps what a classifier writes."""
    state = Overwrite(defaultValue=State.ON, options=[State.ON])

    def __init__(self, configuration):
        super().__init__(configuration)
        self.trains = []
        self.timestamps = []

    @InputChannel(raw=True)
    async def input(self, data, meta):
        fields = {}
        for key, value in data["data"].items():
            if isinstance(value, Hash):
                kind = {20: np.float32}[value["type"]]
                value = np.frombuffer(value["data"], kind).reshape(
                    value["shape"])
            fields[key] = value
        self.trains.append(fields)
        self.timestamps.append(meta.timestamp.timestamp)

    def train(self, train_id):
        """The last output of a train, None before it is there."""
        return next((t for t in reversed(self.trains)
                     if t["trainId"] == train_id), None)


def save_model(path, **changes):
    """A model file of the two classes; returns the path as text."""
    made = definition(**changes)
    golden = np.concatenate([spectra_of(0, 2), spectra_of(1, 2)])
    model.save(path, made, {"name": path.stem, "licence": "BSD-3-Clause",
                            "metrics": {"guards": SEPARABLE}},
               golden[:, :len(made.axis)])
    return str(path)


class Bench:
    """Source, classifier and collector, joined and ready."""

    def __init__(self, source, classifier, collector):
        self.source = source
        self.classifier = classifier
        self.collector = collector

    spectra = staticmethod(spectra_of)

    async def output(self, train_id, timeout=100):
        """The output of a train, once it is there.

        The first of its kind compiles the kernels, in a fresh clone.
        """
        await sleepUntil(lambda: self.collector.train(train_id) is not None,
                         timeout=timeout)
        return self.collector.train(train_id)

    async def classify(self, index, **kwargs):
        """Send a good train and wait for its output."""
        return await self.output(await self.source.send_class(
            index, **kwargs))

    async def decide(self, index, trains=6, **kwargs):
        """Send trains of one class until it is decided."""
        for _ in range(trains):
            last = await self.classify(index, **kwargs)
        return last

    async def set(self, **values):
        """Reconfigure over the broker, as every client does."""
        from karabo.middlelayer import setWait
        await setWait(self.classifier.deviceId, **values)

    async def live(self, model_id=None, timeout=100):
        """Wait until a model is live; returns its id.

        The first start of a fresh clone compiles the kernels.
        """
        def is_live():
            found = self.classifier.modelId.value
            return found and (model_id is None or found == model_id)
        await sleepUntil(is_live, timeout=timeout)
        return self.classifier.modelId.value

    def unaccounted(self):
        """Pulses and trains received without a fate."""
        return self.classifier._stream.flow.ledger.identity()


@asynccontextmanager
async def bench(model_path="", *, source_class=TrainSource, **configuration):
    """A `Bench` with a classifier configured so."""
    source_id, classifier_id, collector_id = (
        create_instanceId(name) for name in ("source", "classifier", "sink"))
    source = source_class({
        "deviceId": source_id,
        "output": {"hostname": LOOPBACK, "maxQueueLength": 200}})
    classifier = SpectraClassifier(Hash(
        "deviceId", classifier_id, "modelPath", model_path,
        "load.engine", "numpy",
        # a busy machine is no reason to look at fewer pulses here
        "load.degradeOnPurpose", False,
        "input", Hash("connectedOutputChannels", [f"{source_id}:output"],
                      "maxQueueLength", 200),
        "output", Hash("hostname", LOOPBACK, "maxQueueLength", 200),
        "preview", Hash("hostname", LOOPBACK),
        *[part for item in configuration.items() for part in item]))
    collector = Collector(Hash(
        "deviceId", collector_id,
        "input", Hash("connectedOutputChannels", [f"{classifier_id}:output"],
                      "onSlowness", "queueDrop", "maxQueueLength", 200)))
    async with DeviceContext(source=source, classifier=classifier,
                             collector=collector):
        assert source.is_initialized
        assert classifier.is_initialized
        assert collector.is_initialized
        for channel in source.output, classifier.output:
            await sleepUntil(lambda c=channel: len(c.connections.value) == 1,
                             timeout=60)
        one = Bench(source, classifier, collector)
        if model_path:
            await one.live()
        yield one
