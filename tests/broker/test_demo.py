"""The demonstration, whole, in its own processes with its own broker."""
import json
import os
import re
import signal
import subprocess
import sys

import numpy as np
import pytest

# whole labs of their own: they disturb no measurement that waits
pytestmark = pytest.mark.xdist_group("labs")

KEYS = {"trains_received", "trains_lost", "pulses_received",
        "pulses_classified", "pulses_unaccounted", "accuracy",
        "latency_ms_p50", "latency_ms_p99", "rate_hz"}


@pytest.fixture
def demo(tmp_path):
    """Function (arguments) -> started demonstration; its lab is a folder."""
    lab = tmp_path / "lab"
    # not the broker and the servers of this test session
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("KARABO")}
    running = []

    def start(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", "spectra_lab.demo", "--lab",
             lab, "--engine", "numpy", "--summary", tmp_path / "s.json",
             *map(str, arguments)], env=env, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()
    subprocess.run([sys.executable, "-m",
                    "spectra_lab.processes", lab], check=True)


def finished(process, tmp_path, status=0):
    """The summary of a demonstration that ends by itself."""
    text, _ = process.communicate(timeout=240)
    assert process.returncode == status, text
    assert not list((tmp_path / "lab").rglob("*.pid")), "something runs"
    return json.loads((tmp_path / "s.json").read_text())


def test_the_simulated_source(demo, tmp_path, gotthard_model):
    summary = finished(demo(
        "--seconds", 6, "--model", gotthard_model.path, "--preset", "easy",
        "--pulses-per-train", 20, "--picture", tmp_path / "p.svg"), tmp_path)
    assert summary.keys() >= KEYS
    assert summary["trains_received"] >= 30
    assert summary["trains_lost"] == summary["pulses_unaccounted"] == 0
    assert summary["accuracy"] > 0.95
    assert summary["accuracy_total_intensity"] < 1
    assert summary["trains_permitted"] > 0
    assert (tmp_path / "p.svg").read_text().startswith("<svg")


def test_a_replay_leaves_out_what_was_taught(demo, tmp_path):
    data, model = taught(tmp_path)
    summary = finished(demo(
        "--source", data, "--model", model, "--pulses-per-train", 8),
        tmp_path)
    assert summary["trains_lost"] == summary["pulses_unaccounted"] == 0
    # once one a train, then eight a train
    assert summary["trains_received"] == 40 + 5
    assert summary["pulses_received"] == 80
    assert summary["training_pulses_left_out"] == 20
    assert summary["accuracy"] == 1
    first = summary["transitions"][0]
    assert first["state"] == "high"
    assert abs(first["error_trains"]) <= 3


def test_ctrl_c_ends_it_with_a_summary(demo, tmp_path, gotthard_model):
    process = demo("--model", gotthard_model.path, "--preset", "easy",
                   "--pulses-per-train", 20)
    for line in process.stdout:
        shown = re.search(r"(\d+) trains,", line)
        if shown and int(shown[1]) > 5:
            break
    process.send_signal(signal.SIGINT)
    assert finished(process, tmp_path)["trains_received"] > 5


def test_a_refused_model_is_a_failure_with_a_reason(demo, tmp_path):
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    process = demo("--model", broken)
    text, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    # a narrow terminal breaks long paths anywhere
    assert "failed" in text and "broken.onnx" in "".join(text.split())


def taught(folder):
    """A file of 40 spectra, low then high, and a model of every fourth."""
    from spectra_classifier import files
    from spectra_classifier.training.fit import train
    from spectra_classifier.training.options import TrainingOptions
    random = np.random.default_rng(5)
    labels = np.repeat([0, 1], 20)
    place = np.linspace(0, 1, 120)
    centre = np.where(labels == 0, 0.3, 0.6)[:, None]
    spectra = 100 * np.exp(-((place - centre) / 0.05) ** 2) + 50
    spectra = (spectra + random.normal(0, 2, spectra.shape)).astype("f4")
    data = folder / "series.npz"
    np.savez(data, x=10 + place, Y=spectra, labels=labels,
             class_names=np.array(["low", "high"]))
    dataset = files.read(data)
    model = folder / "series.onnx"
    train(dataset.select(np.arange(0, 40, 4)), TrainingOptions(
        members="linear", bins=4)).save(model)
    return data, model
