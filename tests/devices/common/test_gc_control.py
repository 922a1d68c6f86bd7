import gc
import weakref

import pytest

from spectra_classifier.devices.common.gc_control import freeze, unfreeze

#: objects that the interpreter sets aside on its own, and some more
FEW = 2000


class Ring:
    """Refers to itself: only a collection can free it."""

    def __init__(self):
        self.me = self


@pytest.fixture(autouse=True)
def nobody_left():
    yield
    for device_id in "one", "other":
        unfreeze(device_id)


def test_what_stays_is_not_looked_at():
    assert gc.get_freeze_count() < FEW
    freeze("one")
    assert gc.get_freeze_count() > FEW
    unfreeze("one")
    assert gc.get_freeze_count() < FEW


def test_garbage_from_before_is_not_kept():
    gone = weakref.ref(Ring())
    freeze("one")
    assert gone() is None


def test_what_comes_later_is_collected():
    freeze("one")
    gone = weakref.ref(Ring())
    gc.collect()
    assert gone() is None


def test_what_a_device_leaves_is_collected_though_another_stays():
    ring = Ring()
    gone = weakref.ref(ring)
    freeze("one")
    freeze("other")
    unfreeze("one")      # it still runs, as a device does that shuts down
    del ring
    gc.collect()
    assert gone() is None


def test_once_for_each_device():
    freeze("one")
    before = gc.get_freeze_count()
    kept = [Ring() for _ in range(1000)]
    freeze("one")
    assert gc.get_freeze_count() - before < len(kept)
    unfreeze("other")
    assert gc.get_freeze_count() > FEW
