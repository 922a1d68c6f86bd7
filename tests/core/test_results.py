import numpy as np

from spectra_classifier.core.spectra import TrainResult


def test_counts_by_fate():
    label = np.array([0, 1, 1, -1, -2, -3, -4, -5, -5], np.int8)
    empty = np.zeros(9)
    result = TrainResult(1, empty, label, empty, empty, empty, empty, empty,
                         empty, "model", "hash")
    assert result.counts() == {
        "classified": 4, "unknown": 1, "low_intensity": 1, "saturated": 1,
        "bad_data": 1, "skipped": 2}
