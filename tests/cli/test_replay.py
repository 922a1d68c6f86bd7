"""`replay`: its answers and its exit status."""
import pytest

from spectra_classifier.files.snapshots.writing import write_snapshot
from tests.files.on_purpose import changed
from tests.files.recorded_trains import EVENT, context_of, recorded, save_model


@pytest.fixture
def snapshot(tmp_path):
    loaded = save_model(tmp_path / "small.onnx")
    context = context_of(loaded)
    path = tmp_path / "event.h5"
    write_snapshot(path, EVENT, [recorded(context, loaded, number)
                                 for number in (1000, 1001)])
    return path


def test_the_same_codes(run, snapshot):
    outcome = run("replay", snapshot)
    assert outcome.code == 0
    assert "10 pulses of 2 trains" in outcome.stdout
    report = run("replay", snapshot, "--json").document
    assert (report["pulses"], report["mismatches"]) == (10, 0)


def test_a_difference_is_an_error_with_train_and_pulse(run, snapshot):
    with changed(snapshot) as file:
        label = file["entry/codes_0/label"]
        label[6] = 1 - label[6]
    outcome = run("replay", snapshot)
    assert outcome.code == 1
    assert "pulse 11 of train 1001: label was" in outcome.stderr
    report = run("replay", snapshot, "--json")
    assert report.code == 1
    assert report.document["differences"][0]["train_id"] == 1001


def test_another_model_is_an_error(run, snapshot, tmp_path):
    save_model(tmp_path / "small.onnx", gate=0.5)
    outcome = run("replay", snapshot, "--model", tmp_path / "small.onnx")
    assert outcome.code == 2
    assert "the model has changed" in outcome.stderr


def test_a_file_that_is_no_snapshot(run, spectra_file):
    outcome = run("replay", spectra_file)
    assert outcome.code == 2
    assert "not a snapshot" in outcome.stderr
