"""Garbage collections that do not stop the trains.

The server of a device holds some 200,000 objects that stay, most of them of
modules. A full collection visits each of them, for 0.1 to 0.15 s in which no
other thread runs; models that come and go cause one a minute.
"""
import gc

_frozen: set[str] = set()


def freeze(device_id: str) -> None:
    """Exclude what exists by now from garbage collections, once a device."""
    if device_id not in _frozen:
        _frozen.add(device_id)
        gc.collect()
        gc.freeze()


def unfreeze(device_id: str) -> None:
    """Include everything again, as the device is garbage soon.

    Also what another device of the server has excluded, which costs it a
    stop now and then; what is excluded is never freed.
    """
    if device_id in _frozen:
        _frozen.remove(device_id)
        gc.unfreeze()
