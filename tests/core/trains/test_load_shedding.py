"""Degraded when the engine is too slow, whole again when it is not."""
import math
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spectra_classifier.core.trains.load_shedding import (
    CALM,
    LEAST,
    OVERLOADED,
    RELIEVED,
    SUSTAINED,
    Pace,
    Pacer,
    advance,
)

LIMIT = 0.25


class Engine:
    """Trains at 10 Hz, one after the other, at a cost that can change."""

    def __init__(self, overhead=0., period=0.1):
        self.overhead, self.period = overhead, period
        self.pacer = Pacer()
        self.received = self.free = 0.
        self.waited = 0.

    def run(self, cost, trains, limit=LIMIT):
        """Shares of trains of which all pulses would cost so many s."""
        shares = []
        for _ in range(trains):
            self.received += self.period
            self.pacer.arrived(self.received)
            begin = max(self.free, self.received)
            self.waited = begin - self.received
            share = self.pacer.share_for(self.received, begin, limit)
            self.free = begin + self.overhead + share * cost
            self.pacer.worked(self.free - begin)
            shares.append(share)
        return shares


def test_an_engine_with_time_is_left_alone():
    assert set(Engine().run(0.08, 200)) == {1.}


def test_a_slow_engine_is_relieved_until_nothing_waits(subtests):
    for cost, overhead in product([0.15, 0.3, 1.], [0., 0.02]):
        with subtests.test(cost=cost, overhead=overhead):
            engine = Engine(overhead)
            shares = engine.run(cost, 150)
            assert shares[-1] < 1
            assert engine.waited < 2 * LIMIT
            steady = engine.run(cost, 300)
            assert engine.waited < LIMIT
            # it holds what it can do, and does not swing
            assert len(set(steady)) <= 4
            assert steady[-1] * cost + overhead <= OVERLOADED * 0.1
            assert steady[-1] * cost + overhead >= 0.5 * 0.1


def test_it_recovers_by_itself():
    engine = Engine()
    assert engine.run(0.4, 100)[-1] < 1
    assert engine.run(0.05, 100)[-1] == 1


def test_a_stall_of_something_else_does_not_degrade():
    engine = Engine()
    engine.run(0.03, 50)
    engine.free += 0.8          # nobody worked for a while
    assert set(engine.run(0.03, 100)) == {1.}


def test_a_single_stall_of_the_engine_does_not_degrade():
    engine = Engine()
    engine.run(0.03, 50)
    engine.run(0.6, 1)
    assert set(engine.run(0.03, 100)) == {1.}


@pytest.mark.parametrize("stall", [0.5, 1., 1.9])
def test_the_burst_behind_a_stall_of_the_source_does_not_degrade(stall):
    engine = Engine()
    engine.run(0.03, 50)
    engine.received += stall
    engine.period = 1e-3
    assert set(engine.run(0.03, round(stall / 0.1))) == {1.}
    engine.period = 0.1
    assert set(engine.run(0.03, 50)) == {1.}


def test_it_can_be_switched_off():
    engine = Engine()
    assert engine.run(0.4, 100)[-1] < 1
    assert set(engine.run(0.4, 10, limit=math.inf)) == {1.}


def test_nothing_is_concluded_from_a_few_trains_or_behind_a_pause():
    engine = Engine()
    assert engine.run(0.4, 4) == [1.] * 4
    engine.run(0.4, 100)
    engine.received += 10
    engine.run(0.01, 1)
    assert math.isnan(engine.pacer.load)


@given(st.floats(LEAST, 1.), st.integers(0, CALM), st.floats(0, 100),
       st.floats(0, 10))
def test_the_share_stays_within_its_bounds(share, calm, load, waited):
    pace = advance(Pace(share, calm), load, waited, LIMIT)
    assert LEAST <= pace.share <= 1
    if waited > LIMIT and load > OVERLOADED:
        assert pace.share <= max(share, LEAST)


def test_trains_that_are_skipped_tell_the_rate_as_well():
    """An engine that is far too slow sees one train in many."""
    pacer = Pacer()
    for number in range(200):
        pacer.arrived(number / 10)
        if number % 20 == 19:       # each takes 2 s
            share = pacer.share_for(number / 10, number / 10 + 1, LIMIT)
            pacer.worked(2 * share)
    assert share == LEAST


def test_between_the_two_thresholds_nothing_changes():
    """Hysteresis: neither relief nor recovery at the same load."""
    assert RELIEVED < SUSTAINED < OVERLOADED
    for load in 0.7, 0.85:
        pace = Pace(0.5)
        for _ in range(3 * CALM):
            pace = advance(pace, load, 0., LIMIT)
        assert pace.share == 0.5


@pytest.mark.parametrize(("waited", "limit"), [
    (math.nan, LIMIT), (9., math.nan), (math.nan, math.nan)])
def test_what_is_not_known_changes_nothing(waited, limit):
    assert advance(Pace(0.3, 4), 2., waited, limit) == Pace(0.3)
