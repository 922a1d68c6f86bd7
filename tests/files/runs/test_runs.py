"""Runs of the European XFEL: what is in them, train by train."""
import json

import h5py
import numpy as np
import pytest
from mock_runs import (
    FIRST,
    MOTOR,
    SOURCE,
    Pressure,
    Spectrometer,
    doubt,
    gotthard_run,
    take_away,
    write_run,
)

from spectra_classifier.errors import (
    ConfigurationError,
    DataFileError,
    InputError,
)
from spectra_classifier.files.runs.runs import RunOptions, RunSource, is_run

TRAINS, FRAMES, CHANNELS = 9, 5, 12


def counts(trains=TRAINS, dtype=np.uint16):
    return np.arange(trains * FRAMES * CHANNELS, dtype=dtype).reshape(
        trains, FRAMES, CHANNELS)


@pytest.fixture
def run(tmp_path):
    return gotthard_run(tmp_path / "r0012", counts(), sequences=3)


def test_trains_of_several_files_in_order(run):
    source = RunSource(f"run:{run}")
    assert (source.source, source.channels) == (SOURCE, CHANNELS)
    np.testing.assert_array_equal(source.train_ids, FIRST + np.arange(TRAINS))
    assert set(source.pulses) == {FRAMES}
    for position in range(TRAINS):
        arrays = source.arrays(position)
        np.testing.assert_array_equal(arrays["data"], counts()[position])
        np.testing.assert_array_equal(arrays["frame_number"],
                                      1 + np.arange(FRAMES))
        # the bunch ids of the receiver are no ids of pulses
        assert set(arrays) == {"data", "gain", "frame_number"}
    np.testing.assert_array_equal(source.indices(2), 10 + np.arange(FRAMES))


def test_a_train_that_the_source_has_missed(run):
    take_away(run / "RAW-R0012-DA01-S00001.h5", 0, 2)
    source = RunSource(run)
    np.testing.assert_array_equal(
        source.pulses, FRAMES * np.array([1, 1, 1, 0, 1, 0, 1, 1, 1]))
    assert source.arrays(3)["data"].shape == (0, CHANNELS)
    np.testing.assert_array_equal(source.arrays(4)["data"], counts()[4])
    np.testing.assert_array_equal(source.indices(4), 15 + np.arange(FRAMES))
    assert source.provenance["trains_without_data"] == 2


def test_pulses_that_change_from_train_to_train(tmp_path):
    given = [3, 0, 1, 0, 0, 4]
    paths = write_run(tmp_path / "r", [Spectrometer(given, CHANNELS)], 6, 2)
    for path, pulses in zip(paths, (4, 4), strict=True):
        with h5py.File(path, "r+") as file:
            file[f"INSTRUMENT/{SOURCE}/data/adc"][:] = np.arange(
                pulses * CHANNELS).reshape(pulses, CHANNELS)
    source = RunSource(tmp_path / "r")
    np.testing.assert_array_equal(source.pulses, given)
    assert [len(source.arrays(i)["data"]) for i in range(6)] == given
    assert source.arrays(2)["data"][0, 0] == 3 * CHANNELS
    np.testing.assert_array_equal(source.indices(5), [4, 5, 6, 7])


def test_suspect_trains_are_there_and_named(run):
    doubt(run / "RAW-R0012-DA01-S00000.h5", 1)
    source = RunSource(run)
    assert len(source) == TRAINS
    np.testing.assert_array_equal(np.flatnonzero(source.suspect), [1])
    np.testing.assert_array_equal(source.arrays(1)["data"], counts()[1])


def test_a_file_that_doubts_every_train_has_not_judged(run):
    doubt(run / "RAW-R0012-DA01-S00000.h5", 0, 1, 2)
    assert not RunSource(run).suspect.any()


def test_a_suspect_train_with_the_id_of_another_is_left_out(run):
    path = run / "RAW-R0012-DA01-S00000.h5"
    with h5py.File(path, "r+") as file:
        file["INDEX/trainId"][1] = FIRST
        file["INDEX/flag"][1] = 0
    source = RunSource(run)
    assert len(source) == TRAINS - 1
    assert source.provenance["suspect_trains_left_out"] == 1
    np.testing.assert_array_equal(source.arrays(1)["data"], counts()[2])


def test_an_array_that_is_missing_in_one_train_only(run):
    with h5py.File(run / "RAW-R0012-DA01-S00000.h5", "r+") as file:
        index = file[f"INDEX/{SOURCE}"]
        index.copy("data", "mask")
        index["mask/count"][1] = 0
        file[f"INSTRUMENT/{SOURCE}/mask/bad"] = np.zeros((3, CHANNELS), "u4")
    source = RunSource(run / "RAW-R0012-DA01-S00000.h5",
                       RunOptions(mask_key="mask.bad"))
    assert source.arrays(0)["mask"].shape == (CHANNELS,)
    with pytest.raises(InputError, match=r"no mask\.bad in this train"):
        source.arrays(1)


@pytest.mark.parametrize("library, shift", [("42.0.0", 1), ("1.9.0", 0)])
def test_the_empty_row_of_karabo_hdf5writer(tmp_path, library, shift):
    """It starts every matrix with one that its index does not count."""
    run = gotthard_run(tmp_path / "r", counts())
    path, = run.glob("*.h5")
    with h5py.File(path, "r+") as file:
        file["METADATA/daqLibrary"][0] = library
        data = file[f"INSTRUMENT/{SOURCE}/data"]
        del data["adc"]
        data["adc"] = np.concatenate([np.zeros_like(counts()[:1]), counts()])
        for name in "gain", "memoryCell", "frameNumber", "bunchId":
            data[name].resize(TRAINS, axis=0)
    expected = counts() if shift else np.concatenate(
        [np.zeros_like(counts()[:1]), counts()[:-1]])
    source = RunSource(run)
    for position in range(TRAINS):
        arrays = source.arrays(position)
        np.testing.assert_array_equal(arrays["data"], expected[position])
        np.testing.assert_array_equal(arrays["frame_number"],
                                      1 + np.arange(FRAMES))


def test_a_source_of_which_nothing_was_written(run):
    path = run / "RAW-R0012-DA01-S00000.h5"
    with h5py.File(path, "r+") as file:
        for name in "dataSourceId", "deviceId", "root":
            names = file[f"METADATA/dataSources/{name}"]
            names[1] = {"root": "INSTRUMENT", "deviceId": "A/B/C:slow",
                        "dataSourceId": "INSTRUMENT/A/B/C:slow"}[name]
    assert RunSource(path).source == SOURCE


def test_a_selection_of_trains_keeps_the_numbers_of_the_spectra(run):
    source = RunSource(run, RunOptions(trains="1::4", pulses="1:3"))
    np.testing.assert_array_equal(source.train_ids, FIRST + np.array([1, 5]))
    np.testing.assert_array_equal(source.indices(1), 25 + np.arange(FRAMES))
    whole = RunSource(run)
    assert source.provenance["sha256"] == whole.provenance["sha256"]


def test_provenance_names_the_experiment(run):
    record = RunSource(run).provenance
    assert (record["proposal"], record["run"]) == (700000, 12)
    assert [file["name"][-9:] for file in record["files"]] == [
        "S00000.h5", "S00001.h5", "S00002.h5"]
    assert json.loads(json.dumps(record)) == record


def test_a_file_that_cannot_be_read_is_named(run, capsys):
    (run / "RAW-R0012-DA01-S00002.h5").write_bytes(b"cut off")
    source = RunSource(run)
    assert source.provenance["unreadable_files"] == [
        "RAW-R0012-DA01-S00002.h5"]


PRESET_KEYS = [
    ("gotthard2 receiver", {"data", "gain", "frame_number"}, False),
    ("gotthard2 corrected", {"data", "gain", "frame_number", "mask"}, True),
    ("generic", {"data"}, False)]


def test_a_preset_names_all_keys(subtests, tmp_path):
    run = gotthard_run(tmp_path / "r", counts(dtype=np.float32),
                       mask=np.zeros((TRAINS, FRAMES, CHANNELS), "u4"))
    for preset, names, calibrated in PRESET_KEYS:
        with subtests.test(preset):
            source = RunSource(run, RunOptions.of_preset(preset))
            assert set(source.arrays(0)) == names
            assert source.calibrated == calibrated
    with subtests.test("what is given wins"):
        source = RunSource(run, RunOptions.of_preset(
            "gotthard2 corrected", mask_key="", calibrated=False,
            pulse_id_key="data.bunchId", key=None))
        assert set(source.arrays(0)) == {"data", "gain", "frame_number",
                                         "pulse_id"}
        assert not source.calibrated
    with subtests.test("an unknown one"), pytest.raises(
            ConfigurationError, match="image to spectrum"):
        RunOptions.of_preset("camera")


REFUSALS = [
    (RunOptions(source="A/B/C:x"), f"no source A/B/C:x; its .* {SOURCE}"),
    (RunOptions(key="data.no"), r"0 sources have data\.no"),
    (RunOptions(SOURCE, "data.no"), r"its keys are .*data\.adc"),
    (RunOptions(SOURCE, "data.memoryCell"), None),
    (RunOptions(mask_key="data.no"), "for the mask"),
    (RunOptions(trains="9:"), "no train left of 9"),
    (RunOptions(trains="x"), "--trains x: expected positions"),
]


def test_refusals_say_what_there_is(subtests, run):
    for options, message in REFUSALS:
        with subtests.test(message=message):
            if message is None:
                # one number per pulse: taken for the channels
                assert RunSource(run, options).channels == FRAMES
                continue
            with pytest.raises(DataFileError, match=message):
                RunSource(run, options)


def test_values_of_another_source(tmp_path):
    pressure = np.linspace(0, 8, TRAINS)
    run = gotthard_run(tmp_path / "r", counts(), 2, pressure=pressure)
    source = RunSource(run, RunOptions(trains="::2"))
    np.testing.assert_allclose(
        source.values(MOTOR, "actualPosition.value"), pressure[::2])
    with pytest.raises(DataFileError, match="expected one number"):
        source.values(SOURCE, "data.gain")


def test_values_where_the_other_source_has_none(tmp_path):
    device = Pressure(MOTOR, no_ctrl_data=True)
    write_run(tmp_path / "r", [Spectrometer([1] * 4, CHANNELS), device], 4)
    source = RunSource(tmp_path / "r")
    assert np.isnan(source.values(MOTOR, "actualPosition.value")).all()


def test_what_is_a_run(run, tmp_path):
    assert is_run(run) and is_run("run:anything")
    assert not is_run(tmp_path / "a.h5")
    (tmp_path / "empty").mkdir()
    assert not is_run(tmp_path / "empty")
