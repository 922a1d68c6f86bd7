"""Large arrays give what small ones give, block by block."""
import errno

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core import large_arrays
from spectra_classifier.core.large_arrays import (
    blocks,
    converted,
    empty,
    first_not_finite,
    taken,
)


@pytest.fixture(scope="module", autouse=True)
def small_limits():
    """So that everything is large, and has many blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(large_arrays, "LARGE", 100)
        patch.setattr(large_arrays, "_BLOCK", 200)
        yield


@settings(deadline=None, max_examples=100)
@given(rows=st.integers(0, 40), channels=st.integers(1, 12),
       seed=st.integers(0, 2**32 - 1), kind=st.sampled_from(
           ("u2", "f4", "f8", ">f4", "i4")), target=st.sampled_from(
               ("f4", "f8")), turned=st.booleans(), bad=st.booleans())
def test_the_same_as_in_memory(rows, channels, seed, kind, target, turned,
                               bad):
    random = np.random.default_rng(seed)
    values = random.integers(0, 60_000, (rows, channels)).astype(kind)
    if turned:
        values = values[:, ::-1]
    if bad and values.size and values.dtype.kind == "f":
        values = values.copy()
        values.flat[random.integers(values.size, size=3)] = np.nan
    found = converted(values, target)
    assert found.dtype == target and found.flags.c_contiguous
    np.testing.assert_array_equal(found, values.astype(target))
    some = random.integers(-rows, rows, 17) if rows else np.zeros(0, int)
    np.testing.assert_array_equal(taken(values, some), values[some])
    which = random.integers(2, size=rows).astype(bool)
    np.testing.assert_array_equal(taken(values, which), values[which])
    np.testing.assert_array_equal(taken(values, np.arange(rows)), values)
    place, count = first_not_finite(values)
    wrong = np.argwhere(~np.isfinite(values))
    assert count == len(wrong)
    assert place == (tuple(wrong[0]) if len(wrong) else None)
    assert sum(len(values[part]) for part in blocks(values)) == rows


def test_a_disk_without_room_is_an_error_that_names_the_folder(tmp_path,
                                                               monkeypatch):
    def none(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(large_arrays.tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("os.posix_fallocate", none)
    with pytest.raises(OSError, match=r"No space left.*TMPDIR") as found:
        empty((100, 100), float)
    assert found.value.filename == str(tmp_path)
