"""Results as a table: what is written is what was found."""
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.spectra import Code
from spectra_classifier.errors import DataFileError
from spectra_classifier.files.results.columns import (
    CLASSIFIED,
    Chunk,
    of_train,
)
from spectra_classifier.files.results.table import (
    CsvWriter,
    class_words,
    table,
)

ALL = np.arange(min(Code), 3).astype(np.int8)
NAMES = st.text(st.characters(exclude_categories=("C", "Z")) | st.just(","),
                min_size=1, max_size=8)
SINGLE = st.floats(width=32, allow_infinity=False)


def chunk_of(labels, numbers, train_id=0, classes=3):
    """A chunk with these labels and, in all columns, these numbers."""
    count = len(labels)
    values = np.array(numbers, np.float32)
    each = np.resize(values, (count, classes))
    return Chunk({
        "index": np.arange(count) + 10, "label": np.array(labels, np.int8),
        "confidence": np.resize(values, count),
        "residual": np.resize(values[::-1], count),
        "intensity": np.resize(values, count),
        "pulse_id": np.arange(count, dtype=np.uint64) * 4,
        "train_id": np.full(count, train_id, np.uint64),
        "scores": each, "mixture": each[:, ::-1]},
        of_train(train_id, count, CLASSIFIED))


def test_every_code_has_a_word():
    assert class_words(ALL, ("a", "b", "c")).tolist() == [
        "skipped", "bad data", "saturated", "low intensity", "unknown",
        "a", "b", "c"]


@settings(max_examples=60)
@given(classes=st.lists(NAMES, min_size=3, max_size=3, unique=True),
       files=st.lists(NAMES, min_size=8, max_size=8),
       numbers=st.lists(SINGLE, min_size=1, max_size=9),
       train_id=st.sampled_from((0, 7, 2**63)))
def test_pandas_reads_what_was_found(tmp_path_factory, classes, files,
                                     numbers, train_id):
    """Whatever the names, and to the last bit of every number."""
    path = tmp_path_factory.mktemp("table") / "out.csv"
    chunk = chunk_of(ALL, numbers, train_id)
    with CsvWriter(path, classes=classes, names=files,
                   trains=bool(train_id)) as out:
        out.add(Chunk({key: values[:3] for key, values
                       in chunk.pulses.items()}, chunk.trains))
        out.add(Chunk({key: values[3:] for key, values
                       in chunk.pulses.items()}, chunk.trains))
    frame = pd.read_csv(path, keep_default_na=False, dtype=str)
    expected = table(chunk.pulses, classes, files, bool(train_id))
    assert list(frame) == list(expected)
    assert ("train_id" in frame) == bool(train_id)
    for name, values in expected.items():
        if values.dtype.kind == "f":
            back = pd.to_numeric(frame[name]).to_numpy(np.float32)
            np.testing.assert_array_equal(back, values)
        else:
            assert frame[name].tolist() == list(map(str, values.tolist()))


def test_nothing_appears_before_the_end_or_after_an_error(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("old")
    with pytest.raises(RuntimeError), CsvWriter(path, classes="abc") as out:
        out.add(chunk_of(ALL, [1.]))
        assert path.read_text() == "old"
        raise RuntimeError
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.csv"]
    with CsvWriter(path, classes="abc"):
        pass
    assert path.read_text().splitlines()[0].startswith("index,label,code,")
    assert len(path.read_text().splitlines()) == 1


def test_places_that_cannot_be_written(tmp_path):
    for path, said in ((tmp_path / "a.txt", "ending in .txt"),
                       (tmp_path / "no" / "a.csv", "does not exist")):
        with pytest.raises(DataFileError, match=said):
            CsvWriter(path, classes="abc")
