"""Start of a script outside a device: synchronous API, with a deadline."""
import faulthandler
import sys
import time
from collections.abc import Callable, Iterable

from karabo.middlelayer import getDevices, getServers
from karabo.middlelayer.ikarabo import start_device_client

from .processes import ManagedProcess

POLL = 0.1      # s
#: s that a thread may keep the interpreter while the client starts: Karabo
#: asks for the result of a task that is about to end, and on a busy machine
#: the other thread gets there first
SWITCH_INTERVAL = 1.


def start(*servers: str, deadline: float = 60, wait: float = 30,
          processes: Iterable[ManagedProcess] = ()) -> None:
    """Start the scripting client and wait for `servers`.

    Some calls of the client can wait for ever (`shutdown` of an id that is
    gone), so after `deadline` seconds all stacks are printed and the process
    exits. `processes` are the servers' own: if one of them ends meanwhile,
    its log is the error. Raises `TimeoutError` after `wait` seconds.
    """
    extend_deadline(deadline)
    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_INTERVAL)
    try:
        start_device_client()
    finally:
        sys.setswitchinterval(before)
    wait_for_servers(*servers, timeout=wait, processes=processes)


def extend_deadline(seconds: float) -> None:
    """Count the hard deadline of this process anew."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def wait_for_servers(*servers: str, timeout: float = 30,
                     processes: Iterable[ManagedProcess] = ()) -> None:
    """Wait until the topology shows `servers`."""
    _wait_for(set(servers), getServers, timeout, processes)


def wait_for_devices(*devices: str, timeout: float = 30,
                     processes: Iterable[ManagedProcess] = ()) -> None:
    """Wait until the topology shows `devices`."""
    _wait_for(set(devices), getDevices, timeout, processes)


def _wait_for(wanted: set[str], seen: Callable[[], Iterable[str]],
              timeout: float, processes: Iterable[ManagedProcess]) -> None:
    end = time.monotonic() + timeout
    while missing := wanted - set(seen()):
        for process in processes:
            process.require_running()
        if time.monotonic() > end:
            raise TimeoutError(f"not seen after {timeout} s: "
                               f"{', '.join(sorted(missing))}")
        time.sleep(POLL)
