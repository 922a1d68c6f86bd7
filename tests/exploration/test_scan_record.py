"""Answers and values as they come: matched, bounded, evaluated."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.state_scan.picture import picture
from spectra_classifier.devices.state_scan.properties import scan_values
from spectra_classifier.errors import InputError
from spectra_classifier.exploration.scan_record import MOST, ScanRecord

CLASSES = ("low", "high")


def add(record, train_id, fraction, random, seconds=None, pulses=50):
    share = np.clip(fraction + 0.05 * random.normal(size=pulses), 0, 1)
    record.add_train(
        train_id, float(train_id if seconds is None else seconds),
        (share > 0.5).astype(np.int8), np.stack([1 - share, share], axis=1),
        np.full(pulses, 0.1, np.float32))


@given(st.lists(st.tuples(st.integers(1, 30), st.floats(-9, 9)), max_size=12),
       st.lists(st.integers(1, 30), min_size=1, max_size=12, unique=True),
       st.booleans())
@settings(deadline=None)
def test_a_train_has_the_value_of_its_time_in_whatever_order(
        values, trains, held):
    record, random = ScanRecord(CLASSES, held), np.random.default_rng(0)
    for train in trains:
        add(record, train, 0., random)
    for train, value in values:
        record.add_value(train, 0., value)
    for train, found in zip(trains, record.matched(), strict=True):
        known = [(when, place) for place, (when, _) in enumerate(values)
                 if (when <= train if held else when == train)]
        expected = values[max(known)[1]][1] if known else np.nan
        assert found == pytest.approx(expected, nan_ok=True)


def test_without_train_ids_the_time_decides():
    record, random = ScanRecord(CLASSES, True), np.random.default_rng(0)
    record.add_value(0, 5., 1.)
    record.add_value(0, 7., 2.)
    for number, seconds in enumerate((4., 6., 8.), 1000):
        add(record, number, 0., random, seconds)
    assert not record.by_train
    np.testing.assert_equal(record.matched(), [np.nan, 1., 2.])


def test_a_way_up_and_down_is_fitted_on_either_way():
    record, random = ScanRecord(CLASSES, True), np.random.default_rng(5)
    train = 1
    for middle, way in (6., np.arange(11.)), (4., np.arange(11.)[::-1]):
        for position in way:
            record.add_value(train, 0., float(position))
            for _ in range(6):
                add(record, train, np.clip((position - middle) / 4 + 0.5,
                                           0, 1), random)
                train += 1
    found = record.result("motor", "mm")
    up, down = found.transitions
    assert (up.rising, down.rising) == (True, False)
    for each, middle in (up, 6.), (down, 4.):
        assert each.found.midpoint_low < middle < each.found.midpoint_high
    assert found.hysteresis[0].low < 2 < found.hysteresis[0].high
    rows = scan_values(found)
    assert len(rows["scan.steps"]) == len(found.steps.position)
    assert "low 100.0%" in rows["scan.steps"][0][4]
    drawn = picture(found, "", 900, 500)
    assert drawn.shape == (500, 900, 3) and drawn.std() > 5
    assert (drawn != picture(None, "nothing", 900, 500)).any()


def test_what_cannot_be_evaluated_says_why():
    record, random = ScanRecord(CLASSES, True), np.random.default_rng(0)
    with pytest.raises(InputError, match="no train"):
        record.result("motor")
    add(record, 1, 0., random)
    with pytest.raises(InputError, match="no value"):
        record.result("motor")
    record.add_value(1, 0., 3.)
    add(record, 2, 0., random)
    with pytest.raises(InputError, match="does not change"):
        record.result("motor")


def test_trains_without_an_answer_are_counted_and_change_nothing():
    record, random = ScanRecord(CLASSES, True), np.random.default_rng(0)
    for train in range(1, 9):
        record.add_value(train, 0., float(train // 4))
        add(record, train, 0., random)
    record.add_train(9, 9., np.full(4, Code.LOW_INTENSITY, np.int8),
                     np.zeros((4, 2)), np.full(4, np.nan, np.float32))
    columns = record.result("motor").columns
    assert columns["pulses"].sum() == 8 * 50 + 4
    assert np.isfinite(columns["residual"]).all()


def test_an_hour_is_kept():
    record = ScanRecord(CLASSES, True)
    for train in range(MOST + 3):
        record.add_value(train, 0., 1.)
    assert len(record._values) == MOST
