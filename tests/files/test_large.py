"""Spectra that are not kept in memory are read like those that are."""
import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier import files
from spectra_classifier.core import large_arrays
from spectra_classifier.errors import DataFileError

X = np.linspace(10, 20, 30)


def write(path, y, form, packed):
    """x and Y in one of the forms of HDF5 and numpy."""
    if form in ("npz", "compressed npz"):
        save = np.savez if form == "npz" else np.savez_compressed
        save(path, x=X, Y=y)
        return
    options = {"in one piece": {},
               "in chunks": dict(chunks=(min(3, len(y)), 7)),
               "compressed": dict(compression="gzip", shuffle=True)}[form]
    with h5py.File(path, "w", userblock_size=512 * packed) as file:
        file["x"] = X
        item = file.create_dataset("Y", data=y, **options)
        if packed:
            item.attrs.update({"scale_factor": 0.5, "add_offset": 3.,
                               "_FillValue": y.dtype.type(-1)})


@settings(deadline=None, max_examples=100)
@given(form=st.sampled_from(("in one piece", "in chunks", "compressed", "npz",
                             "compressed npz")),
       kind=st.sampled_from(("<u2", ">u2", "<i4", "<f4", ">f4", "<f8")),
       packed=st.booleans(), count=st.integers(1, 40),
       damage=st.booleans(), seed=st.integers(0, 2**32 - 1))
def test_read_alike(tmp_path_factory, form, kind, packed, count, damage, seed):
    random = np.random.default_rng(seed)
    y = random.integers(0, 1000, (count, len(X))).astype(kind)
    if damage and y.dtype.kind == "f":
        y[random.integers(count), 3] = np.nan
    npz = "npz" in form
    path = tmp_path_factory.mktemp("large") / (
        "data.npz" if npz else "data.h5")
    write(path, y, form, packed and not npz and kind[1] != "u")
    found = []
    for limit in 2**20, 50:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(large_arrays, "LARGE", limit)
            patch.setattr(large_arrays, "_BLOCK", 700)
            try:
                found.append(files.read(path))
            except DataFileError as error:
                found.append(str(error))
    small, large = found
    if isinstance(small, str):
        assert small == large
        return
    assert small.spectra.dtype == large.spectra.dtype
    np.testing.assert_array_equal(small.spectra, large.spectra)
