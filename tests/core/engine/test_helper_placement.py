"""Helpers run where their waker does not, and never nowhere."""
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from spectra_classifier.core.engine.helper_placement import HelperPlacement

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems place threads alone")


@pytest.fixture
def every():
    """Processors of this thread, which has them again afterwards."""
    processors = os.sched_getaffinity(0)
    yield processors
    os.sched_setaffinity(0, processors)


def allowed(pool):
    return pool.submit(os.sched_getaffinity, 0).result()


def test_a_helper_may_run_wherever_its_waker_is_not(every, subtests):
    placement = HelperPlacement()
    with ThreadPoolExecutor(1, initializer=placement.enter) as pool:
        assert allowed(pool) == every
        for here in every:
            with subtests.test(here=here):
                os.sched_setaffinity(0, {here})     # the kernel moves us there
                placement.away_from_here()
                assert allowed(pool) == {here}      # the only one there is
                os.sched_setaffinity(0, every)
                placement.away_from_here()
                left = allowed(pool)
                assert left and left <= every
                assert len(left) == max(len(every) - 1, 1)


def test_helpers_that_come_later_or_have_ended_do_no_harm(every):
    placement = HelperPlacement()
    placement.away_from_here()
    with ThreadPoolExecutor(1, initializer=placement.enter) as pool:
        pool.submit(threading.get_native_id).result()
    placement.away_from_here()      # that helper is no more
    with ThreadPoolExecutor(1, initializer=placement.enter) as pool:
        assert allowed(pool) == every
        placement.away_from_here()
        assert len(allowed(pool)) == max(len(every) - 1, 1)
