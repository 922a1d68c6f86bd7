"""Model files that change, hang or cannot be read while they are loaded."""
import errno
import os
import threading
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from spectra_classifier import model
from spectra_classifier.errors import SpectraError
from spectra_classifier.live.configuration import live_model as device_models
from spectra_classifier.live.configuration.live_model import load_model
from tests.devices.fakes import definition, spectra_of

pytestmark = pytest.mark.xdist_group("files")   # no broker
GOLDEN = np.concatenate([spectra_of(0, 2), spectra_of(1, 2)])
LOADS = 15


def saved(path, gate):
    model.save(path, definition(min_intensity=gate), {
        "name": path.stem, "licence": "BSD-3-Clause"}, GOLDEN)
    return path.read_bytes()


@contextmanager
def meanwhile(change):
    """`change()` again and again in a thread, as somebody else would."""
    ended = threading.Event()

    def run():
        while not ended.wait(0.001):
            change()
    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.fixture
def files(tmp_path):
    return [saved(tmp_path / f"{name}.onnx", gate)
            for name, gate in (("one", 1.), ("other", 2.))]


def outcomes(path):
    """Gates of the models that were loaded; "refused" for the others."""
    found = []
    for _ in range(LOADS):
        try:
            found.append(load_model(str(path), "numpy", 1)
                         .loaded.definition.min_intensity)
        except SpectraError as error:
            assert str(path) in str(error)
            found.append("refused")
    return found


def test_a_file_that_is_replaced_while_it_is_loaded(files, tmp_path):
    path, beside = tmp_path / "live.onnx", tmp_path / "beside"
    path.write_bytes(files[0])
    turn = iter(range(10**9))

    def replace():
        beside.write_bytes(files[next(turn) % 2])
        os.replace(beside, path)
    with meanwhile(replace):
        # whole files only: one or the other, never refused, never mixed
        assert set(outcomes(path)) <= {1., 2.}


def test_a_file_that_is_rewritten_while_it_is_loaded(files, tmp_path):
    path = tmp_path / "live.onnx"
    path.write_bytes(files[0])
    turn = iter(range(10**9))

    def rewrite():
        with path.open("r+b") as file:      # in place: a careless copy
            data = files[next(turn) % 2]
            file.truncate(len(data) // 2)
            file.write(data)
    with meanwhile(rewrite):
        assert set(outcomes(path)) <= {1., 2., "refused"}


def test_a_truncated_file_is_refused(files, tmp_path, subtests):
    for part in (0, 1, 0.2, 0.5, 0.9, 0.999):
        with subtests.test(part=part):
            path = tmp_path / "cut.onnx"
            path.write_bytes(files[0][:int(part * len(files[0]))] if part != 1
                             else files[0][:1])
            with pytest.raises(SpectraError, match=r"cut\.onnx"):
                load_model(str(path), "numpy", 1)


def test_a_disk_that_cannot_be_read_refuses_with_the_reason(
        files, tmp_path, monkeypatch):
    def fail(path, mode):
        raise OSError(errno.EIO, os.strerror(errno.EIO))
    monkeypatch.setattr(Path, "open", fail)
    with pytest.raises(SpectraError, match="Input/output error"):
        load_model(str(tmp_path / "one.onnx"), "numpy", 1)


def test_what_nobody_has_foreseen_refuses_it_too(tmp_path, files,
                                                 monkeypatch):
    def fail(path, **known):
        raise RuntimeError("something else")
    path = tmp_path / "one.onnx"
    path.write_bytes(files[0])
    monkeypatch.setattr(device_models, "load", fail)
    with pytest.raises(SpectraError, match="RuntimeError: something else"):
        load_model(str(path), "numpy", 1)


@pytest.mark.timeout(20)
def test_a_pipe_is_no_model_and_holds_up_nobody(tmp_path):
    path = tmp_path / "pipe.onnx"
    os.mkfifo(path)
    with pytest.raises(SpectraError, match=r"pipe\.onnx"):
        load_model(str(path), "numpy", 1)
