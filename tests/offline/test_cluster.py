"""Chunks over dask workers: same result, whoever computed what."""
import os
import signal

import psutil
import pytest
from mock_runs import gotthard_run
from small_run import spectra_of, true_labels

from spectra_classifier import model
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.files import RunOptions, checksum
from spectra_classifier.offline import Job, analyse, cluster
from spectra_classifier.offline.job import open_source, same_source
from spectra_lab.file_differences import differences

# dask's own housekeeping, not ours
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::DeprecationWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def client():
    """Two workers, each a process."""
    with cluster.connected("local:2") as client:
        yield client


@pytest.fixture
def work(model_file, run_folder, tmp_path):
    """Classifies the run with a cluster or without; gives (file, report)."""
    loaded = model.load(model_file)

    def run(name, spread=None, **more):
        source = open_source(str(run_folder), RunOptions())
        job = Job(str(model_file), str(run_folder), chunk_trains=1,
                  model_sha256=checksum(model_file),
                  input_sha256=source.provenance["sha256"])
        output = tmp_path / name
        return output, analyse(job, source, output, loaded, {},
                               cluster=spread, **more)
    return run


def test_nothing_listens_for_others(client):
    ours = [os.getpid(), *client.run(os.getpid).values()]
    listening = [entry.laddr.ip for pid in ours
                 for entry in psutil.Process(pid).connections("tcp")
                 if entry.status == psutil.CONN_LISTEN]
    assert set(listening) == {"127.0.0.1"}


def test_the_result_does_not_depend_on_the_workers(client, work):
    alone, _ = work("alone.h5")
    trains = []
    spread, report = work("spread.h5", cluster.spread(client),
                          progress=lambda *counts: trains.append(counts))
    assert differences(alone, spread) == []
    assert report["chunks"] == 12
    assert trains[-1] == (12, 12)


def test_a_lost_worker_loses_nothing(client, work):
    alone, _ = work("alone.h5")
    killed = []

    def kill_one(done, _):
        if done == 3 and not killed:
            victim = next(iter(client.run(os.getpid).values()))
            os.kill(victim, signal.SIGKILL)
            killed.append(victim)

    spread, _ = work("spread.h5", cluster.spread(client), progress=kill_one)
    assert killed
    assert differences(alone, spread) == []


def test_a_worker_refuses_what_has_changed_meanwhile(client, tmp_path,
                                                     model_file):
    run = gotthard_run(tmp_path / "r", spectra_of(true_labels()))
    job = Job(str(model_file), str(run), model_sha256=checksum(model_file),
              input_sha256="of another run")
    with pytest.raises(ConfigurationError, match="holds other data here"):
        client.submit(same_source, job.data, job.run, None,
                      job.input_sha256).result()


@pytest.mark.parametrize("address, message", [
    ("local:0", "number of worker processes"),
    ("local:two", "number of worker processes"),
    ("tcp://127.0.0.1:1", "no scheduler answers there")])
def test_addresses_that_lead_nowhere(address, message, monkeypatch):
    monkeypatch.setattr(cluster, "_PATIENCE", 0.5)
    with pytest.raises(ConfigurationError, match=message), \
            cluster.connected(address):
        pass


def test_the_command_line_spreads(client, command, model_file, run_folder,
                                  tmp_path):
    output = tmp_path / "a.h5"
    outcome = command("classify", model_file, run_folder, "-o", output,
                      "--dask", client.scheduler.address, "--chunk", 4,
                      "--json")
    assert outcome.code == 0, outcome.stderr
    assert outcome.document["chunks"] == 3
