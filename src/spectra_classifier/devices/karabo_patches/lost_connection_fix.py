"""A receiver that dies must not deafen the one that comes next.

asyncio of Python 3.12 (`_SelectorSocketTransport.writelines`) does not look
whether its connection is lost: what Karabo sends behind the write that failed
is buffered, and the closed socket is registered as one to be written to. The
next connection gets the number of that socket, its registration fails, and
nothing that it says is ever read: a guard that came back was connected and
heard no permit. `write` has the check that is missing here.
"""
from asyncio import selector_events
from functools import wraps

TRANSPORT = selector_events._SelectorSocketTransport


def mend():
    """Let `writelines` drop what is for a lost connection, as `write` does."""
    writelines = TRANSPORT.writelines
    if hasattr(writelines, "__wrapped__"):
        return

    @wraps(writelines)
    def checked(self, list_of_data):
        if not self._conn_lost:
            writelines(self, list_of_data)

    TRANSPORT.writelines = checked
