"""classify on a run: the codes, the trains, where they come from."""
import json
import time

import h5py
import numpy as np
from mock_runs import FIRST, SOURCE, doubt, gotthard_run, take_away
from small_run import CHANNELS, FRAMES, TRAINS, spectra_of, true_labels

from spectra_classifier import files
from spectra_classifier.core.spectra import Code
from spectra_classifier.files.runs.runs import RunSource


def test_every_pulse_of_every_train_has_its_code(command, model_file,
                                                 run_folder, tmp_path):
    take_away(run_folder / "RAW-R0012-DA01-S00001.h5", 1)
    doubt(run_folder / "RAW-R0012-DA01-S00000.h5", 0)
    output = tmp_path / "result.h5"
    outcome = command("classify", model_file, f"run:{run_folder}", "-o",
                      output, "--source", SOURCE, "--chunk", 5, "--json")
    assert outcome.code == 0, outcome.stderr
    report = outcome.document
    assert report["spectra"] == (TRAINS - 1) * FRAMES
    assert report["classified"] == (TRAINS - 1) * (FRAMES - 1) - 1
    assert (report["bad_data"], report["saturated"]) == (TRAINS - 1, 1)
    assert (report["trains"], report["trains_without_data"],
            report["trains_suspect"]) == (TRAINS, 1, 1)
    expected = true_labels()
    expected[:, 2] = Code.BAD_DATA
    expected[1, 0] = Code.SATURATED
    with h5py.File(output) as file:
        result, trains = file["entry/result"], file["entry/trains"]
        np.testing.assert_array_equal(
            result["label"], np.delete(expected, 5, axis=0).ravel())
        np.testing.assert_array_equal(
            result["pulse_id"], np.tile(np.arange(FRAMES), TRAINS - 1))
        np.testing.assert_array_equal(result["index"],
                                      np.arange((TRAINS - 1) * FRAMES))
        ids = FIRST + np.arange(TRAINS)
        np.testing.assert_array_equal(trains["train_id"], ids)
        np.testing.assert_array_equal(np.unique(result["train_id"]),
                                      np.delete(ids, 5))
        assert trains["status"][5] == 1 and trains["pulses"][5] == 0
        np.testing.assert_array_equal(trains["suspect"],
                                      [1] + [0] * (TRAINS - 1))
        for row in range(TRAINS):
            first, pulses = trains["first"][row], trains["pulses"][row]
            assert (result["train_id"][first:first + pulses]
                    == ids[row]).all()
        record = json.loads(file["entry/process/input/data"].asstr()[()])
        assert record["source"] == SOURCE and record["run"] == 12
        assert file["entry/experiment_identifier"].asstr()[()] == "p700000"
        assert file["entry/collection_identifier"].asstr()[()] == "r0012"


def test_a_train_that_cannot_be_used_is_bad_data(command, model_file,
                                                 tmp_path):
    mask = np.zeros((TRAINS, FRAMES, CHANNELS), np.uint32)
    mask[4] = 1
    mask[6, :, 3] = 1
    mask[7, 1, 3] = 1
    adc = spectra_of(true_labels()).astype(np.float32)
    adc[6, :, 3] = np.nan
    run = gotthard_run(tmp_path / "r", adc, mask=mask)
    output = tmp_path / "result.h5"
    report = command("classify", model_file, run, "-o", output,
                     "--json").document
    assert report["trains_unusable"] == 1
    expected = true_labels()
    expected[4] = Code.BAD_DATA
    expected[7, 1] = Code.BAD_DATA
    with h5py.File(output) as file:
        np.testing.assert_array_equal(file["entry/result/label"],
                                      expected.ravel())
        (train_id, problem), = json.loads(
            file["entry/process/problems/data"].asstr()[()])
        assert train_id == FIRST + 4 and "every strip is masked" in problem
    without = command("classify", model_file, run, "-o", output,
                      "--mask-key", "", "--json").document
    assert without["trains_unusable"] == 0
    assert without["bad_data"] == FRAMES        # the NaN of train 6


def test_pulses_that_are_not_selected_are_skipped(command, model_file,
                                                  run_folder, tmp_path):
    report = command("classify", model_file, run_folder, "-o",
                     tmp_path / "a.h5", "--pulses", "3:5", "--trains", "::2",
                     "--json").document
    assert report["spectra"] == TRAINS // 2 * FRAMES
    assert report["skipped"] == TRAINS // 2 * (FRAMES - 2)


def test_waiting_for_the_files_is_told_from_work(
        command, model_file, run_folder, tmp_path, monkeypatch):
    quick, pause = RunSource.arrays, 0.05

    def slow(self, position):
        time.sleep(pause)
        return quick(self, position)

    monkeypatch.setattr(RunSource, "arrays", slow)
    report = command("classify", model_file, run_folder, "-o",
                     tmp_path / "a.h5", "--json").document
    assert report["waiting_seconds"] > TRAINS * pause / 2
    assert report["waiting_seconds"] > report["seconds"]


def test_a_dark_run_is_subtracted(command, model_file, run_folder, tmp_path):
    dark = gotthard_run(tmp_path / "dark", np.full(
        (3, FRAMES, CHANNELS), 70, np.uint16))
    bright = gotthard_run(tmp_path / "bright",
                          spectra_of(true_labels()) + np.uint16(70))
    output = tmp_path / "a.h5"
    outcome = command("classify", model_file, f"run:{bright}", "-o", output,
                      "--dark", f"run:{dark}", "--json")
    assert outcome.code == 0, outcome.stderr
    assert outcome.document["dark"]["sha256"]
    with h5py.File(output) as file:
        np.testing.assert_array_equal(file["entry/result/label"],
                                      true_labels().ravel())


def test_the_axis_of_the_run_is_held_against_the_model(command, model_file,
                                                       run_folder, tmp_path):
    output = tmp_path / "a.h5"
    wrong = command("classify", model_file, run_folder, "-o", output,
                    "--axis", "channel:channel", "--calibration", "1,1")
    assert wrong.code == 2 and "does not fit model" in wrong.stderr
    bare = command("classify", model_file, run_folder, "-o", output,
                   "--axis", "energy:eV")
    assert bare.code == 2 and "--calibration FIRST,STEP" in bare.stderr
    right = command("classify", model_file, run_folder, "-o", output,
                    "--axis", "channel:channel", "--calibration", "0,1")
    assert right.code == 0, right.stderr


def test_a_detector_with_other_channels(command, model_file, tmp_path):
    run = gotthard_run(tmp_path / "r", np.ones((2, 2, 3), np.uint16))
    outcome = command("classify", model_file, run, "-o", tmp_path / "a.h5")
    assert outcome.code == 2
    assert "3 channels, model test-" in outcome.stderr


def test_options_for_runs_are_refused_for_files(command, model_file,
                                                tmp_path):
    (tmp_path / "a.xy").write_text("1 2\n2 3\n")
    outcome = command("classify", model_file, tmp_path / "a.xy", "-o",
                      tmp_path / "a.h5", "--source", "A/B/C:x")
    assert outcome.code == 2
    assert "--source is for runs" in outcome.stderr


def test_teach_and_evaluate_with_a_run(command, run_folder, tmp_path):
    """The whole way from two runs to an accuracy."""
    labels = np.zeros((TRAINS, FRAMES), np.int8)
    labels[::2] = 1
    for name, seed, first in ("one", 5, FIRST), ("two", 6, 2 * FIRST):
        gotthard_run(tmp_path / name, spectra_of(labels, seed), 2,
                     first=first)
        (tmp_path / f"{name}.csv").write_text("\n".join([
            "first_train,last_train,label", *(
                f"{first + t},{first + t},{('cold', 'hot')[t % 2 == 0]}"
                for t in range(TRAINS))]))
    trained = command("train", f"run:{tmp_path / 'one'}", "-o",
                      tmp_path / "m.onnx", "--labels",
                      tmp_path / "one.csv", "--members", "linear",
                      "--bins", 4, "--json")
    assert trained.code == 0, trained.stderr
    unseen = command("evaluate", tmp_path / "m.onnx",
                     f"run:{tmp_path / 'two'}", "--labels",
                     tmp_path / "two.csv", "--json")
    assert unseen.code == 0, unseen.stderr
    report = unseen.document
    assert report["accuracy"] > 0.95
    assert report["interval_over"] == "captures"
    again = command("evaluate", tmp_path / "m.onnx",
                    f"run:{tmp_path / 'one'}", "--labels",
                    tmp_path / "one.csv")
    assert "the model was trained on every one of these" in again.stderr
    converted = command("convert", f"run:{tmp_path / 'one'}", "-o",
                        tmp_path / "one.npz", "--labels",
                        tmp_path / "one.csv", "--calibration", "7100,0.5",
                        "--axis", "energy:eV", "--json")
    assert converted.document["spectra"] == TRAINS * FRAMES
    assert files.read(tmp_path / "one.npz").axis.unit == "eV"
