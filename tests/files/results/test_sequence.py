"""A result in order: spectra, trains, or the pulses of one train."""
import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.core.evaluation import changepoint
from spectra_classifier.core.spectra import TrainResult
from spectra_classifier.errors import DataFileError, InputError
from spectra_classifier.files.results.sequence import read_sequence


def answers(train_id, hot):
    """A train whose pulses are so hot (P,); NaN: no answer."""
    hot = np.asarray(hot, np.float32)
    known = np.isfinite(hot)
    scores = np.where(known[:, None], np.stack([1 - hot, hot], axis=1), 0)
    rest = np.zeros(len(hot), np.float32)
    return TrainResult(
        train_id, np.arange(len(hot), dtype=np.uint64),
        np.where(known, hot > 0.5, -2).astype(np.int8), rest,
        scores.astype(np.float32), scores.astype(np.float32), rest, rest,
        np.zeros((len(hot), 1, 2), np.float32), "m", "0123")


@pytest.fixture
def written(tmp_path):
    def write(*trains):
        path = tmp_path / "result.h5"
        with files.ResultWriter(
                path, classes=("cold", "hot"), model={"id": "m"},
                model_id="m", model_sha256="cd" * 32,
                source={"path": "a", "sha256": "ab" * 32},
                configuration={}) as out:
            for train in trains:
                out.append(train)
        return path
    return write


def test_trains_are_means_of_the_pulses_that_have_an_answer(written):
    found = read_sequence(written(
        answers(10, [0.1, 0.3, np.nan]), answers(11, [np.nan]),
        answers(12, [0.9])))
    assert found.over == "trains" and found.classes == ("cold", "hot")
    np.testing.assert_array_equal(found.numbers, [10, 11, 12])
    np.testing.assert_allclose(found.scores[:, 1], [0.2, 0, 0.9], atol=1e-6)
    np.testing.assert_allclose(found.mixture, found.scores)


def test_a_change_within_a_train_is_found_at_its_pulse(written):
    path = written(answers(10, [0.1] * 40), answers(
        11, [0.1] * 25 + [0.9] * 15))
    found = read_sequence(path, 11)
    assert found.over == "pulses"
    change, = changepoint.transitions(found.scores, found.mixture)
    assert found.numbers[change.at] == 25
    with pytest.raises(InputError, match="has trains 10 to 11"):
        read_sequence(path, 12)


def test_a_file_of_spectra_has_no_trains(written):
    path = written(answers(0, [0.1] * 5), answers(0, [0.9] * 5))
    found = read_sequence(path)
    assert found.over == "spectra" and len(found.numbers) == 10
    with pytest.raises(InputError, match="belong to no train"):
        read_sequence(path, 3)


def test_another_file_is_refused(tmp_path):
    (tmp_path / "a.h5").write_text("nothing")
    with pytest.raises(DataFileError, match="is not a result of classify"):
        read_sequence(tmp_path / "a.h5")
