"""How a device ends its process, with a reason that is logged."""
import logging
import sys
from typing import NoReturn

from ...process import end_process


def end_with_reason(device_id: str, reason: str, status: int) -> NoReturn:
    """Log `reason` and end this process, for its supervisor to restart it.

    Every device of the same server ends with it: each device of the package
    needs a server of its own.
    """
    message = f"{reason}: ending the process for its supervisor to restart it"
    logging.getLogger(device_id).critical(message)
    print(f"{device_id}: {message}", file=sys.stderr, flush=True)
    end_process(status)
