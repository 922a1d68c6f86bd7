import math

import pytest

from spectra_classifier.core.guard.driven_device import (
    REPEAT,
    UNANSWERED,
    DrivenDevice,
)


def driven(wanted, is_open, now=10.):
    """A target that was told `wanted` at `now` and says `is_open` then."""
    target, _ = DrivenDevice(patience=2.).drive(wanted, now)
    return target.report(is_open, now)


@pytest.mark.parametrize(("wanted", "command"), [
    (False, "close"), (True, "open")])
def test_the_first_wish_is_always_a_command(wanted, command):
    target, first = DrivenDevice().drive(wanted, 10.)
    assert first == command
    assert target.drive(wanted, 10.01)[1] == ""
    assert target.drive(not wanted, 10.02)[1] != ""


def test_a_close_is_repeated_until_it_is_followed():
    target = driven(False, True)
    target, command = target.drive(False, 10.1 + REPEAT)
    assert command == "close"
    assert target.drive(False, 10.2 + REPEAT)[1] == ""
    target = target.report(False, 11.)
    assert target.drive(False, 20.)[1] == ""
    # and again where somebody else opens it
    assert target.report(True, 21.).drive(False, 21.)[1] == "close"


def test_one_that_has_restarted_is_closed_again_before_it_is_opened():
    for reports in (True, False):
        target, _ = DrivenDevice(reports=reports).drive(False, 10.)
        target = target.report(False, 20.).restarted()
        assert "does not answer" in target.unready(20.)
        target, command = target.drive(False, 20.)
        assert command == "close"
        assert target.trouble(21.9) == ""
        assert target.answered("").report(False, 21.).unready(21.) == ""


def test_an_open_is_never_repeated():
    assert driven(True, False).drive(True, 99.)[1] == ""


def test_trouble_comes_after_patience(subtests):
    for wanted, is_open, words in [
            (True, True, ""), (False, False, ""),
            (True, False, "is closed although it was commanded to open"),
            (False, True, "is open although it was commanded to close")]:
        with subtests.test(wanted=wanted, is_open=is_open):
            target = driven(wanted, is_open)
            assert target.trouble(11.9) == ""
            assert words in target.report(is_open, 12.1).trouble(12.1)


def test_a_target_that_does_not_answer():
    assert driven(False, False).trouble(12.1) == "the target does not answer"
    assert DrivenDevice().drive(False, 0.)[0].trouble(2.1) == (
        "the target does not answer")


def test_a_close_that_is_repeated_does_not_renew_patience():
    target = driven(False, True)
    for tenth in range(1, 25):
        now = 10 + tenth / 10
        target, _ = target.report(True, now).drive(False, now)
    assert "commanded to close" in target.trouble(now)


def test_a_target_that_cannot_report_is_believed_while_it_answers():
    target, _ = DrivenDevice(reports=False).drive(False, 0.)
    target = target.answered("")
    assert target.report(None, 98.).trouble(99.) == ""
    assert target.trouble(99.) == "the target does not answer"
    assert target.drive(False, 99.) == (target, "")


def test_one_that_cannot_report_is_closed_once_it_has_answered_a_close():
    target, _ = DrivenDevice(reports=False).drive(False, 10.)
    for refusal, words in ((None, UNANSWERED), ("not now", "not now")):
        if refusal:
            target = target.answered(refusal)
        target = target.report(None, 12.1)
        assert target.needs_answer
        assert target.unready(12.1) == target.trouble(12.1) == words
        assert target.disobeys(12.1)
    closed = target.answered("")
    assert not closed.needs_answer
    assert closed.unready(12.1) == closed.trouble(12.1) == ""
    opened, _ = closed.drive(True, 12.2)
    assert not opened.needs_answer
    assert opened.trouble(14.) == ""
    assert opened.drive(False, 13.)[0].needs_answer
    assert not DrivenDevice().drive(False, 10.)[0].needs_answer


def test_a_target_that_says_neither():
    target = driven(False, None)
    assert "neither open nor closed" in target.report(None, 12.1).trouble(12.1)
    assert target.drive(False, 10.1 + REPEAT)[1] == "close"


def test_who_has_to_look_at_it(subtests):
    """A target that is silent while it is closed may only be off."""
    for wanted, is_open, heard, disobeys in [
            (True, True, 13., False), (True, False, 13., True),
            (True, None, 13., True), (True, True, 10., True),
            (False, False, 13., False), (False, True, 13., True),
            (False, None, 13., True), (False, True, 10., False)]:
        with subtests.test(wanted=wanted, is_open=is_open, heard=heard):
            target = driven(wanted, is_open).report(is_open, heard)
            assert target.disobeys(13.5) == disobeys
            assert not target.disobeys(11.)


UNREADY = [
    (False, 20., ""), (False, 17., "does not answer"),
    (False, 21., "does not answer"), (False, math.nan, "does not answer"),
    (True, 20., "commanded to close"), (None, 20., "neither")]


def test_only_a_target_that_says_it_is_closed_is_opened(subtests):
    for is_open, heard, words in UNREADY:
        with subtests.test(is_open=is_open, heard=heard):
            target = driven(False, False, 10.).report(is_open, heard)
            assert words in target.unready(20.)
            assert bool(target.unready(20.)) == bool(words)


def test_a_target_that_is_just_closing_is_not_opened():
    assert "does not report" in driven(False, True).unready(10.5)
    assert driven(False, False).unready(10.5) == ""


def test_a_target_that_only_answers_may_be_opened():
    target, _ = DrivenDevice(reports=False).drive(False, 10.)
    target = target.answered("")
    assert "does not answer" in target.unready(10.)
    assert target.report(None, 10.1).unready(10.2) == ""


def test_a_target_that_was_never_commanded_is_in_no_trouble():
    assert DrivenDevice().trouble(99.) == ""
    assert not DrivenDevice().disobeys(99.)
