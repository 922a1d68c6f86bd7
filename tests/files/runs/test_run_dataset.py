"""Labelled spectra out of runs: labels, calibration, what is left out."""
import h5py
import numpy as np
import pytest
from mock_runs import FIRST, MOTOR, SOURCE, doubt, gotthard_run, take_away

from spectra_classifier import files
from spectra_classifier.core.spectra import Axis
from spectra_classifier.errors import DataFileError, InputError
from spectra_classifier.files.runs import run_dataset
from spectra_classifier.files.runs.matched_runs import run_source
from spectra_classifier.files.runs.run_dataset import (
    ValueLabels,
    dark_of_run,
    read_run,
)
from spectra_classifier.files.runs.runs import RunOptions
from spectra_classifier.files.spectra.axis_calibration import calibrated_axis

TRAINS, FRAMES, CHANNELS = 8, 4, 10
ENERGY = ("energy", "eV")


def counts(dtype=np.uint16):
    return np.arange(TRAINS * FRAMES * CHANNELS, dtype=dtype).reshape(
        TRAINS, FRAMES, CHANNELS)


@pytest.fixture
def run(tmp_path):
    return gotthard_run(tmp_path / "r0012", counts(), 2,
                        pressure=np.array([1, 1, 2, 3, 3, 2, 1, 3.]))


def table(path, text):
    path.write_text(text)
    return path


def test_all_spectra_without_labels(run):
    data = files.read(f"run:{run}")
    np.testing.assert_array_equal(data.spectra,
                                  counts().reshape(-1, CHANNELS))
    assert data.spectra.dtype == np.uint16
    assert data.axis.quantity == "channel" and data.labels is None
    assert data.provenance["format"] == "European XFEL run"


def test_labels_by_train_ids(run, tmp_path):
    data = read_run(run, labels=table(
        tmp_path / "l.csv", "first_train,last_train,label\n"
        f"{FIRST},{FIRST + 1},low\n{FIRST + 2},{FIRST + 3},-\n"
        f"{FIRST + 4},{FIRST + 5},high\n{FIRST + 6},{FIRST + 6},low\n"))
    assert data.classes == ("high", "low")
    per_train = data.labels.reshape(-1, FRAMES)[:, 0]
    np.testing.assert_array_equal(per_train, [1, 1, 0, 0, 1])
    np.testing.assert_array_equal(data.groups.reshape(-1, FRAMES)[:, 0],
                                  [0, 0, 2, 2, 3])
    np.testing.assert_array_equal(data.indices[-FRAMES:],
                                  6 * FRAMES + np.arange(FRAMES))
    np.testing.assert_array_equal(data.spectra[-1], counts()[6, -1])


WRONG_TABLES = [
    ("first,last,label\n1,2,a", "for a run expected first_train"),
    (f"first_train,last_train,label\n{FIRST},{FIRST},a\n{FIRST},{FIRST},b",
     f"line 3: train {FIRST} has a label already"),
    ("first_train,last_train,label\n5,4,a", "the first train 5 is after"),
    ("first_train,last_train,label\n1,2,a", "names no train of this run"),
    ("first_train,last_train,label\n1,x,a", "line 2: 'x' is not a train id"),
    ("first_train,last_train,label\n1,2", "line 2: 2 columns"),
]


def test_tables_that_are_wrong(subtests, run, tmp_path):
    for text, message in WRONG_TABLES:
        with (subtests.test(text=text),
              pytest.raises(DataFileError, match=message)):
            read_run(run, labels=table(tmp_path / "l.csv", text))


def test_labels_from_the_values_of_a_motor(run):
    by_pressure = ValueLabels(MOTOR, "actualPosition.value", (1.5, 2.5),
                              ("low", "-", "high"))
    data = read_run(run, labels=by_pressure)
    assert data.classes == ("low", "high")
    np.testing.assert_array_equal(data.labels.reshape(-1, FRAMES)[:, 0],
                                  [0, 0, 1, 1, 0, 1])
    captures = data.groups.reshape(-1, FRAMES)[:, 0]
    np.testing.assert_array_equal(captures, [0, 0, 2, 2, 4, 5])
    with pytest.raises(DataFileError, match="one class more than limits"):
        read_run(run, labels=ValueLabels(MOTOR, "actualPosition.value",
                                         (1.5,), ("low",)))
    with pytest.raises(DataFileError, match="its values go from 1 to 3"):
        read_run(run, labels=ValueLabels(MOTOR, "actualPosition.value",
                                         (9.,), ("-", "high")))


def test_what_cannot_be_used_is_left_out_and_counted(tmp_path):
    adc = counts(np.float32)
    adc[2, 1, 3] = np.nan
    lost = np.zeros((TRAINS, FRAMES), bool)
    lost[0, 2:] = True
    mask = np.zeros(adc.shape, np.uint32)
    mask[1, :, 4] = 1           # a strip of a whole train: bridged
    mask[3, 0, 4] = 1           # a strip of one frame: a frame lost
    run = gotthard_run(tmp_path / "r", adc, lost=lost, mask=mask)
    data = read_run(run)
    assert len(data) == TRAINS * FRAMES - 4
    assert data.provenance["changes"] == [
        "3 spectra: never received or partly masked, left out",
        "1 spectra: not finite, left out"]
    bridged = data.spectra[data.indices == FRAMES][0]
    assert bridged[4] == (adc[1, 0, 3] + adc[1, 0, 5]) / 2


def test_switched_strips_count_where_counts_are_raw(tmp_path):
    gain = np.zeros((TRAINS, FRAMES, CHANNELS), np.uint8)
    gain[:, 0, 2] = 1
    run = gotthard_run(tmp_path / "r", counts(), gain=gain)
    assert len(read_run(run)) == TRAINS * (FRAMES - 1)
    assert len(read_run(run, RunOptions(calibrated=True))) == TRAINS * FRAMES


def test_doubtful_trains_do_not_teach(run, tmp_path):
    doubt(run / "RAW-R0012-DA01-S00000.h5", 1)
    take_away(run / "RAW-R0012-DA01-S00000.h5", 2)
    labels = table(tmp_path / "l.csv", "first_train,last_train,label\n"
                   f"{FIRST},{FIRST + 3},a\n{FIRST + 4},{FIRST + 7},b\n")
    data = read_run(run, labels=labels)
    assert len(data) == 6 * FRAMES
    assert data.provenance["changes"] == [
        "1 trains of doubtful train id left out"]
    assert len(read_run(run)) == 7 * FRAMES


def test_selections(run):
    data = read_run(run, RunOptions(trains="::4", pulses="1,3"))
    np.testing.assert_array_equal(data.indices, [1, 3, 17, 19])


def test_more_than_memory_is_refused_before_it_is_read(run, monkeypatch):
    monkeypatch.setattr(run_dataset, "MAX_BYTES", 600)
    with pytest.raises(DataFileError, match="take fewer with --trains"):
        read_run(run)
    assert len(read_run(run, RunOptions(pulses="0"))) == TRAINS


def test_the_dark_is_the_mean_of_good_frames(tmp_path):
    lost = np.zeros((TRAINS, FRAMES), bool)
    lost[:, 0] = True
    run = gotthard_run(tmp_path / "r", counts(), lost=lost)
    dark, record = dark_of_run(run)
    np.testing.assert_allclose(dark.mean, counts()[:, 1:].mean(axis=(0, 1)))
    assert dark.mean.dtype == np.float32 and len(record["sha256"]) == 64


def test_linear_calibration(run):
    axis = calibrated_axis("9000,0.25", CHANNELS, ENERGY)
    assert axis.values[2] == 9000.5
    assert read_run(run, axis=axis).axis is axis
    with pytest.raises(DataFileError, match="10 channels, the axis has 3"):
        read_run(run, axis=Axis.channels(3))


@pytest.mark.parametrize("text", [
    "\n".join(str(9000 + c**1.5) for c in range(CHANNELS)),
    "\n".join(f"{c},{9000 + c**1.5}" for c in range(CHANNELS)),
    "# channel position\n" + "\n".join(
        f"{c} {9000 + c**1.5}" for c in range(CHANNELS))])
def test_calibration_by_file(tmp_path, text):
    axis = calibrated_axis(str(table(tmp_path / "c.txt", text)), CHANNELS,
                           ENERGY)
    np.testing.assert_allclose(axis.values,
                               9000 + np.arange(CHANNELS)**1.5)


WRONG_CALIBRATIONS = [
    ("9000,-0.25", "decrease with the channel"),
    ("9000,0", "must increase"), ("nowhere", "neither two numbers"),
    (None, "2 lines of 1 numbers for 10 channels")]


def test_calibrations_that_are_wrong(subtests, tmp_path):
    for text, message in WRONG_CALIBRATIONS:
        with subtests.test(text=text):
            text = text or str(table(tmp_path / "c.txt", "1\n2\n"))
            with pytest.raises(DataFileError, match=message):
                calibrated_axis(text, CHANNELS, ENERGY)


def test_a_calibration_says_what_it_is():
    with pytest.raises(DataFileError, match="state with --axis"):
        calibrated_axis("9000,1", CHANNELS, None)


def first_file(run):
    """(path of the first file of a run, group with the spectra there)."""
    path = sorted(run.glob("RAW-*S00000.h5"))[0]
    return path, f"INSTRUMENT/{SOURCE}/data"


def test_a_train_that_is_masked_altogether_is_left_out(run):
    for path in sorted(run.glob("RAW-*.h5")):
        with h5py.File(path, "r+") as file:
            data = file[f"INSTRUMENT/{SOURCE}/data"]
            data["mask"] = np.zeros(data["adc"].shape, np.uint32)
            if path == first_file(run)[0]:
                data["mask"][1] = 1
    data = read_run(run)
    np.testing.assert_array_equal(
        data.spectra, np.delete(counts(), 1, 0).reshape(-1, CHANNELS))
    assert "1 trains: every strip is masked, left out" in (
        data.provenance["changes"])
    dark, _ = dark_of_run(run)
    np.testing.assert_allclose(dark.mean, np.delete(counts(), 1, 0).reshape(
        -1, CHANNELS).mean(axis=0))


def test_an_index_that_goes_beyond_the_data(run):
    path, group = first_file(run)
    with h5py.File(path, "r+") as file:
        adc = file[f"{group}/adc"][()]
        lost = np.count_nonzero(file["INDEX/trainId"]) - 1
        del file[f"{group}/adc"]
        file[f"{group}/adc"] = adc[:lost]
    source = run_source(run)
    np.testing.assert_array_equal(source.arrays(0)["data"], counts()[0])
    with pytest.raises(InputError, match="the index names rows"):
        source.arrays(lost)
    data = read_run(run)
    assert len(data) == (TRAINS - 1) * FRAMES
    assert "the index names rows" in data.provenance["changes"][0]


def test_trains_of_a_virtual_file_that_is_not_there(run):
    path, group = first_file(run)
    with h5py.File(path, "r+") as file:
        adc = file[f"{group}/adc"][()]
        layout = h5py.VirtualLayout(adc.shape, adc.dtype)
        for row, values in enumerate(adc):
            with h5py.File(run / f"part{row}.h5", "w") as part:
                part["adc"] = values
            layout[row] = h5py.VirtualSource(f"part{row}.h5", "adc",
                                             values.shape)
        del file[f"{group}/adc"]
        file.create_virtual_dataset(f"{group}/adc", layout)
    (run / "part1.h5").unlink()
    source = run_source(run)
    np.testing.assert_array_equal(source.arrays(0)["data"], counts()[0])
    with pytest.raises(InputError, match=r"part1\.h5, a source"):
        source.arrays(1)
    data = read_run(run)
    assert len(data) == (TRAINS - 1) * FRAMES


FILES_OF_POSITIONS = [
    (b"\xef\xbb\xbf1\n2\n3\n", ""), (b"1\r\n2\r\n3 # last\r\n", ""),
    (b"0 1\n1 2\n2 3\n", ""), (b"0,1\n1,2\n2,3\n", ""),
    (b"1\n2\n1_0\n", "line 3"), (b"1\nnan\n3\n", "line 2"),
    (b"", "is empty"), (b"1\n2\n", "2 lines"), (b"1\n2 3\n4\n", "line 2"),
    (b"1\0\n", "not a text file")]


def test_files_of_positions(subtests, tmp_path):
    for content, message in FILES_OF_POSITIONS:
        with subtests.test(content=content):
            path = tmp_path / "c.txt"
            path.write_bytes(content)
            if not message:
                np.testing.assert_array_equal(
                    calibrated_axis(str(path), 3, ENERGY).values, [1, 2, 3])
                continue
            with pytest.raises(DataFileError, match=message):
                calibrated_axis(str(path), 3, ENERGY)
