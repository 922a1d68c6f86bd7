"""Results in the tables of DAMNIT, as far as its package goes: what it does
behind the message to its own service at the facility is not seen here."""
import importlib.util
from pathlib import Path

import h5py
import numpy as np
import pytest
from damnit.backend import extract_data
from damnit.context import ContextFile
from damnit.ctxsupport.damnit_ctx import Cell
from damnit.ctxsupport.damnit_writing import PNGData
from mock_runs import SOURCE, gotthard_run, take_away
from small_run import FRAMES, TRAINS, spectra_of, true_labels

from spectra_classifier.errors import DataFileError
from spectra_classifier.files.results.summary import summarise
from spectra_classifier.offline import classify_run

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "damnit"
HOT = float(true_labels().mean())


@pytest.fixture
def raw(tmp_path):
    """<proposal>/raw/r0012"""
    (tmp_path / "raw").mkdir()
    return gotthard_run(tmp_path / "raw" / "r0012",
                        spectra_of(true_labels()), 2)


@pytest.fixture
def result(raw, model_file, tmp_path):
    output = tmp_path / "codes.h5"
    classify_run(model_file, raw, output)
    return output


def test_a_run_in_a_few_numbers(result):
    found = summarise(result)
    assert found["trains"] == TRAINS and found["pulses"] == TRAINS * FRAMES
    assert found["state"] == "cold" and found["classified_share"] == 1
    assert found["share_hot"] == pytest.approx(HOT)
    np.testing.assert_allclose(found["share_hot_by_train"],
                               true_labels().mean(axis=1))


def test_trains_without_data_are_not_a_number(raw, model_file, tmp_path):
    take_away(raw / "RAW-R0012-DA01-S00000.h5", 1)
    classify_run(model_file, raw, tmp_path / "a.h5", chunk_trains=5)
    by_train = summarise(tmp_path / "a.h5")["share_hot_by_train"]
    assert np.isnan(by_train[1]) and np.isfinite(np.delete(by_train, 1)).all()


def test_what_is_no_result_is_said_so(raw):
    with pytest.raises(DataFileError, match="not a result of classify"):
        summarise(next(raw.glob("*.h5")))


def test_the_script_leaves_what_damnit_collects(result, tmp_path,
                                                monkeypatch):
    told = []
    monkeypatch.setattr(extract_data, "notify_new_file",
                        lambda *words: told.append(words))
    spec = importlib.util.spec_from_file_location(
        "submit_codes", EXAMPLES / "submit_codes.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    script.submit(result, tmp_path / "amore")
    (_, proposal, run, path), = told
    assert (proposal, run) == (700000, 12)
    with h5py.File(path) as file:
        assert file.attrs["provenance"] == "spectra_classifier"
        assert file[".reduced/spectra_share_hot"][()] == pytest.approx(HOT)
        assert file[".reduced/spectra_state"].asstr()[()] == "cold"


def test_the_context_file_runs(raw, model_file, tmp_path):
    code = (EXAMPLES / "context.py").read_text()
    here = {'Path("/gpfs/exfel/exp/SQS/202502/p006000/usr/'
            'sample-0123456789.onnx")': f'Path("{model_file}")',
            'Path("/gpfs/exfel/exp/SQS/202502/p006000/scratch/codes")':
            f'Path("{tmp_path / "codes"}")'}
    for old, new in here.items():
        assert old in code
        code = code.replace(old, new)
    assert f'SOURCE = "{SOURCE}"' in code
    context = ContextFile.from_str(code)
    assert set(context.vars) == {"sample_codes", "sample_state",
                                 "unknown_share", "state_share"}
    calls = {name: variable.func for name, variable in context.vars.items()}
    codes = calls["sample_codes"](None, 12, tmp_path)
    assert calls["sample_state"](None, codes) == "cold"
    assert calls["unknown_share"](None, codes) == 0
    curve = calls["state_share"](None, codes)
    np.testing.assert_allclose(curve, 1 - true_labels().mean(axis=1))
    # what the table shows: a curve, or a picture of it
    shown = Cell(curve).get_summary()
    assert isinstance(shown, PNGData) or np.shape(shown)[0] == 2
