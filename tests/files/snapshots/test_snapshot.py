"""Event snapshots: whole, readable by others, and read back as they were."""
import errno
import os
import threading
from dataclasses import replace

import h5py
import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.core.decision import PulsePattern
from spectra_classifier.core.model_definition import Settings
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.snapshots import async_datasets
from spectra_classifier.files.snapshots.reading import open_snapshot
from spectra_classifier.files.snapshots.snapshot import (
    CODES,
    SHARES,
    made_settings,
    plain_settings,
)
from spectra_classifier.files.snapshots.writing import write_snapshot
from tests.files.on_purpose import changed
from tests.files.recorded_trains import (
    CHANNELS,
    EVENT,
    context_of,
    lost,
    recorded,
    save_model,
)


@pytest.fixture
def loaded(tmp_path):
    return save_model(tmp_path / "small.onnx")


@pytest.fixture
def context(loaded):
    return context_of(loaded)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "event.h5"


def read(path):
    with open_snapshot(path) as snapshot:
        return snapshot.event, list(snapshot.trains())


def assert_same(found, expected):
    assert (found.train_id, found.pulses) == (expected.train_id,
                                              expected.pulses)
    for name in "spectra", "pulse_ids", "verdicts":
        ours, theirs = (getattr(t.train, name) for t in (found, expected))
        assert ours.dtype == theirs.dtype
        np.testing.assert_array_equal(ours, theirs)
    for name in (*CODES, *SHARES):
        ours, theirs = (getattr(t.result, name) for t in (found, expected))
        assert ours.dtype == theirs.dtype
        assert ours.tobytes() == theirs.tobytes()
    assert found.settings.hash == expected.settings.hash


def test_everything_comes_back(path, context, loaded):
    trains = [recorded(context, loaded, number) for number in range(1000,
                                                                    1004)]
    write_snapshot(path, EVENT, trains)
    event, found = read(path)
    assert event == EVENT
    for one, other in zip(found, trains, strict=True):
        assert_same(one, other)
        assert one.facts["sample_state"] == "high"
        assert one.facts["permit"] is True
    model = found[0].context
    assert (model.model_id, model.identity, model.engine, model.hash) == (
        context.model_id, context.identity, "numpy", "0123456789abcdef")
    assert model.graph == context.graph
    assert model.values == context.values
    assert model.classes == ("low", "high")
    assert not model.axis.mismatch(context.axis)


def test_trains_of_all_kinds_in_one_file(path, context, loaded, tmp_path):
    """Other types, settings, sizes and models, and trains without codes."""
    other = save_model(tmp_path / "other.onnx", seed=2)
    mask = np.arange(CHANNELS) == 5
    trains = [
        recorded(context, loaded, 1000), lost(1001),
        recorded(context, loaded, 1002, dtype=np.float32),
        recorded(context, loaded, 1003, pulses=0),
        recorded(context, loaded, 1004, settings=Settings(mask=mask)),
        recorded(context_of(other), other, 1005),
        recorded(context, loaded, 1006, verdicts=[-5, 0, -3, 0, -5])]
    write_snapshot(path, EVENT, trains)
    _, found = read(path)
    assert [t.train_id for t in found] == list(range(1000, 1007))
    assert found[1].result is None
    assert found[1].facts["problem"] == "queue full"
    assert found[5].context.model_id == other.definition.model_id
    for one, expected in zip(found, trains, strict=True):
        if expected.result is not None:
            assert_same(one, expected)


def test_the_light_comes_back_where_it_was_known(path, context, loaded):
    """Averages of a replay are then those of the pulses of a pattern."""
    trains = [recorded(context, loaded, number) for number in (1, 2, 3)]
    light = np.array([1, 3, 0, 2, 1], np.uint8)
    for number in 0, 2:
        trains[number] = replace(trains[number], train=replace(
            trains[number].train, light=light))
    write_snapshot(path, EVENT, trains)
    _, found = read(path)
    assert found[1].train.light is None
    for number in 0, 2:
        np.testing.assert_array_equal(found[number].train.light, light)
    with changed(path) as file:     # as an earlier version wrote it
        del file["entry/codes_0/light"]
    assert [train.train.light for train in read(path)[1]] == [None] * 3


def test_other_programs_find_the_spectra(path, context, loaded):
    """NeXus: default, signal and axes lead to the data, as in any viewer."""
    trains = [recorded(context, loaded, number) for number in (1000, 1001)]
    write_snapshot(path, EVENT, trains)
    with h5py.File(path) as file:
        group = file
        while (target := group.attrs.get("default")) is not None:
            group = group[target]
        assert group.attrs["NX_class"] == "NXdata"
        signal = group[group.attrs["signal"]]
        assert signal.shape == (10, CHANNELS)
        for size, axis in zip(signal.shape, group.attrs["axes"],
                              strict=True):
            assert group[axis].shape == (size,)
        assert file["entry/codes_0/label"].shape == (10,)
    data = files.read(path)
    np.testing.assert_array_equal(data.spectra[5:], trains[1].train.spectra)
    assert data.axis.quantity == "two_theta"


def test_only_lost_trains(path):
    write_snapshot(path, EVENT, [lost(1000), lost(1001)])
    _, found = read(path)
    assert [t.facts["fate"] for t in found] == ["skipped", "skipped"]


def test_settings_survive():
    settings = Settings(
        (1, 3), 0.1 + 0.2, 7., None, np.linspace(0, 1, 8, dtype=np.float32),
        np.arange(8) == 2, (PulsePattern("pumped", 0, 2), PulsePattern(
            "unpumped", kind="without laser")))
    assert made_settings(*plain_settings(settings)).hash == settings.hash


def test_a_full_disk_leaves_nothing(path, context, loaded, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr(async_datasets.os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        write_snapshot(path, EVENT, [recorded(context, loaded, 1000)])
    assert [p.name for p in path.parent.iterdir()
            if "event" in p.name] == []


class SlowFile:
    """A file that waits, before it writes, until another thread has run."""

    def __init__(self, file):
        self._file = file
        self._asked, self._answered = threading.Event(), threading.Event()
        self._end = False
        self.writes = self.waited = 0
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def _answer(self):
        while self._asked.wait() and not self._end:
            self._asked.clear()
            self._answered.set()

    def write(self, data):
        self.writes += 1
        self._asked.set()
        self.waited += self._answered.wait(5)
        self._answered.clear()
        return self._file.write(data)

    def __getattr__(self, name):
        return getattr(self._file, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._end = True
        self._asked.set()
        self._thread.join()
        self._file.close()


def test_other_threads_run_while_the_disk_is_waited_for(
        path, context, loaded, monkeypatch):
    files, train = [], recorded(context, loaded, 1000)
    opened = type(path).open

    def slow(one, *args, **kwargs):
        file = opened(one, *args, **kwargs)
        if path.name not in one.name:
            return file
        files.append(SlowFile(file))
        return files[-1]

    with monkeypatch.context() as patch:
        patch.setattr(type(path), "open", slow)
        write_snapshot(path, EVENT, [train])
    file, = files
    assert file.writes == file.waited > 10
    assert_same(read(path)[1][0], train)


@pytest.mark.parametrize("written", [0, 1, 7])
def test_short_writes_are_continued(path, context, loaded, monkeypatch,
                                    written):
    pwrite = os.pwrite
    monkeypatch.setattr(async_datasets.os, "pwrite", lambda file, data, offset:
                        pwrite(file, data[:written + 1], offset))
    train = recorded(context, loaded, 1000, pulses=1)
    write_snapshot(path, EVENT, [train])
    assert_same(read(path)[1][0], train)


@pytest.mark.parametrize("damage, says", [
    (lambda data: data[:len(data) // 2], "cut off|damaged"),
    (lambda data: b"no HDF5", "cut off, damaged or no snapshot")])
def test_a_damaged_file_says_so(path, context, loaded, damage, says):
    write_snapshot(path, EVENT, [recorded(context, loaded, 1000)])
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(DataFileError, match=says):
        read(path)


def test_another_file_and_another_format(path, context, loaded):
    with h5py.File(path, "w") as file:
        file["x"] = 1
    with pytest.raises(DataFileError, match="not a snapshot"):
        read(path)
    write_snapshot(path, EVENT, [recorded(context, loaded, 1000)])
    with changed(path) as file:
        file["entry"].attrs["spectra_classifier_snapshot"] = 99
    with pytest.raises(DataFileError, match="format 99"):
        read(path)
