"""Recorded codes of the beam, read and compared with a result."""
import h5py
import numpy as np
import pytest
from extra_data.tests.mockdata import write_file
from extra_data.tests.mockdata.base import DeviceBase

from spectra_classifier import files
from spectra_classifier.core.spectra import TrainResult
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.recordings.int32_packing import (
    Field,
    describe,
    pack,
)
from spectra_classifier.files.recordings.live_comparison import compare
from spectra_classifier.files.recordings.recorded_codes import RecordedCodes
from tests.files.on_purpose import changed

ROOM, CLASSES, FIRST = 5, 3, 10000
LAYOUT = {"label": Field("int8", (ROOM,)),
          "confidence": Field("float32", (ROOM,)),
          "scores": Field("float32", (ROOM, CLASSES)),
          "mixture": Field("float32", (ROOM, CLASSES)),
          "residual": Field("float32", (ROOM,)),
          "intensity": Field("float32", (ROOM,)),
          "pulseId": Field("uint64", (ROOM,)),
          "pulseCount": Field("uint32"),
          "modelId": Field("text", (16,))}
#: pulses of the trains
COUNTS = (4, 5, 0, 3)
ALL = tuple(range(len(COUNTS)))


class Adapter(DeviceBase):
    output_channels = ("output/data",)

    def __init__(self):
        super().__init__("SQS/SPECTRA/ADAPTER")
        shapes = {name: field.words for name, field in LAYOUT.items()}
        shapes["layout"] = describe(LAYOUT).shape
        self.instrument_keys = [(f"data/{name}", "i4", shape)
                                for name, shape in shapes.items()]


def result_of(number):
    """What the engine said of a train of two classes."""
    random = np.random.default_rng(number)
    pulses = COUNTS[number]

    def floats(*shape):
        return random.random((pulses, *shape)).astype(np.float32)

    residual = floats()
    residual[:1] = np.nan
    return TrainResult(
        FIRST + number, 2**40 + np.arange(pulses, dtype=np.uint64),
        random.integers(-5, 2, pulses).astype(np.int8), floats(), floats(2),
        floats(2), residual, floats(), floats(3, 2), "m-1", "0f")


def fields_of(result):
    """As the device pads them."""
    padded = {name: np.zeros(field.shape, field.dtype)
              for name, field in LAYOUT.items() if field.dtype != "text"}
    pulses = result.pulses
    for name in "label", "confidence", "residual", "intensity":
        padded[name][:pulses] = getattr(result, name)
    padded["pulseId"][:pulses] = result.pulse_ids
    for name in "scores", "mixture":
        padded[name][:pulses, :2] = getattr(result, name)
    return padded | {"pulseCount": pulses, "modelId": result.model_id}


def recording(folder, change=lambda data: None):
    """All trains, recorded; `change(group)` spoils them."""
    folder.mkdir()
    path = folder / "RAW-R0001-DA01-S00000.h5"
    write_file(str(path), [Adapter()], len(COUNTS), FIRST,
               format_version="1.0")
    with h5py.File(path, "r+") as file:
        data = file["INSTRUMENT/SQS/SPECTRA/ADAPTER:output/data/data"]
        data["layout"][:len(COUNTS)] = describe(LAYOUT)
        for row in range(len(COUNTS)):
            for name, value in fields_of(result_of(row)).items():
                data[name][row] = pack(name, LAYOUT[name], value)
        change(data)
    return folder


@pytest.fixture
def run(tmp_path):
    return recording(tmp_path / "r0001")


@pytest.fixture
def codes(tmp_path):
    """A function that writes the result of some trains, changed or not."""
    def write(numbers=ALL, change=lambda result: None):
        path = tmp_path / "codes.h5"
        with files.ResultWriter(
                path, classes=("a", "b"), model={}, model_id="m-1",
                model_sha256="1" * 64, source={}, configuration={}) as out:
            for number in numbers:
                result = result_of(number)
                change(result)
                out.append(result)
        return path
    return write


def test_every_field_of_every_train(run):
    recorded = RecordedCodes(f"run:{run}")
    np.testing.assert_array_equal(recorded.train_ids,
                                  FIRST + np.arange(len(COUNTS)))
    assert recorded.layout == LAYOUT
    for number in range(len(COUNTS)):
        found = recorded.train(FIRST + number)
        for name, value in fields_of(result_of(number)).items():
            np.testing.assert_array_equal(found[name], value, err_msg=name)
        assert len(recorded.pulses(FIRST + number)["label"]) == COUNTS[number]


def test_the_same_codes_are_equal(run, codes):
    steps = []
    report = compare(codes(), RecordedCodes(run),
                     lambda *counts: steps.append(counts))
    assert report["equal"] and not any(report["different"].values())
    # the train without pulses has nothing to compare
    assert (report["trains"], report["pulses"], report["only_live"],
            report["only_result"]) == (3, sum(COUNTS), 1, 0)
    assert steps[-1] == (3, 3)


def test_one_changed_bit_is_found(run, codes):
    def change(result):
        if result.train_id == FIRST + 1:
            result.scores[2, 1] = np.nextafter(result.scores[2, 1],
                                               np.float32(2))

    report = compare(codes(change=change), RecordedCodes(run))
    assert not report["equal"]
    assert report["first_different"] == FIRST + 1
    assert report["different"] == dict.fromkeys(
        report["different"], 0) | {"scores": 1}


def test_trains_of_one_alone_are_counted(run, codes):
    report = compare(codes([0, 3]), RecordedCodes(run))
    assert report["equal"]
    assert (report["trains"], report["only_live"]) == (2, 2)
    assert not compare(codes([]), RecordedCodes(run))["equal"]


def test_another_number_of_pulses(run, codes):
    path = codes()
    with changed(path) as file:
        file["entry/trains/pulses"][0] = 3
    report = compare(path, RecordedCodes(run))
    assert report["other_lengths"] == 1 and not report["equal"]


def test_what_is_no_recording_of_codes(run, tmp_path):
    with pytest.raises(DataFileError, match="has no source A/B/C:output"):
        RecordedCodes(run, "A/B/C:output")
    with pytest.raises(DataFileError, match="not a result of classify"):
        compare(next(run.glob("*.h5")), RecordedCodes(run))

    def spoil(data):
        data["layout"][:] = 7

    spoilt = recording(tmp_path / "r0002", spoil)
    with pytest.raises(DataFileError, match="no description of fields"):
        RecordedCodes(spoilt).train(FIRST)

    def remove(data):
        del data["layout"]

    without = recording(tmp_path / "r0003", remove)
    with pytest.raises(DataFileError, match="0 sources are outputs"):
        RecordedCodes(without)
    with pytest.raises(DataFileError, match=r"has no data\.data\.layout"):
        RecordedCodes(without, RecordedCodes(run).source)
