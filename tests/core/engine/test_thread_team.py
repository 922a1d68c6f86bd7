import threading
from itertools import product

import pytest

from spectra_classifier.core.engine.thread_team import Team, shards


def test_every_pulse_once_in_whole_blocks(subtests):
    for count, threads in product([0, 1, 31, 32, 33, 100, 2700], [1, 2, 5]):
        with subtests.test(count=count, threads=threads):
            parts = shards(count, 32, threads)
            assert [pulse for part in parts for pulse in range(*part)] == (
                list(range(count)))
            assert all(start % 32 == 0 for start, _ in parts)


def test_shards_are_few_and_equal():
    sizes = [stop - start for start, stop in shards(2700, 32, 2)]
    assert sizes == [704, 704, 704, 588]


def test_what_is_not_worth_it_wakes_nobody():
    done = []
    team = Team(2, "test")
    team.share(100, 32, lambda *part: done.append(part), alone=100)
    assert done == [(0, 100)]
    team.share(101, 32, lambda *part: done.append(part), alone=100)
    assert len(done) > 2


def test_a_team_does_all_of_it(subtests):
    for count, threads in product([0, 1, 32, 33, 1000], [1, 2, 5]):
        with subtests.test(count=count, threads=threads):
            done = [0] * count

            def work(start, stop, done=done):
                for k in range(start, stop):
                    done[k] += 1

            Team(threads, "test").share(count, 32, work)
            assert done == [1] * count


def test_the_caller_and_the_helpers_work_at_the_same_time():
    together = threading.Barrier(3, timeout=10)
    names = set()

    def work(start, stop):
        name = threading.current_thread().name
        if name not in names:
            names.add(name)
            together.wait()

    Team(3, "helper").share(1000, 32, work)
    assert threading.current_thread().name in names
    assert sum(name.startswith("helper") for name in names) == 2


def test_helpers_that_are_busy_elsewhere_are_not_waited_for():
    team = Team(2, "test")
    held, release = threading.Event(), threading.Event()

    def hold(start, stop):
        if threading.current_thread().name.startswith("test"):
            held.set()
            assert release.wait(10)
        else:
            assert held.wait(10)

    other = threading.Thread(target=team.share, args=(64, 32, hold))
    other.start()
    assert held.wait(10)
    done = []
    team.share(1000, 32, lambda start, stop: done.append((start, stop)))
    release.set()
    other.join()
    assert done == shards(1000, 32, 2)


@pytest.mark.parametrize("where", ["MainThread", "test"])
def test_what_work_raises_reaches_the_caller(where):
    both = threading.Barrier(2, timeout=10)
    seen = set()

    def work(start, stop):
        name = threading.current_thread().name
        if name not in seen:
            seen.add(name)
            both.wait()
            if name.startswith(where):
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Team(2, "test").share(1000, 32, work)
