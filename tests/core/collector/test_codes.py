"""What a worker says is believed where it is proved."""
import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from spectra_classifier.core.spectra import Code
from tests.core.collector.workers_at_play import codes


@given(st.lists(st.tuples(
    st.integers(-300, 300), st.floats(width=32) | st.just(1.),
    st.floats(width=32) | st.just(1.)), max_size=10), st.integers(2, 8))
@example([(0, 1., float("nan"))], 2)
def test_a_class_has_a_place_and_a_probability(rows, classes):
    label = np.array([row[0] for row in rows], np.int16)
    sure = np.array([row[1] for row in rows], np.float32)
    scores = np.ones((len(rows), classes), np.float32)
    scores[:, -1] = [row[2] for row in rows]
    found, confidence = codes(
        1, pulses=len(rows), label=label, confidence=sure,
        scores=scores).proved(classes)
    assert found.dtype == np.int8
    assert np.isfinite(confidence).all()
    for sent, said, score, code, number in zip(
            label, sure, scores[:, -1], found, confidence, strict=True):
        if code >= 0:
            assert code == sent < classes and np.isfinite(score)
            assert 0 <= number == said <= 1
        else:
            assert code in list(Code)
            assert code == (sent if sent in list(Code) else
                            Code.UNKNOWN if sent >= 0 else Code.BAD_DATA)
