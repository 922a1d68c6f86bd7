"""Garbage collection without pauses of the trains.

The server of a device holds some 200,000 permanent objects, most of them of
modules. A full collection visits all of them and blocks every thread for 0.1
to 0.15 s; loading and dropping models causes one per minute.
"""
import gc

_frozen: set[str] = set()


def freeze(device_id: str) -> None:
    """Exclude all present objects from later collections."""
    if device_id not in _frozen:
        _frozen.add(device_id)
        gc.collect()
        gc.freeze()


def unfreeze(device_id: str) -> None:
    """Include all objects again, since the device is about to be freed.

    This also includes the objects frozen for another device of the server,
    which then sees pauses; frozen objects would never be freed.
    """
    if device_id in _frozen:
        _frozen.remove(device_id)
        gc.unfreeze()
