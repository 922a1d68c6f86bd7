"""Faults do what they say, and the ledger counts them."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.errors import ConfigurationError
from spectra_classifier.simulation.gotthard import GotthardSource
from spectra_classifier.simulation.presets import EASY
from spectra_classifier.simulation.stream.faults import (
    FAULTS,
    PAYLOAD,
    STREAM,
    describe,
)
from spectra_classifier.simulation.stream.feed import Feed
from spectra_classifier.simulation.stream.ledger import Ledger

FIRST = 1000


@pytest.fixture(scope="module")
def source():
    return GotthardSource(EASY, "ramp", seed=1, first_train=FIRST)


def ticks(feed):
    out = []
    while (messages := feed.tick()) is not None:
        out.append(messages)
    return out


def faulty(source, name, trains=1, after=1, pulses=6):
    """Messages of one tick after the other, that fault at the first."""
    feed = Feed(source, pulses, trains=trains + after)
    feed.inject(name, trains)
    return ticks(feed)


def test_honest_trains(source):
    for index, (sent,) in enumerate(ticks(Feed(source, 5, trains=4))):
        train = source.train(FIRST + index, 5)
        assert sent.train_id == FIRST + index
        assert sent.fault == ""
        np.testing.assert_array_equal(sent.arrays["adc"], train.adc)
        assert set(sent.arrays) == {"adc", "gain", "frameNumber", "bunchId",
                                    "memoryCell", "timestamp"}


def test_the_pattern_replaces_the_number_of_pulses(source):
    feed = Feed(source, 5, pattern=[2, 0, 7], trains=5)
    assert [sent.pulses for (sent,) in ticks(feed)] == [2, 0, 7, 2, 0]


def test_pulses_may_change_between_ticks(source):
    feed = Feed(source, 5, trains=2)
    assert feed.tick()[0].pulses == 5
    feed.pulses = 3
    assert feed.tick()[0].pulses == 3


def test_a_start_behind_the_first_train(source):
    feed = Feed(source, 1, trains=2, start=7)
    assert [sent.train_id for (sent,) in ticks(feed)] == [FIRST + 7,
                                                          FIRST + 8]
    assert not feed.exhausted


def adc_of(source, name):
    (sent,), (after,) = faulty(source, name)
    assert sent.fault == name
    assert after.fault == ""
    return sent, sent.arrays["adc"], source.train(FIRST, 6).adc


PAYLOAD_FAULTS = [
    ("zero pulses", (0, 1280), "u2"), ("one pulse", (1, 1280), "u2"),
    ("wrong channels", (6, 1273), "u2"), ("wrong rank", (1, 6, 1280), "u2"),
    ("one dimension", (6 * 1280,), "u2"), ("transposed", (1280, 6), "u2"),
    ("float64", (6, 1280), "f8"), ("big endian", (6, 1280), ">u2"),
    ("NaN", (6, 1280), "f4"), ("Inf", (6, 1280), "f4"),
    ("negative", (6, 1280), "i2"), ("all zero", (6, 1280), "u2"),
    ("constant", (6, 1280), "u2"), ("saturated", (6, 1280), "u2")]


def test_payload_faults_have_their_shape_and_type(subtests, source):
    for name, shape, dtype in PAYLOAD_FAULTS:
        with subtests.test(name=name):
            _, adc, _ = adc_of(source, name)
            assert adc.shape == shape
            assert adc.dtype == np.dtype(dtype)


def test_payload_faults_have_their_values(source):
    for name, expected in (("float64", lambda honest: honest),
                           ("big endian", lambda honest: honest),
                           ("all zero", np.zeros_like),
                           ("constant", lambda h: np.full_like(h, 500)),
                           ("saturated", lambda h: np.full_like(h, 4095)),
                           ("negative", lambda h: -h.astype(np.int16))):
        _, adc, honest = adc_of(source, name)
        np.testing.assert_array_equal(adc, expected(honest), name)
    for name, test in ("NaN", np.isnan), ("Inf", np.isinf):
        _, adc, _ = adc_of(source, name)
        assert test(adc).any(axis=1).tolist() == [True, False] * 3


@pytest.mark.parametrize("name, test", [
    ("NaN bits", np.isnan), ("flipped bit", lambda adc: adc > 1e20)])
def test_bits_of_some_strips(source, name, test):
    _, adc, honest = adc_of(source, name)
    struck = test(adc)
    assert struck.any(axis=1).all() and struck.sum() == 5 * len(adc)
    np.testing.assert_array_equal(adc[~struck], honest[~struck])


def test_faults_of_the_frame(source):
    sent, _, _ = adc_of(source, "stale time")
    assert sent.age == 10
    assert adc_of(source, "train id 0")[0].train_id == 0
    for name, train_id in (("jumping train id", FIRST + 1000),
                           ("far train id", FIRST + 36_000),
                           ("train id of the past", 2**64 - 1),
                           ("absurd train id", 2**64 - 1)):
        assert adc_of(source, name)[0].train_id == train_id, name
    (sent,), _ = faulty(source, "missing key")
    assert "adc" not in sent.arrays
    assert sent.pulses == 0


def sent_ids(rows):
    return [[sent.train_id if sent.arrays is not None else sent.fault
             for sent in row] for row in rows]


STREAM_FAULTS = [
    ("gap", [["gap"], ["gap"], [1002], [1003]]),
    ("repeated", [[1000, 1000], [1001, 1001], [1002], [1003]]),
    ("out of order", [[], [], [1002, 1001, 1000], [1003]]),
    ("stall", [[], [1000, 1001], [1002], [1003]]),
    ("end of stream", [["end of stream", 1000], ["end of stream", 1001],
                       [1002], [1003]])]


def test_stream_faults(subtests, source):
    for name, expected in STREAM_FAULTS:
        with subtests.test(name=name):
            assert sent_ids(faulty(source, name, 2, 2)) == expected


def test_what_is_held_back_is_sent_at_the_end(source):
    assert sent_ids(faulty(source, "out of order", 2, 0)) == [
        [], [], [1001, 1000]]
    assert sent_ids(faulty(source, "stall", 2, 0)) == [[], [1000, 1001]]


@given(st.lists(st.tuples(st.sampled_from(FAULTS), st.integers(1, 3)),
                max_size=12))
def test_the_ledger_adds_up(source, faults):
    feed = Feed(source, 3, trains=40)
    for name, trains in faults:
        feed.inject(name, trains)
    ledger = Ledger()
    rows = ticks(feed)
    sent = [message for row in rows for message in row]
    for message in sent:
        ledger.sent(message)
    report = ledger.report()
    started = sum(trains for name, trains in faults
                  if name == "start of acquisition")    # two messages each
    asked = sum(trains for _, trains in faults) + started
    assert feed.pending == 0
    assert sum(entry["trains"] for entry in report["faults"].values()) == asked
    repeated = report["faults"].get("repeated", {"trains": 0})["trains"]
    assert report["trains"] == (40 + repeated + started
                                - report["trains_not_sent"])
    assert report["trains"] == sum(m.arrays is not None for m in sent)
    assert report["pulses"] == sum(m.pulses for m in sent)
    # every train but a gap's is sent, whatever happened to its id
    indices = {m.train.train_id for m in sent if m.arrays is not None}
    assert len(indices) == 40 - report["trains_not_sent"]


def test_pulses_are_counted_by_truth(source):
    ledger = Ledger()
    for row in ticks(Feed(source, 10, trains=3)):
        ledger.sent(row[0])
    assert ledger.report()["by_label"] == {"0": 30}
    assert (ledger.first_train, ledger.last_train) == (FIRST, FIRST + 2)


def test_every_fault_is_described():
    assert set(FAULTS) == set(PAYLOAD) | set(STREAM)
    assert all(describe(name) for name in FAULTS)


def test_an_unknown_fault_is_refused(source):
    feed = Feed(source)
    with pytest.raises(ConfigurationError, match="one dimension"):
        feed.inject("earthquake")
    with pytest.raises(ConfigurationError, match="at least 1"):
        feed.inject("gap", 0)
