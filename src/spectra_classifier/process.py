"""The one place where a process of the package is ended at once."""
import logging
import os
import sys
from typing import NoReturn

#: exit status of a process that has lost its broker (EX_UNAVAILABLE)
BROKER_LOST = 69
#: exit status of a process that has lost a task or thread that it needs, or
#: whose event loop has stopped (EX_SOFTWARE)
WORK_LOST = 70


def end_process(status: int, flush: bool = False) -> NoReturn:
    """End this process without clean-up.

    For a process whose clean-up cannot be trusted or would not end: an
    orderly stop waits for the broker, for threads of Karabo, or for an event
    loop that has stopped.

    Parameters
    ----------
    status
        Exit status for the supervisor (docs/runbook.md).
    flush
        Write what was printed first. It may wait for its reader, and
        for a thread that is printing: not for a watchdog.
    """
    if flush:
        sys.stdout.flush()
    os._exit(status)


def end_with_reason(device_id: str, reason: str, status: int) -> NoReturn:
    """Log `reason` and end this process, for its supervisor to restart it.

    Every device of the same server ends with it: each device of the package
    needs a server of its own.
    """
    message = f"{reason}: ending the process for its supervisor to restart it"
    logging.getLogger(device_id).critical(message)
    print(f"{device_id}: {message}", file=sys.stderr, flush=True)
    end_process(status)
