"""Captures on disk: found again, whatever ended the process."""
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.core.capture import Capture, Tally
from spectra_classifier.core.spectra import Axis, make_train
from spectra_classifier.errors import DataFileError
from spectra_classifier.files import captures as disk
from spectra_classifier.files.captures import Background

NOTHING = Background()
AXIS = Axis(10 + 0.5 * np.arange(16), "energy", "eV")
# writes one train after the other until it is killed
WRITER = """
import sys
import numpy as np
from tests.files.test_captures import AXIS, one_train
from spectra_classifier.core.capture import Capture
from spectra_classifier.files.captures import Background, start_capture
capture = Capture(1, "solid", 10_000, time="now")
start_capture(sys.argv[1], capture, AXIS, Background())
print("started", flush=True)
while True:
    capture = one_train(sys.argv[1], capture)
"""


def one_train(directory, capture, pulses=6, seed=None):
    """The capture after one more train, of which every second pulse is used.
    """
    random = np.random.default_rng(capture.trains if seed is None else seed)
    train = make_train(1000 + capture.trains, random.integers(
        0, 4000, (pulses, len(AXIS))).astype(np.uint16))
    used = np.arange(pulses) % 2 == 0
    tally = Tally(int(used.sum()), 7., dict(
        Tally().left_out) | {"saturated": pulses - int(used.sum())})
    after = capture.with_train(tally, len(AXIS))
    disk.write_train(directory, after, AXIS, train, used, tally, {})
    return after


def take(directory, number, name, trains=3, background=NOTHING):
    capture = Capture(number, name, trains, time="now",
                      dark=background.dark is not None)
    disk.start_capture(directory, capture, AXIS, background)
    for _ in range(trains):
        capture = one_train(directory, capture)
    return capture


def test_what_was_written_is_found(tmp_path):
    taken = [take(tmp_path, 1, "solid"), take(tmp_path, 2, "über/molten")]
    found, problems = disk.find_captures(tmp_path)
    assert problems == []
    assert [(each.number, each.sample_class, each.trains, each.kept,
             each.channels) for each in found] == [
        (1, "solid", 3, True, 16), (2, "über/molten", 3, True, 16)]
    assert found[0].tally.used == 9 and found[0].tally.intensity == 7.
    assert found[0].tally.left_out["saturated"] == 9
    assert replace(found[0], tally=None) == replace(taken[0], tally=None)


def test_every_train_is_a_file_that_anybody_reads(tmp_path):
    take(tmp_path, 1, "solid")
    path = disk.trains_of(tmp_path / "0001_solid")[0]
    dataset = files.read(path)
    assert dataset.classes == ("solid",) and dataset.indices.tolist() == [
        0, 2, 4]
    assert dataset.axis.unit == "eV" and dataset.spectra.dtype == np.uint16


def test_dark_and_dead_strips_are_taken_off_when_it_is_loaded(tmp_path):
    masked = np.arange(16) == 5
    background = Background(np.full(16, 100., np.float32), masked)
    capture = take(tmp_path, 1, "solid", background=background)
    loaded = disk.load_captures(tmp_path, [capture], AXIS, 100)
    raw = np.concatenate([files.read(path).spectra for path in
                          disk.trains_of(tmp_path / "0001_solid")])
    expected = raw.astype(np.float64) - 100
    expected[:, 5] = (expected[:, 4] + expected[:, 6]) / 2
    np.testing.assert_allclose(loaded.spectra, expected, rtol=1e-6)


def test_a_part_is_spread_evenly_and_another_part_is_another_one(tmp_path):
    captures = [take(tmp_path, 1, "solid"), take(tmp_path, 2, "molten")]
    some = disk.load_captures(tmp_path, captures, AXIS, 3)
    assert some.indices.tolist() == [0, 3, 6, 9, 12, 15]
    assert some.labels.tolist() == [0] * 3 + [1] * 3
    assert some.groups.tolist() == [1] * 3 + [2] * 3
    rest = disk.load_captures(tmp_path, captures, AXIS, 100, some.indices)
    assert sorted([*some.indices, *rest.indices]) == list(range(18))
    assert len(some.provenance["sha256"]) == 64


def test_a_discarded_capture_stays_discarded(tmp_path):
    capture = take(tmp_path, 1, "solid").discarded("the wrong sample")
    disk.discard(tmp_path, capture)
    (found,), _ = disk.find_captures(tmp_path)
    assert not found.kept and found.problem == "the wrong sample"


def test_a_train_that_is_cut_off_is_named(tmp_path):
    take(tmp_path, 1, "solid")
    path = disk.trains_of(tmp_path / "0001_solid")[1]
    path.write_bytes(path.read_bytes()[:500])
    found, problems = disk.find_captures(tmp_path)
    assert found == () and path.name in problems[0]


def test_a_folder_that_exists_is_not_written_into(tmp_path):
    take(tmp_path, 1, "solid")
    with pytest.raises(DataFileError, match="cannot be made"):
        take(tmp_path, 1, "solid")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    capture = take(tmp_path, 1, "solid")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("spectra_classifier.files.atomic.publish", full)
    with pytest.raises(OSError, match="No space"):
        one_train(tmp_path, capture)
    assert len(os.listdir(tmp_path / "0001_solid")) == 3


@pytest.mark.parametrize("after", [0.02, 0.13])
def test_a_killed_process_has_lost_nothing(tmp_path, after):
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, tmp_path], stdout=subprocess.PIPE)
    try:
        process.stdout.readline()
        time.sleep(after)       # any moment will do
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    found, problems = disk.find_captures(tmp_path)
    assert problems == []
    written = disk.trains_of(tmp_path / "0001_solid")
    assert len(found) == bool(written)
    if written:
        (found,) = found
        assert found.trains == len(written)
        assert found.problem == f"ended after {len(written)} of 10000 trains"
        assert len(disk.load_captures(tmp_path, [found], AXIS, 10**6)
                   ) == 3 * len(written)


def test_a_capture_appears_with_its_first_train(tmp_path):
    capture = Capture(1, "solid", 3, time="now")
    disk.start_capture(tmp_path, capture, AXIS, Background())
    assert disk.find_captures(tmp_path) == ((), [])
    assert disk.next_number(tmp_path) == 1
    # as after the end of the process: it is begun anew
    assert take(tmp_path, 1, "solid") in disk.find_captures(tmp_path)[0]
    disk.start_capture(tmp_path, replace(capture, number=2), AXIS,
                       Background())
    disk.abandon(tmp_path, replace(capture, number=2))
    assert os.listdir(tmp_path) == ["0001_solid"]


def test_a_number_is_given_once_whatever_is_there(tmp_path):
    take(tmp_path, 1, "solid")
    path = disk.trains_of(tmp_path / "0001_solid")[0]
    path.write_bytes(b"damaged")
    (tmp_path / "0007_no-capture").mkdir()
    assert disk.next_number(tmp_path) == 8
    found, problems = disk.find_captures(tmp_path)
    assert found == () and "0007_no-capture: holds no trains" in problems[1]


def test_a_copy_of_a_capture_is_no_capture(tmp_path):
    capture = take(tmp_path, 1, "solid")
    (tmp_path / "0001_solid").rename(tmp_path / "0002_solid")
    take(tmp_path, 1, "solid")
    (found,), (problem,) = disk.find_captures(tmp_path)
    assert found.number == capture.number
    assert "0002_solid: holds capture 1 of 'solid'" in problem


def test_a_mark_that_is_no_text_still_counts(tmp_path):
    take(tmp_path, 1, "solid")
    (tmp_path / "0001_solid" / disk.DISCARDED).write_bytes(b"\xff")
    (found,), _ = disk.find_captures(tmp_path)
    assert not found.kept
