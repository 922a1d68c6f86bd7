"""Replay finds every difference, and none where there is none."""
import numpy as np
import pytest

from spectra_classifier.errors import ModelFileError
from spectra_classifier.files.snapshots import writing
from spectra_classifier.files.snapshots.replay import FIELDS, replay
from spectra_classifier.files.snapshots.writing import write_snapshot
from tests.files.on_purpose import changed
from tests.files.recorded_trains import (
    EVENT,
    context_of,
    lost,
    recorded,
    save_model,
)

PLACES = {"label": "codes_0", "confidence": "codes_0", "scores": "scores_0",
          "mixture": "scores_0", "residual": "codes_0",
          "intensity": "codes_0"}


@pytest.fixture
def loaded(tmp_path):
    return save_model(tmp_path / "small.onnx")


@pytest.fixture
def path(tmp_path, loaded):
    context = context_of(loaded)
    trains = [recorded(context, loaded, number) for number in range(1000,
                                                                    1003)]
    trains.insert(1, lost(999))
    write_snapshot(tmp_path / "event.h5", EVENT, trains)
    return tmp_path / "event.h5"


@pytest.mark.parametrize("engine", ["numpy", "fused", "onnxruntime"])
def test_the_same_engine_gives_the_same_codes(tmp_path, loaded, engine):
    context = context_of(loaded, engine)
    spoiled = recorded(context, loaded, 1003, dtype=np.float32,
                       spoil=np.nan)
    trains = [recorded(context, loaded, 1000, verdicts=[-5, 0, 0, -3, 0]),
              recorded(context, loaded, 1001, pulses=0), spoiled]
    write_snapshot(tmp_path / "event.h5", EVENT, trains)
    found = replay(tmp_path / "event.h5")
    assert (found.trains, found.pulses, found.mismatches) == (3, 10, 0)
    assert found.fields == FIELDS
    assert found.changed == {}
    assert found.engines == [engine]


def test_the_last_bit_of_any_code(subtests, path):
    whole = path.read_bytes()
    for field in FIELDS:
        with subtests.test(field=field):
            path.write_bytes(whole)
            with changed(path) as file:
                item = file[f"entry/{PLACES[field]}/{field}"]
                values = item[()]
                if field == "label":
                    values[7] = 1 - values[7]
                else:
                    values[7] = np.nextafter(values[7], np.float32(9))
                item[()] = values
            found = replay(path)
            assert found.mismatches == 1
            first = found.differences[0]
            # row 7 is the third pulse of the second train with codes
            assert (first.train_id, first.pulse_id) == (1001, 12)
            assert first.field == field
            assert first.recorded != first.replayed


def test_other_spectra_than_those_recorded(path):
    with changed(path) as file:
        file["entry/spectra_0/spectra"][3] = 0
    found = replay(path)
    assert found.mismatches == 1
    assert found.differences[0].pulse_id == 13


def test_without_codes_there_is_nothing_to_compare(path):
    found = replay(path)
    assert (found.trains, found.without_codes) == (3, 1)


def test_the_given_model_must_be_the_recorded_one(path, loaded, tmp_path):
    assert replay(path, model=loaded.path).mismatches == 0
    save_model(tmp_path / "small.onnx", gate=0.5)   # the same weights
    with pytest.raises(ModelFileError, match="the model has changed"):
        replay(path, model=tmp_path / "small.onnx")


def test_the_model_in_the_file_is_verified(path):
    with changed(path) as file:
        onnx = file["entry/process_0/model/onnx"]
        data = onnx[()]
        data[len(data) // 2:] = 0
        onnx[()] = data
    with pytest.raises(ModelFileError):
        replay(path)


def test_a_model_too_large_to_be_kept(tmp_path, loaded, monkeypatch):
    monkeypatch.setattr(writing, "MAX_GRAPH", 10)
    write_snapshot(tmp_path / "event.h5", EVENT,
                   [recorded(context_of(loaded), loaded, 1000)])
    with pytest.raises(ModelFileError, match="--model"):
        replay(tmp_path / "event.h5")
    assert replay(tmp_path / "event.h5",
                  model=loaded.path).mismatches == 0


def test_another_engine_has_to_give_the_same_labels(path):
    found = replay(path, engine="fused")
    assert found.fields == ("label",)
    assert found.engines == ["fused"]
    assert found.mismatches == 0


def test_another_version_is_named(path):
    with changed(path) as file:
        note = file["entry/environment/data"]
        text = note.asstr()[()]
        note[()] = text.replace('"numpy": "', '"numpy": "0.')
    recorded_version, here = replay(path).changed["numpy"]
    assert recorded_version == f"0.{here}"
