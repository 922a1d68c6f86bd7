"""Captures of a sample, and the process that learns from them."""
import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from karabo.middlelayer import Hash

from spectra_classifier import files, model
from spectra_classifier.core.model_definition import Preprocessing
from spectra_classifier.devices.common.pulse_reader import (
    AxisSettings,
    Source,
)
from spectra_classifier.devices.spectra_trainer.capture_recorder import (
    Recorder,
)
from spectra_classifier.devices.spectra_trainer.classifier_client import (
    refusal_to_arm,
)
from spectra_classifier.devices.spectra_trainer.property_values import (
    evaluation_values,
    training_values,
)
from spectra_classifier.devices.spectra_trainer.session import Session
from spectra_classifier.errors import InputError
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset

CHANNELS = 160
SETTINGS = {"name": "taught", "time_budget": 2., "averaging": 1}


@pytest.fixture(scope="module")
def source():
    # as bright per channel as with 1280 of them
    dim = replace(preset("easy"), photons=4000 * CHANNELS / 1280)
    return GotthardSource(dim, "ramp3", 3, 1000, channels=CHANNELS)


def take(session, source, name, state, first, trains=4, pulses=30):
    """One capture of a simulated state, through the recorder."""
    recorder = Recorder(
        session.directory, session.next_capture(name, trains),
        session.captures, Source(dark=source.dark), AxisSettings(), -1.)
    for train_id in range(first, first + trains):
        train = source.train(train_id, pulses, coordinate=state)
        recorder.take(train_id, Hash("data", Hash(
            "adc", train.adc, "gain", train.gain, "frameNumber",
            train.frame, "memoryCell", train.cell)))
    return session.add(recorder.capture, "")


@pytest.fixture(scope="module")
def taught(source, tmp_path_factory):
    """A session with three classes, two cycles, and a trained model."""
    session = Session(tmp_path_factory.mktemp("captures"))
    for number, state in enumerate((0, 1, 2) * 2):
        take(session, source, "abc"[state], state, 1000 + 50 * number)
    said = []
    session.trained = session.training(AxisSettings(), SETTINGS).run(
        lambda *words: said.append(words))
    return session, said


def test_three_classes_are_taught_in_another_process(taught):
    session, said = taught
    report = session.trained
    assert report["null_tests"]["verdict"] == "separable"
    assert report["cross_validation"]["accuracy"] > 0.95
    assert report["classes"] == ["a", "b", "c"]
    assert "classes separate, best at" in report["sentence"]
    assert "null test" in report["sentence"]
    shares = [share for share, *_ in said]
    assert shares == sorted(shares) and shares[-1] > 0.9
    assert said[-1][2] is not None      # the time left is told in the end
    assert not any(name.startswith("spectra_classifier.training")
                   or name == "torch" for name in _devices_import())


def _devices_import():
    """What a server has imported that serves the trainer."""
    import subprocess
    text = subprocess.run(
        [sys.executable, "-c", "import sys, spectra_classifier.devices; "
         "print(*sys.modules)"], check=True, capture_output=True,
        text=True).stdout
    return text.split()


def test_what_is_compiled_beforehand_is_what_taught_models_need(
        taught, tmp_path):
    session, _ = taught
    prepared = Session(tmp_path).preparation().run(lambda *_: None)
    own = model.load(session.work / "trained.onnx").definition
    assert prepared["kind"] == own.members.kind == "views"
    assert own.preprocessing == Preprocessing()


def test_the_report_becomes_properties(taught):
    session, _ = taught
    values = training_values(session.trained)
    assert values["armAdvised"] and values["verdict"] == "separable"
    assert {row[0] for row in values["training.references"]} >= {
        "null test", "total intensity only", "signal-free strips only",
        "ratio of two regions", "nearest neighbour"}
    assert [row[0] for row in values["training.confusion"]] == ["a", "b", "c"]
    assert values["training.averaging"][0][0] == 1


def test_the_published_model_is_the_trained_one(taught, tmp_path):
    session, _ = taught
    path = session.publish(str(tmp_path))
    loaded = model.load(path)
    assert path.stem == loaded.definition.model_id == session.trained["id"]
    verdict = loaded.manifest["metrics"]["guards"]
    assert verdict["arm"] and verdict["verdict"] == "separable"


def test_a_restart_finds_everything_again(taught):
    session, _ = taught
    again = Session(session.directory)
    assert again.captures == tuple(
        replace(each, problem="") for each in session.captures)
    assert again.trained["id"] == session.trained["id"]


def test_the_evaluation_prefers_captures_that_did_not_teach(taught, source):
    session, _ = taught
    none = session.evaluation().run(lambda *_: None)
    assert none["accuracy"] is None
    assert ("every pulse of these captures was used in training"
            in none["sentence"])
    assert evaluation_values(none, 1.)["training.evaluatedAccuracy"] == -1
    for state in range(3):
        take(session, source, "abc"[state], state, 3000 + 50 * state)
    new = session.evaluation().run(lambda *_: None)
    assert new["on"] == "new captures" and new["n"] > 300
    assert evaluation_values(new, 1.)["training.evaluatedAccuracy"] > 0.95
    assert [row["trained_on"] for row in new["captures"]] == [False] * 3


def test_all_captures_go_into_one_file(taught, tmp_path):
    session, _ = taught
    path = tmp_path / "all.h5"
    session.export(AxisSettings(), path).run(lambda *_: None)
    dataset = files.read(path)
    assert dataset.classes == ("a", "b", "c")
    assert len(np.unique(dataset.groups)) == len(session.kept)


def test_identical_classes_are_not_separable(source, tmp_path):
    session = Session(tmp_path)
    for number in range(4):
        take(session, source, "ab"[number % 2], 0, 5000 + 300 * number)
    report = session.training(AxisSettings(), SETTINGS).run(lambda *_: None)
    assert report["null_tests"]["verdict"] == "not separable"
    refusal = refusal_to_arm(report, (), "")
    assert refusal.startswith("not separable: ")
    assert "model.overrideReason" in refusal
    assert refusal_to_arm(report, (), "the beam ends") == ""
    assert "'z'" in refusal_to_arm(report, ("z",), "the beam ends")


def test_one_capture_of_each_is_labelled(source, tmp_path):
    session = Session(tmp_path)
    for state in 0, 2:
        take(session, source, "ab"[state // 2], state, 100 * state)
    report = session.training(AxisSettings(), SETTINGS).run(lambda *_: None)
    assert report["null_tests"]["verdict"] == "drift not excluded"
    assert report["sentence"].startswith("drift not excluded")
    assert refusal_to_arm(report, (), "")


def test_what_is_short_or_dark_takes_no_part(source, tmp_path):
    session = Session(tmp_path)
    recorder = Recorder(tmp_path, session.next_capture("a", 10), (),
                        Source(), AxisSettings(), -1.)
    recorder.take(1, Hash("data", Hash(
        "adc", source.train(1, 30).adc)))
    short = session.add(recorder.capture, "the source is gone")
    assert not short.kept and short.problem == "the source is gone"
    assert not Session(tmp_path).kept
    with pytest.raises(InputError, match="no capture"):
        session.training(AxisSettings(), SETTINGS)
    with pytest.raises(InputError, match="no capture to discard"):
        session.discard_last()
    with pytest.raises(InputError, match="train first"):
        session.evaluation()


def test_a_capture_that_cannot_be_read_keeps_its_number(tmp_path):
    (tmp_path / "0007_damaged").mkdir()
    session = Session(tmp_path)
    assert not session.captures and session.problems
    assert session.next_capture("a", 1).number == 8


def test_the_work_ends_when_the_device_is_gone(tmp_path):
    import subprocess
    (tmp_path / "job.json").write_text(json.dumps({"task": "wait"}))
    process = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import time, spectra_classifier.cli.trainer_process as"
            " t; t._end_with_parent(); time.sleep(60)",
        ],
        stdin=subprocess.PIPE,
    )
    process.stdin.close()
    assert process.wait(60) != 0
