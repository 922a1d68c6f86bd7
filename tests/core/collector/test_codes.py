"""What a worker says is believed where it is proved."""
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.spectra import Code
from tests.core.collector.workers_at_play import codes


@given(st.lists(st.tuples(st.integers(-300, 300), st.floats(width=32)),
                max_size=10), st.integers(2, 8))
def test_a_class_has_a_place_and_a_probability(rows, classes):
    label = np.array([row[0] for row in rows], np.int16)
    sure = np.array([row[1] for row in rows], np.float32)
    found, confidence = codes(
        1, pulses=len(rows), label=label, confidence=sure).proved(classes)
    assert found.dtype == np.int8
    assert np.isfinite(confidence).all()
    for sent, said, code, number in zip(label, sure, found, confidence,
                                          strict=True):
        if code >= 0:
            assert code == sent < classes
            assert 0 <= number == said <= 1
        else:
            assert code in list(Code)
            assert code == (sent if sent in list(Code) else
                            Code.UNKNOWN if sent >= 0 else Code.BAD_DATA)
