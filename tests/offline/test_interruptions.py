"""Work that is stopped at any moment goes on as if nothing had happened."""
import os
from concurrent.futures import ThreadPoolExecutor

import h5py
import numpy as np
import pytest
from interruptions import measure
from mock_runs import gotthard_run
from small_run import spectra_of

from spectra_classifier.errors import ConfigurationError
from spectra_classifier.files.results.checkpoint import Checkpoint
from spectra_classifier.offline import chunks, run
from spectra_lab.file_differences import differences


def test_killed_twice_and_the_same_content(model_file, tmp_path):
    labels = np.arange(600).reshape(150, 4) % 2
    folder = gotthard_run(tmp_path / "r0001", spectra_of(labels))
    report = measure(model_file, folder, tmp_path, times=2)
    assert report["different"] == []
    assert report["left_behind"] == []
    assert report["chunks_lost"] == 0
    assert report["while_at_work"] == 2
    # a start that was done before its kill begins from nothing again
    assert report["chunks_found_by_the_last_start"] >= 1


def count_chunks(monkeypatch):
    """[(first, stop)] of every chunk that is computed from now on."""
    computed = []
    real = chunks.classify

    def classify(engine, settings, source, first, stop, each_train=None):
        computed.append((first, stop))
        return real(engine, settings, source, first, stop, each_train)

    monkeypatch.setattr(run, "classify", classify)
    return computed


def test_nothing_is_computed_twice(command, model_file, run_folder, tmp_path,
                                   monkeypatch):
    output = tmp_path / "a.h5"
    words = ("classify", model_file, run_folder, "-o", output, "--chunk", 4,
             "--json")
    assert command(*words).code == 0
    clean = output.rename(tmp_path / "clean.h5")
    real = Checkpoint.write

    def stop_at_the_second(self, number, chunk):
        if number == 1:
            raise KeyboardInterrupt
        real(self, number, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(Checkpoint, "write", stop_at_the_second)
        interrupted = command(*words)
    assert interrupted.code == 130
    assert "the same command continues" in interrupted.stderr
    assert not output.exists()
    computed = count_chunks(monkeypatch)
    again = command(*words)
    assert computed == [(4, 8), (8, 12)]
    assert again.document["resumed_chunks"] == 1
    assert differences(clean, output) == []
    assert not list(tmp_path.glob(".a.h5*"))


@pytest.mark.parametrize("change", [
    ("--min-confidence", "0.9"), ("--pulses", "0:3"), ("--chunk", "3")])
def test_another_job_does_not_go_on_with_it(command, model_file, run_folder,
                                            tmp_path, monkeypatch, change):
    output = tmp_path / "a.h5"
    words = ("classify", model_file, run_folder, "-o", output, "--json")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "_assemble", stop)
        assert command(*words).code == 130
    refused = command(*words, *change)
    assert refused.code == 2 and "--restart" in refused.stderr
    anew = command(*words, *change, "--restart")
    assert anew.document["resumed_chunks"] == 0


def spectra_file(path, values):
    """A file whose spectra are in another one behind an external link."""
    with h5py.File(path.with_name("detector.h5"), "w") as file:
        file["counts"] = values
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(values.shape[1], dtype=float)
        file["Y"] = h5py.ExternalLink("detector.h5", "/counts")
    return path


@pytest.mark.parametrize("kind", ["external link", "run"])
def test_other_data_of_equal_size_do_not_go_on_with_it(
        command, model_file, run_folder, tmp_path, monkeypatch, kind):
    """Neither the name nor the size of any file has changed."""
    first, second = (spectra_of(np.arange(30) % 2, seed) for seed in (0, 5))
    data = (spectra_file(tmp_path / "a.h5", first)
            if kind == "external link" else run_folder)
    words = ("classify", model_file, data, "-o", tmp_path / "out.h5")

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(run, "_assemble", stop)
        assert command(*words).code == 130
    if kind == "external link":
        before = data.read_bytes()
        spectra_file(data, second)
        data.write_bytes(before)
    else:
        for file in sorted(run_folder.glob("*.h5")):
            now = os.stat(file)
            os.utime(file, ns=(now.st_atime_ns, now.st_mtime_ns + 10**9))
    refused = command(*words)
    assert refused.code == 2 and "--restart" in refused.stderr
    assert command(*words, "--restart").code == 0


def test_one_writer_at_a_time(tmp_path, command, model_file, run_folder):
    output = tmp_path / "a.h5"
    with Checkpoint(output, {}):
        outcome = command("classify", model_file, run_folder, "-o", output)
    assert outcome.code == 2
    assert "another process is writing it" in outcome.stderr


def test_a_lock_has_one_holder(tmp_path):
    """Also while the holder before removes the folder."""
    path, inside, most, held = tmp_path / "a.h5", [], [], []

    def work():
        mine = 0
        while mine < 20:
            try:
                with Checkpoint(path, {}) as checkpoint:
                    mine += 1
                    inside.append(1)
                    most.append(len(inside))
                    held.append(checkpoint.done())
                    inside.pop()
                    checkpoint.remove()     # from here on another may be
            except ConfigurationError as error:
                assert "another process" in str(error)

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(work) for _ in range(4)]:
            done.result()
    assert len(held) == 80 and max(most) == 1
    assert os.listdir(tmp_path) == []


def test_a_damaged_chunk_is_named(tmp_path, command, model_file, run_folder,
                                  monkeypatch):
    output = tmp_path / "a.h5"
    words = ("classify", model_file, run_folder, "-o", output)
    with monkeypatch.context() as patch:
        patch.setattr(run, "_assemble", lambda *_: 1 / 0)
        assert "ZeroDivisionError" in command(*words).stderr
    part, = tmp_path.glob(".a.h5.parts/chunk-*.h5")
    part.write_bytes(b"")
    outcome = command(*words)
    assert outcome.code == 2
    assert "chunk-000000.h5: cannot be read" in outcome.stderr


def test_a_chunk_that_is_not_whole_does_not_count(tmp_path):
    with Checkpoint(tmp_path / "a.h5", {}) as checkpoint:
        (checkpoint.folder / ".chunk-000000.h5.0a1b.part").write_bytes(b"x")
        assert checkpoint.done() == set()
    with Checkpoint(tmp_path / "a.h5", {"other": 1}, restart=True) as again:
        assert sorted(os.listdir(again.folder)) == ["job.json", "lock"]


def test_what_a_kill_at_the_very_end_has_left_goes(tmp_path):
    stray = tmp_path / ".a[1].h5.0a1b2c3d.part"
    others = [tmp_path / name for name in (
        ".b.h5.0a1b2c3d.part", ".a[1].h5.part", "a[1].h5.0a1b2c3d.part")]
    for file in (stray, *others):
        file.touch()
    with Checkpoint(tmp_path / "a[1].h5", {}):
        assert not stray.exists()
        assert all(file.exists() for file in others)


def test_differences_see_a_changed_value_and_a_changed_attribute(tmp_path):
    for name, value, unit in ("a", np.nan, "m"), ("b", 1., "m"), (
            "c", np.nan, "s"):
        with h5py.File(tmp_path / name, "w") as file:
            file["g/x"] = [value]
            file["g/x"].attrs.update({"units": unit, "date": name})
    assert differences(tmp_path / "a", tmp_path / "b") == ["g/x"]
    assert differences(tmp_path / "a", tmp_path / "c") == ["g/x@units"]
    assert differences(tmp_path / "a", tmp_path / "a") == []
