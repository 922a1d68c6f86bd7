"""The folder of snapshots: quota, leftovers, full disks."""
import os
import time
from dataclasses import replace
from queue import Queue
from threading import Event as Flag

import numpy as np
import pytest

from spectra_classifier.devices.spectra_classifier.snapshot_keeper import (
    recorded,
)
from spectra_classifier.errors import ConfigurationError
from spectra_classifier.files.snapshots.reading import open_snapshot
from spectra_classifier.files.snapshots.snapshot import Event
from spectra_classifier.live.records import Finished
from spectra_classifier.live.snapshots import writer
from spectra_classifier.live.snapshots.trigger import Limits
from spectra_classifier.live.snapshots.writer import (
    WAITING,
    SnapshotFolder,
    SnapshotThread,
    check_directory,
    store,
)
from tests.live.test_stream_state import Rig

EVENT = Event("manual", ("asked for",), 1001, 1.7e9, "A/B/C")


@pytest.fixture
def trains():
    rig = Rig()
    found = [rig.finish(rig.arrive()) for _ in range(2)]
    found.append(rig.finish(rig.arrive(problem="odd")))
    return tuple(recorded(finished, 0.) for finished in found)


@pytest.fixture
def limits(tmp_path):
    return Limits(directory=str(tmp_path))


def test_what_was_published_is_what_is_written(trains, limits):
    path = store(EVENT, trains, limits)
    assert path.name.startswith("A+B+C~15_")
    assert path.name.endswith("_train1001_manual.h5")
    with open_snapshot(path) as snapshot:
        found = list(snapshot.trains())
    assert [t.facts["fate"] for t in found] == ["classified", "classified",
                                                "rejected"]
    assert found[2].facts["problem"] == "odd"
    assert (found[0].result.label == 1).all()
    assert found[0].context.values["decision.window"] == 5


def test_a_train_is_kept_by_reference():
    rig = Rig()
    incoming = rig.arrive()
    kept = recorded(rig.finish(incoming), 0.)
    assert np.shares_memory(kept.train.spectra, incoming.arrays["data"])


def test_the_same_moment_twice(trains, limits):
    one, other = (store(EVENT, trains, limits) for _ in range(2))
    assert one != other


def test_the_oldest_go_and_those_asked_for_last(trains, limits, tmp_path):
    kinds = ["manual", "change", "alarm", "change"]
    for age, kind in enumerate(kinds):
        path = store(replace(EVENT, kind=kind, train_id=age), trains, limits)
        os.utime(path, (age, age))
    foreign = tmp_path / "notes.h5"
    foreign.write_bytes(b"somebody else's")
    store(replace(EVENT, kind="alarm", train_id=9), trains,
          replace(limits, max_files=3))
    assert {path.name.partition("train")[2] for path in tmp_path.iterdir()
            if path != foreign} == {"0_manual.h5", "3_change.h5",
                                    "9_alarm.h5"}
    assert foreign.exists()


def test_the_quota_in_bytes(trains, limits, tmp_path):
    size = store(EVENT, trains, limits).stat().st_size
    for _ in range(5):
        store(EVENT, trains, replace(limits, quota=2.5 * size))
    assert len(list(tmp_path.iterdir())) <= 3
    with pytest.raises(ConfigurationError, match=r"snapshots\.quota"):
        store(EVENT, trains, replace(limits, quota=10.))
    assert len(list(tmp_path.iterdir())) <= 3


def test_what_a_killed_process_left_is_removed(trains, limits, tmp_path):
    path = store(EVENT, trains, limits)
    left = tmp_path / f".{path.name}.0123abcd.part"
    other = tmp_path / ".other.h5.0123abcd.part"
    for one in left, other:
        one.write_bytes(b"half")
    store(EVENT, trains, limits)
    assert not left.exists()
    assert other.exists()


@pytest.mark.parametrize("device", [
    "A/B/C", "A_B", "a/b", "A+B", "A/B_20231114T221320_train1_manual"])
def test_the_names_of_another_device_are_not_ours(device, tmp_path):
    folder = SnapshotFolder(tmp_path, "A/B")
    name = SnapshotFolder(tmp_path, device).free_name(EVENT)
    half = name.with_name(f".{name.name}.0123abcd.part")
    for path in name, half:
        path.write_bytes(b"theirs")
    folder.sweep()
    folder.make_room(10, Limits(max_files=1))
    assert name.exists() and half.exists()


def test_a_place_that_is_none(subtests):
    for place in "", "relative", "/no/such/folder", "/\0":
        with (subtests.test(place=place),
              pytest.raises(ConfigurationError,
                            match=r"snapshots\.directory")):
            check_directory(place)


def test_a_disk_that_is_nearly_full_is_left_alone(trains, limits, tmp_path,
                                                  monkeypatch):
    monkeypatch.setattr(writer, "KEEP_FREE", 2**62)
    with pytest.raises(ConfigurationError, match="must stay free"):
        store(EVENT, trains, limits)
    assert not list(tmp_path.iterdir())


@pytest.fixture
def thread():
    reports = Queue()
    one = SnapshotThread(lambda *what: reports.put(what))
    one.reports = reports
    yield one
    one.stop()


def test_the_thread_writes_and_goes_on_after_failures(
        thread, trains, limits, monkeypatch):
    thread.start()
    wrong = replace(limits, directory="/no/such/folder")
    assert thread.submit(EVENT, trains, wrong)
    path, problem = thread.reports.get(timeout=20)
    assert path is None
    assert "/no/such/folder" in problem
    monkeypatch.setattr(writer, "write_snapshot", broken)
    thread.submit(EVENT, trains, limits)
    assert thread.reports.get(timeout=20) == (None, "RuntimeError: odd")
    monkeypatch.undo()
    thread.submit(EVENT, trains, limits)
    path, problem = thread.reports.get(timeout=20)
    assert path.exists()
    assert problem == ""


def broken(*_):
    raise RuntimeError("odd")


def test_a_disk_that_hangs_blocks_nobody(thread, trains, limits,
                                         monkeypatch):
    go_on, entered = Flag(), Flag()

    def hang(*_):
        entered.set()
        assert go_on.wait(20)
        raise OSError("gone")
    monkeypatch.setattr(writer, "write_snapshot", hang)
    thread.start()
    thread.submit(EVENT, trains, limits)
    assert entered.wait(20)
    start = time.monotonic()
    taken = [thread.submit(EVENT, trains, limits) for _ in range(9)]
    assert taken.count(True) == WAITING
    assert not thread.stop(timeout=0.01)
    assert time.monotonic() - start < 2
    go_on.set()


def test_what_waits_is_written_before_the_end(thread, trains, limits):
    for _ in range(WAITING):
        assert thread.submit(EVENT, trains, limits)
    thread.start()
    assert thread.stop(timeout=20)
    assert thread.reports.qsize() == WAITING


def test_finished_without_a_model():
    """A train that nobody classified is kept as a fact."""
    rig = Rig()
    finished = rig.finish(rig.arrive(problem="odd"))
    assert isinstance(finished, Finished)
    kept = recorded(finished, 0.)
    assert kept.result is None
    assert kept.nbytes == 0
