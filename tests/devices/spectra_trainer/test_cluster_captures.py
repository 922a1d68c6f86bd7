"""Clusters of the last minutes on disk: map, captures, restart, full disk."""
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier.core.capture import in_turn
from spectra_classifier.core.dataset import labelled_by_clusters
from spectra_classifier.core.recent_spectra import LastMinutes
from spectra_classifier.devices.common.pulse_reader import (
    AxisSettings,
)
from spectra_classifier.devices.spectra_trainer import capture_recorder
from spectra_classifier.devices.spectra_trainer.session import Session
from spectra_classifier.errors import DataFileError, InputError
from spectra_classifier.files.captures import (
    Background,
    find_captures,
    load_captures,
)
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import preset
from spectra_classifier.simulation.timeline import Timeline

CHANNELS = 160
NAMES = "low", "high"


def recent(trains=120, start=0):
    """Raw spectra of a sample that goes to and fro, and their background."""
    source = GotthardSource(
        replace(preset("easy"), photons=4000 * CHANNELS / 1280), "ramp", 5,
        1000, Timeline(2, 25, 2), channels=CHANNELS)
    last = LastMinutes()
    for number in range(start, start + trains):
        train = source.train(1000 + number, 12)
        used = (train.label >= 0) & ~train.gain.any(axis=1)
        last.add(1000 + number, 1e9 + number, source.signal(train)[used],
                 np.flatnonzero(used))
    return last.since(0.)


def explored(folder, spectra=None):
    """A session with a map."""
    session = Session(folder)
    session.clusters.job(recent() if spectra is None else spectra,
                         AxisSettings(), Background()).run(lambda *_: None)
    session.clusters.reload()
    return session


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    """Files of a map, made once."""
    return explored(tmp_path_factory.mktemp("explored")).work


@pytest.fixture
def session(work, tmp_path):
    (tmp_path / "training").mkdir()
    for name in "map.npz", "recent.npz":
        (tmp_path / "training" / name).write_bytes((work / name).read_bytes())
    return Session(tmp_path)


def test_named_clusters_are_captures_in_turn_whatever_is_named_first(
        session):
    for cluster in 1, 0:
        session.name_cluster(cluster, NAMES[cluster], {})
    found, problems = find_captures(session.directory)
    assert not problems and len(found) >= 4
    assert all(each.chosen and each.complete for each in found)
    assert in_turn([each.sample_class for each in found])
    times = [each.time for each in found]
    assert times == sorted(times)
    dataset = load_captures(session.directory, found,
                            AxisSettings().axis(CHANNELS), 50)
    assert labelled_by_clusters(dataset.provenance)


def test_what_was_named_is_known_after_a_restart(session):
    session.name_cluster(0, "low", {})
    again = Session(session.directory)
    assert again.clusters.names(again.captures) == {0: "low"}
    assert again.next_capture("x", 3).number > again.clusters.reserved
    again.name_cluster(1, "high", {})
    assert in_turn([each.sample_class for each
                    in find_captures(session.directory)[0]])


def test_a_cluster_is_named_once_and_anew_when_that_was_wrong(session):
    session.name_cluster(0, "wrong", {})
    with pytest.raises(InputError, match="is 'wrong' already"):
        session.name_cluster(0, "low", {})
    while session.kept:
        session.discard_last()
    session.name_cluster(0, "low", {})
    assert {each.sample_class for each in session.kept} == {"low"}


@pytest.mark.parametrize("cluster, name, words", [
    (0, "", "name the state"), (7, "low", "there is no cluster 7")])
def test_what_cannot_be_named_says_why(session, cluster, name, words):
    with pytest.raises(InputError, match=words):
        session.name_cluster(cluster, name, {})
    assert find_captures(session.directory) == ((), [])


def test_without_a_map_there_is_nothing_to_name(tmp_path):
    with pytest.raises(InputError, match="explore first"):
        Session(tmp_path).name_cluster(0, "low", {})


def test_the_same_trains_are_not_taken_again_from_a_later_map(tmp_path):
    session = explored(tmp_path)
    session.name_cluster(0, "low", {})
    before = {each.time for each in session.kept}
    session = explored(tmp_path, recent(170))
    again = session.clusters.map.cluster[0]
    session.name_cluster(int(again), "low", {})
    new = [each for each in session.kept if each.time not in before]
    assert new and len({each.time for each in session.kept}) == len(
        session.kept)
    assert min(each.time for each in new) > max(before)


def test_a_full_disk_leaves_whole_captures_and_says_so(session, monkeypatch):
    room = iter([1e12] * 1)
    monkeypatch.setattr(
        capture_recorder.shutil, "disk_usage",
        lambda path: type("Usage", (), {"free": next(room, 1e6)}))
    with pytest.raises(DataFileError, match="is full"):
        session.name_cluster(0, "low", {})
    found, problems = find_captures(session.directory)
    assert not problems and len(found) == 1 and found[0].complete
    with pytest.raises(DataFileError, match="is full"):
        session.clusters.job(recent(20), AxisSettings(), Background())


@pytest.mark.parametrize("name", ["map.npz", "clusters.json"])
def test_a_damaged_file_is_a_problem_and_no_end(session, name):
    session.name_cluster(0, "low", {})
    path = session.work / name
    path.write_bytes(path.read_bytes()[:50])
    again = Session(session.directory)
    assert any(name in problem for problem in again.problems)
    assert again.kept
    assert again.next_capture("x", 3).number > len(again.kept)


def test_spectra_of_another_map_are_not_named(session):
    path = session.work / "recent.npz"
    path.write_bytes(b"no archive")
    with pytest.raises(DataFileError, match="explore once more"):
        session.name_cluster(0, "low", {})
