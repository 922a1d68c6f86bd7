"""The rehearsal, whole and short, in its own processes with its own broker."""
import json
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.xdist_group("labs")
FAULTS = ("classifier killed", "stale time", "gap", "repeated", "snapshot",
          "model swapped", "classifier stopped briefly",
          "classifier's broker frozen")


@pytest.fixture
def rehearsal(tmp_path, gotthard_model):
    """Function (arguments) -> (finished process, summary)."""
    lab = tmp_path / "lab"
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("KARABO")}

    def run(*arguments):
        summary = tmp_path / "summary.json"
        done = subprocess.run(
            [sys.executable, "-m", "spectra_lab.rehearsal",
             "--lab", lab, "--summary", summary, "--engine", "numpy",
             "--model", gotthard_model.path, "--preset", "easy",
             "--pulses-per-train", "20", *map(str, arguments)], env=env,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=400)
        return done, json.loads(summary.read_text())

    yield run
    subprocess.run([sys.executable, "-m",
                    "spectra_lab.processes", lab], check=True)


ATTACKS = ("second source", "forged permits", "list for scalar",
           "few strips left", "NaN bits", "flipped bit", "far train id",
           "absurd train id")


def test_nothing_is_wrong_where_somebody_means_harm(rehearsal):
    done, summary = rehearsal("--seconds", 40, "--seed", 6,
                              "--faults", *ATTACKS)
    assert done.returncode == 0, done.stdout
    assert summary["struck"].keys() == set(ATTACKS)
    assert summary["trains_received"] > 100


def test_nothing_is_wrong(rehearsal, tmp_path):
    done, summary = rehearsal("--seconds", 25, "--seed", 5,
                              "--faults", *FAULTS)
    assert done.returncode == 0, done.stdout
    assert summary["wrongs"] == []
    assert summary["faults_injected"] >= len(FAULTS)
    assert summary["trains_received"] > 100
    assert summary["snapshots_replayed"] > 0
    assert summary["seconds_to_safe"]
    assert not list((tmp_path / "lab").rglob("*.pid")), "something runs"
