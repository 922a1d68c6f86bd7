"""Results as NeXus: complete, readable by others, whole or absent."""
import json
import os

import h5py
import numpy as np
import pytest
from nexusformat.nexus import nxload

from spectra_classifier import __version__, files
from spectra_classifier.core.spectra import TrainResult
from spectra_classifier.errors import DataFileError

ORIGIN = {"path": "data.h5", "sha256": "ab" * 32}
MANIFEST = {"id": "ramp", "classes": ["bcc", "hcp"]}


def result(train_id, pulses):
    noise = np.random.default_rng(train_id)
    scores = noise.random((pulses, 2)).astype(np.float32)
    return TrainResult(
        train_id, np.arange(pulses, dtype=np.uint64) * 4,
        noise.integers(-5, 2, pulses).astype(np.int8),
        noise.random(pulses).astype(np.float32), scores, 1 - scores,
        np.full(pulses, np.nan, np.float32),
        noise.random(pulses).astype(np.float32),
        np.zeros((pulses, 3, 2), np.float32), "ramp", "0123456789abcdef")


def writer(path):
    return files.ResultWriter(
        path, classes=("bcc", "hcp"), model=MANIFEST, model_id="ramp",
        model_sha256="cd" * 32, source=ORIGIN,
        configuration={"engine": "numpy", "hash": "0123456789abcdef"})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "result.h5"


def test_every_pulse_of_every_train_is_kept(path):
    trains = [result(7, 5), result(8, 0), result(9, 3)]
    with writer(path) as out:
        for train in trains:
            out.append(train)
    assert out.pulses == 8
    with h5py.File(path) as file:
        for name in "label", "confidence", "residual", "intensity":
            kept = file[f"entry/result/{name}"][()]
            sent = np.concatenate([getattr(t, name) for t in trains])
            np.testing.assert_array_equal(kept, sent)
            assert kept.dtype == sent.dtype
        for name in "scores", "mixture":
            np.testing.assert_array_equal(
                file[f"entry/scores/{name}"][()],
                np.concatenate([getattr(t, name) for t in trains]))
        np.testing.assert_array_equal(file["entry/result/train_id"],
                                      [7] * 5 + [9] * 3)
        np.testing.assert_array_equal(file["entry/result/pulse_id"][5:],
                                      [0, 4, 8])
        np.testing.assert_array_equal(file["entry/result/index"],
                                      np.arange(8))


def test_origin_model_and_configuration_stand_in_the_file(path):
    with writer(path) as out:
        out.append(result(1, 2), indices=np.array([10, 20]))
    with h5py.File(path) as file:
        process = file["entry/process"]

        def word(name):
            return process[name].asstr()[()]
        assert word("program") == "spectra_classifier"
        assert word("version") == __version__
        assert json.loads(word("model/data")) == MANIFEST
        assert word("model/checksum") == "cd" * 32
        assert word("input/checksum") == ORIGIN["sha256"]
        assert json.loads(word("configuration/data"))["engine"] == "numpy"
        label = file["entry/result/label"]
        assert list(label.attrs["class_names"]) == ["bcc", "hcp"]
        assert "-5 skipped" in label.attrs["codes"]
        np.testing.assert_array_equal(file["entry/scores/index"], [10, 20])


def test_a_nexus_reader_finds_the_plot(path):
    with writer(path) as out:
        out.append(result(1, 6))
    plot = nxload(path).get_default()
    assert plot.nxsignal.nxname == "label"
    assert plot.nxaxes[0].nxname == "index"
    scores = nxload(path)["entry/scores"]
    assert scores.nxsignal.shape == (6, 2)
    assert [axis.nxname for axis in scores.nxaxes] == ["index",
                                                       "class_index"]


def test_nothing_appears_before_the_end_or_after_an_error(path):
    path.write_text("old")
    with pytest.raises(RuntimeError), writer(path) as out:
        out.append(result(1, 2))
        assert path.read_text() == "old"
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(path.parent) == [path.name]


def test_place_is_checked_before_the_work(tmp_path):
    with pytest.raises(DataFileError, match="does not exist"):
        writer(tmp_path / "no" / "result.h5")
    with pytest.raises(DataFileError, match=r"ending in \.txt; use \.h5"):
        writer(tmp_path / "result.txt")


def test_results_are_not_taken_for_spectra(path):
    with writer(path) as out:
        out.append(result(1, 2))
    with pytest.raises(DataFileError, match="holds classification results"):
        files.read(path)
