"""The example for a Karabo bridge, with its own client and a server of it."""
import importlib.util
import inspect
from pathlib import Path

import numpy as np
import pytest

from spectra_classifier.devices.classifier_base import property_values

karabo_bridge = pytest.importorskip("karabo_bridge")
EXAMPLE = (Path(__file__).resolve().parents[2] / "examples" / "bridge"
           / "read_codes.py")
SOURCE = "SQS_EXP/CLASSIFIER/1:output"


@pytest.fixture
def example():
    spec = importlib.util.spec_from_file_location("read_codes", EXAMPLE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# the server of the package leaves its context to the garbage collector
@pytest.mark.filterwarnings("ignore:Unclosed:ResourceWarning")
@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning")
def test_shares_of_every_train(example):
    """The fields of the channel, with its entries behind the last pulse."""
    label = np.full(16, -5, np.int8)
    label[:8] = [0, 1, 1, 1, -1, -2, -4, 1]
    trains = [(1000 + number, number % 2) for number in range(6)]
    with karabo_bridge.ServerInThread("tcp://127.0.0.1:*") as server:
        for train_id, alone in trains:
            server.feed(
                {SOURCE if not alone else "A/B/C": {
                    "data.label": label, "data.pulseCount": np.uint32(8)}},
                {SOURCE if not alone else "A/B/C": {
                    "timestamp.tid": train_id}})
        got = example.follow(server.endpoint, SOURCE, ("low", "high"))
        for train_id, alone in trains:
            if not alone:
                assert next(got) == (train_id, {
                    "low": pytest.approx(1 / 6), "high": pytest.approx(4 / 6)})


def test_the_fields_are_those_of_the_channel():
    """Names that the example reads are among those that the device fills."""
    fields = inspect.getsource(property_values.output_fields)
    text = EXAMPLE.read_text()
    for name in "label", "pulseCount":
        assert f'"data.{name}"' in text and f'"{name}":' in fields
