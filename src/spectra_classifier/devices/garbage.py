"""Garbage collections that do not stop the trains.

The server of a device holds some 200,000 objects that stay, most of them of
modules. A full collection looks at each of them, for 0.1 to 0.15 s in which
no other thread runs; models that come and go cause one a minute.
"""
import gc

_settled = set()


def settle(device_id):
    """What there is by now stays, and is not looked at any more."""
    if device_id not in _settled:
        _settled.add(device_id)
        _set_aside()


def release(device_id):
    """A device goes; what it leaves behind may be garbage."""
    if device_id in _settled:
        _settled.remove(device_id)
        gc.unfreeze()
        if _settled:
            _set_aside()


def _set_aside():
    gc.collect()
    gc.freeze()
