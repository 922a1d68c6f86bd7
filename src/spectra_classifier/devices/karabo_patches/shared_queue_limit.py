"""What waits for shared receivers is bounded, and gone when they are.

An output of Karabo 3.1 has one queue for all receivers that share its data.
With `noInputShared` "queueDrop" it grows without bound while no receiver has
time (`NetworkOutput.shared_queue`, `CancelQueue(0)`), by reference: 7 MB for
every train of a big detector. And what waits when the last receiver goes is
given to the next one that comes, however much later. Here the queue is a ring
of `maxQueueLength` trains, the oldest goes first, and it is emptied with the
last receiver.

Only for outputs of processes that load this package. The receiver of another
output cannot bound it: leave `noInputShared` there at "drop".
"""
from asyncio import Queue
from functools import wraps

from karabo.middlelayer import NetworkOutput


class SharedRing(Queue):
    """The last `length` trains for receivers that share them."""

    def __init__(self, length):
        super().__init__()
        self.length = length

    def put_nowait(self, item):
        """As in `Queue`; the oldest one goes where there is no room."""
        if self.qsize() >= self.length:
            self.get_nowait()
        super().put_nowait(item)

    def cancel(self):
        """Called when the last receiver is gone: let go what waits."""
        # as Karabo's own queue does it: nobody else can wake them
        for getter in self._getters:
            getter.cancel()
        while not self.empty():
            self.get_nowait()


def bound():
    """Let every output of this process bound its shared queue."""
    make = NetworkOutput.__init__
    if hasattr(make, "__wrapped__"):
        return

    @wraps(make)
    def bounded(self, config):
        make(self, config)
        if self.noInputShared == "queueDrop":
            self.shared_queue = SharedRing(int(self.maxQueueLength.value))

    NetworkOutput.__init__ = bounded
