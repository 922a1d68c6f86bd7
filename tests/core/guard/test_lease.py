import math
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from spectra_classifier.core.guard.lease import Lease

VALID = 500.    # ms
PERIOD = 0.1    # s


def held(**changes):
    """(lease that is granted at sequence 12, time of its last renewal)."""
    lease, now = Lease(**changes), 40.
    for sequence in 10, 11, 12:
        now += PERIOD
        lease = lease.renew(True, sequence, VALID, now)
    assert lease.granted
    return lease, now


def test_nothing_is_granted_before_anything_came():
    lease = Lease().check(1.)
    assert (lease.granted, lease.reason) == (
        False, "no permit has been received yet")
    assert lease.age(1.) == math.inf


def test_the_first_word_is_a_starting_point_only():
    lease = Lease().renew(True, 10, VALID, 1.)
    assert not lease.granted
    assert "waiting" in lease.reason
    assert lease.renew(True, 11, VALID, 1.1).granted


@pytest.mark.parametrize("latching", [True, False])
def test_silence_is_no(latching):
    lease, now = held(latching=latching)
    assert lease.check(now + 0.5).granted
    lost = lease.check(now + 0.51)
    assert not lost.granted
    assert "not renewed for 510 ms" in lost.reason
    assert bool(lost.latch) == latching
    assert lost.trips == 1


def test_a_repeated_number_renews_nothing():
    lease, now = held()
    for _ in range(4):
        now += PERIOD
        lease = lease.renew(True, 12, VALID, now)
        assert lease.granted
    assert not lease.renew(True, 12, VALID, now + 0.2).granted


def test_a_repeated_number_can_withdraw():
    lease, now = held()
    lease = lease.renew(False, 12, VALID, now, "disarmed by an operator")
    assert lease.reason == ("the classifier does not permit: disarmed by an "
                            "operator")


@pytest.mark.parametrize("latching", [True, False])
def test_no_is_no_at_once(latching):
    lease, now = held(latching=latching)
    lease = lease.renew(False, 13, VALID, now + PERIOD, "too late")
    assert not lease.granted
    assert "the classifier does not permit: too late" in lease.reason
    again = lease.renew(True, 14, VALID, now + 2 * PERIOD)
    assert again.granted != latching
    assert lease.trips == again.trips == 1


@pytest.mark.parametrize("valid_for", [0., -1., math.nan])
def test_a_permit_without_time_is_none(valid_for):
    lease, now = held()
    lease = lease.renew(True, 13, valid_for, now + PERIOD)
    assert not lease.granted
    assert "not a valid permit" in lease.reason


def test_after_silence_the_first_word_may_be_old():
    """A word that waited in a buffer while the consumer was stopped."""
    lease, now = held()
    now += 30
    lease = lease.renew(True, 13, VALID, now)
    assert not lease.granted
    lease = lease.renew(True, 14, VALID, now + PERIOD)
    assert lease.granted
    assert lease.trips == 1


def test_a_yes_behind_a_no_is_a_change_and_no_leftover():
    lease = Lease().renew(False, 10, VALID, 1.)
    assert lease.renew(True, 11, VALID, 1.5).granted
    assert not lease.renew(True, 11, VALID, 1.51).granted


def test_a_permit_for_ever_is_none():
    lease = Lease(longest=math.inf)
    for sequence in range(5):
        lease = lease.renew(True, sequence, math.inf, sequence * PERIOD)
        assert not lease.granted


def test_two_words_that_are_far_apart_grant_nothing():
    lease = Lease()
    for number in range(10):
        lease = lease.renew(True, number, VALID, number * 0.6)
        assert not lease.granted


@pytest.mark.parametrize("latching", [True, False])
def test_a_classifier_that_starts_anew(latching):
    lease, now = held(latching=latching)
    lease = lease.renew(True, 3, VALID, now + PERIOD)
    assert not lease.granted
    assert "sequence went from 12 back to 3" in lease.reason
    lease = lease.renew(True, 4, VALID, now + 2 * PERIOD)
    assert not lease.granted       # a starting point again
    lease = lease.renew(True, 5, VALID, now + 3 * PERIOD)
    assert lease.granted != latching
    if latching:
        lease = lease.acknowledge()
        assert not lease.granted
        for sequence in 6, 7:
            now += PERIOD
            lease = lease.renew(True, sequence, VALID, now + 3 * PERIOD)
        assert lease.granted


def test_an_acknowledgement_grants_nothing_by_itself():
    lease, now = held(latching=True)
    lease = lease.check(now + 9).acknowledge()
    assert (lease.granted, lease.latch) == (False, "")
    assert not lease.check(now + 9).granted
    assert lease.acknowledge() is lease


def test_a_latch_keeps_the_first_reason():
    lease, now = held(latching=True)
    lease = lease.renew(False, 13, VALID, now + PERIOD, "first")
    lease = lease.renew(False, 14, VALID, now + 2 * PERIOD, "second")
    lease = lease.check(now + 99)
    assert lease.latch == "the classifier does not permit: first"
    assert lease.trips == 1


def test_the_consumer_limits_what_is_asked_for():
    lease, now = held(longest=200.)
    assert lease.check(now + 0.2).granted
    assert not lease.check(now + 0.201).granted


@pytest.mark.parametrize("latching", [True, False])
def test_the_consumer_can_withdraw(latching):
    lease, now = held(latching=latching)
    lease = lease.withdraw("the shutter did not follow")
    assert not lease.granted
    assert "did not follow" in lease.reason
    assert bool(lease.latch) == latching
    assert not lease.renew(True, 13, VALID, now + 0.01).granted


def test_the_consumer_can_latch_what_is_not_granted():
    lease = Lease().withdraw("closed by an operator", latch=True)
    assert lease.latch == "closed by an operator"
    assert lease.trips == 0
    again = lease.withdraw("something else", latch=True)
    assert again.latch == "closed by an operator"
    for sequence in range(5):
        lease = lease.renew(True, sequence, VALID, sequence * PERIOD)
    assert not lease.granted


def test_age():
    lease, now = held()
    assert lease.age(now + 0.25) == pytest.approx(0.25)


@given(latching=st.booleans(), words=st.lists(st.tuples(
    st.booleans(), st.integers(0, 30), st.sampled_from([-1., 200., 900.]),
    st.sampled_from([0.01, 0.1, 0.25, 0.6])), max_size=40))
def test_granted_only_while_the_sequence_advances_in_time(latching, words):
    """After any words: granted means that the last two advances were true,
    in order, and that the later one is not older than it said."""
    lease, now, history = Lease(latching=latching, longest=500.), 0., []
    for permit, sequence, valid_for, pause in words:
        now += pause
        lease = lease.renew(permit, sequence, valid_for, now)
        # a word that is valid for no time is none: nothing repeats it
        if (not history or sequence != history[-1][1]
                or history[-1][2] <= 0):
            history.append((permit, sequence, min(valid_for, 500.), now))
        if lease.granted:
            assert permit
            (_, older, span, then), (latest, newer, _, _) = history[-2:]
            assert latest
            assert newer > older
            assert history[-1][3] - then <= span / 1000 + 1e-9
        assert not (lease.granted and lease.latch)
        late = lease.check(now + 0.5001)
        assert not late.granted
        assert late.trips == lease.trips + lease.granted


WRONG_WORDS = [
    ("true", 13, VALID, ""), ("false", 13, VALID, ""), (1, 13, VALID, ""),
    ([True], 13, VALID, ""), (math.nan, 13, VALID, ""),
    (True, 13., VALID, ""), (True, True, VALID, ""), (True, "13", VALID, ""),
    (True, math.nan, VALID, ""), (True, [13], VALID, ""),
    (True, 2 ** 64, VALID, ""), (True, -1, VALID, ""),
    (True, 13, "500", ""), (True, 13, True, ""), (True, 13, 10 ** 400, ""),
    (True, 13, VALID, None), (True, 13, VALID, "x" * 2000)]


def test_a_word_of_wrong_types_withdraws(subtests):
    for latching, word in product([True, False], WRONG_WORDS):
        with subtests.test(latching=latching, word=word):
            lease, now = held(latching=latching)
            permit, sequence, valid_for, reason = word
            lease = lease.renew(permit, sequence, valid_for, now + PERIOD,
                                reason)
            assert not lease.granted
            assert "it is not a valid permit" in lease.reason
            assert bool(lease.latch) == latching
            # and the next good one is a starting point only
            assert not lease.renew(True, 14, VALID, now + 2 * PERIOD).granted


@pytest.mark.parametrize("later", [math.nan, -1., -math.inf])
def test_a_clock_that_is_none_proves_nothing(later):
    lease, now = held()
    assert not lease.check(now + later).granted
    assert not lease.renew(True, 13, VALID, now + later).granted


class Consumer(RuleBasedStateMachine):
    """A lease beside the sentence that it has to keep.

    Granted means: the last two messages that had the types of a permit were
    both told in time, one after the other, the later one with a larger
    number and true, nothing else came in between, and the later one is not
    older than it said.
    """

    def __init__(self):
        super().__init__()
        self.now = 100.
        self.lease = Lease(latching=False, longest=500.)
        self.sequence = 10
        self.good = []          # (number, span in s, when), since the last
        self.permitted = False  # thing that broke the row

    def hear(self, permit, sequence, valid_for):
        self.lease = self.lease.renew(permit, sequence, valid_for, self.now)
        if not (type(permit) is bool and type(sequence) is int
                and 0 <= sequence < 2 ** 64
                and type(valid_for) in (int, float)
                and 0 < valid_for < math.inf):
            self.good, self.permitted = [], False
            return
        if self.good and sequence == self.good[-1][0]:
            self.permitted &= permit
            return
        if self.good and sequence < self.good[-1][0]:
            self.good = []
        self.good.append((sequence, min(valid_for, 500.) / 1000, self.now))
        self.permitted = permit

    @rule(step=st.integers(-3, 6), permit=st.booleans(),
          valid_for=st.sampled_from([50., 200., 500, 9000.]))
    def word(self, step, permit, valid_for):
        self.sequence = max(0, self.sequence + step)
        self.hear(permit, self.sequence, valid_for)

    @rule(permit=st.sampled_from([True, "true", "false", 1, None, [True],
                                  math.nan]),
          sequence=st.sampled_from([5, 10 ** 30, -4, True, "7", 8.,
                                    math.nan, [9]]),
          valid_for=st.sampled_from([500., math.nan, math.inf, 0., -1.,
                                     "500", True, 10 ** 400]))
    def odd_word(self, permit, sequence, valid_for):
        self.hear(permit, sequence, valid_for)

    @rule(pause=st.sampled_from([0., 0.01, 0.05, 0.2, 0.21, 0.6, 40., -0.02]))
    def wait(self, pause):
        self.now += pause
        self.lease = self.lease.check(self.now)

    @rule(latch=st.booleans())
    def withdraw(self, latch):
        self.lease = self.lease.withdraw("the consumer wants it", latch)
        self.good, self.permitted = [], False

    @rule()
    def acknowledge(self):
        self.lease = self.lease.acknowledge()

    @invariant()
    def granted_only_with_a_proof(self):
        if not self.lease.check(self.now).granted:
            return
        assert not self.lease.latch
        assert self.permitted
        (older, span, then), (newer, valid, last) = self.good[-2:]
        assert newer > older
        assert 0 <= last - then <= span + 1e-9
        assert 0 <= self.now - last <= valid + 1e-9


Consumer.TestCase.settings = settings(max_examples=100,
                                      stateful_step_count=40, deadline=None)
TestConsumer = Consumer.TestCase
