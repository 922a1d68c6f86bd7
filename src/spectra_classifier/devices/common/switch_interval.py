"""How often threads of Python take turns, while a live device runs.

With the 5 ms of Python, a train waits up to 5 ms for the interpreter's lock
each time its code comes back from a kernel or a system call while another
thread loads a model.
"""
import sys

#: s after which a thread of Python lets another one run
TURN = 5e-5

_before: dict[str, float] = {}


def shorten(device_id: str) -> None:
    """Let threads take turns after `TURN`, until `restore`."""
    _before.setdefault(device_id, next(
        iter(_before.values()), sys.getswitchinterval()))
    sys.setswitchinterval(TURN)


def restore(device_id: str) -> None:
    """Undo `shorten`, if this device is the last one that needs it."""
    before = _before.pop(device_id, None)
    if before is not None and not _before:
        sys.setswitchinterval(before)
