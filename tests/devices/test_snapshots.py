"""The last train, written so that it can be read again."""
import h5py
import numpy as np
import pytest

from spectra_classifier import files
from spectra_classifier.devices import snapshots
from spectra_classifier.devices.snapshots import (
    check_directory,
    write_snapshot,
)
from spectra_classifier.errors import ConfigurationError
from tests.devices.fakes import spectra_of
from tests.devices.test_flow import Rig


def outcome_of(spectra):
    rig = Rig()
    incoming = rig.arrive()
    incoming.arrays["data"] = spectra
    return rig.finish(incoming).outcome


def test_spectra_and_codes_come_back(tmp_path):
    outcome = outcome_of(spectra_of(1))
    spectra, codes = write_snapshot(str(tmp_path), "A/B/C", outcome)
    assert "A_B_C" in spectra.name
    assert "train1001" in codes.name
    found = files.read(spectra)
    np.testing.assert_array_equal(found.spectra, spectra_of(1))
    with h5py.File(codes) as file:
        np.testing.assert_array_equal(file["entry/result/label"], [1] * 4)


def test_spectra_that_are_no_numbers_are_left_out(tmp_path):
    spoiled = spectra_of(1).astype(np.float32)
    spoiled[1, 0] = np.nan
    spectra, codes = write_snapshot(str(tmp_path), "A", outcome_of(spoiled))
    np.testing.assert_array_equal(files.read(spectra).indices, [0, 2, 3])
    with h5py.File(codes) as file:
        np.testing.assert_array_equal(file["entry/result/label"],
                                      [1, -4, 1, 1])


@pytest.mark.parametrize("place", ["", "relative", "/no/such/folder", "/\0"])
def test_a_place_that_is_none(place):
    with pytest.raises(ConfigurationError, match="snapshotDirectory"):
        check_directory(place)


def test_a_disk_that_is_nearly_full_is_left_alone(tmp_path, monkeypatch):
    monkeypatch.setattr(snapshots, "KEEP_FREE", 2**62)
    with pytest.raises(ConfigurationError, match="free"):
        write_snapshot(str(tmp_path), "A", outcome_of(spectra_of(1)))
    assert not list(tmp_path.iterdir())
