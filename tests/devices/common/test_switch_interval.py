import sys

from spectra_classifier.devices.common.switch_interval import (
    TURN,
    restore,
    shorten,
)


def test_short_while_a_device_needs_it():
    before = sys.getswitchinterval()
    try:
        for device_id in "one", "one", "other":
            shorten(device_id)
            assert abs(sys.getswitchinterval() - TURN) < 1e-6
        restore("one")
        restore("never there")
        assert abs(sys.getswitchinterval() - TURN) < 1e-6
    finally:
        restore("one")
        restore("other")
    assert abs(sys.getswitchinterval() - before) < 1e-6
