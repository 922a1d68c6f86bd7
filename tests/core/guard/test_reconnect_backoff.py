"""When a listener connects anew."""
from spectra_classifier.core.guard.reconnect_backoff import (
    LONGEST,
    ReconnectBackoff,
)


def test_only_after_silence():
    hearing = ReconnectBackoff(5., 100.)
    assert not hearing.is_due(104.9)
    assert hearing.is_due(105.)
    hearing = hearing.heard(104.)
    assert not hearing.is_due(108.9)
    assert hearing.is_due(109.)


def test_the_waits_grow_to_a_limit_and_a_word_ends_that():
    hearing, now, waits = ReconnectBackoff(5., 0.), 0., []
    for _ in range(8):
        begin = now
        while not hearing.is_due(now):
            now += 1
        waits.append(now - begin)
        hearing = hearing.tried(now)
    assert waits == [5, 10, 20, 40, 80, 80, 80, 80]
    assert LONGEST * 5 == 80
    assert hearing.attempts == 8
    hearing = hearing.heard(now)
    assert hearing.is_due(now + 5)
    assert hearing.attempts == 8
