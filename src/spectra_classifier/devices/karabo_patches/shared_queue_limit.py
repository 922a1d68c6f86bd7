"""A bounded queue for receivers that share the trains of an output.

An output of Karabo 3.1 has one queue for all receivers that share its data.
With `noInputShared` *queueDrop* it grows without bound while no receiver has
time (`NetworkOutput.shared_queue`, `CancelQueue(0)`), by reference: 7 MB for
every train of a large detector. And what waits when the last receiver leaves
is given to the next one that connects, however much later. Here the queue
holds `maxQueueLength` trains, the oldest is dropped first, and it is emptied
when the last receiver leaves.
"""
from asyncio import Queue
from collections.abc import MutableMapping
from typing import Any

from karabo.middlelayer import NetworkOutput

from .version import is_tested


class BoundedSharedQueue(Queue[Any]):
    """The last `length` trains for receivers that share them."""

    def __init__(self, length: int) -> None:
        super().__init__()
        self.length = length

    def put_nowait(self, item: Any) -> None:
        """As in `Queue`; the oldest item is dropped where there is no room."""
        if self.qsize() >= self.length:
            self.get_nowait()
        super().put_nowait(item)

    def cancel(self) -> None:
        """Drop all items and waiting receivers: the last one has left."""
        # as Karabo's own queue does it: nothing else can wake them
        for getter in self._getters:    # type: ignore[attr-defined] # private
            getter.cancel()
        while not self.empty():
            self.get_nowait()


class SharedQueueLimit(NetworkOutput):
    """An output with a `BoundedSharedQueue` for *queueDrop*.

    With a version of Karabo that is not known here *queueDrop* becomes
    *drop*, which keeps one train: memory must not grow without bound.
    """

    def __init__(self, configuration: MutableMapping[str, Any]) -> None:
        tested = is_tested()
        if not tested and configuration.get(
                "noInputShared", type(self).noInputShared.defaultValue
                ) == "queueDrop":
            configuration["noInputShared"] = "drop"
        super().__init__(configuration)
        if tested and self.noInputShared == "queueDrop":
            self.shared_queue = BoundedSharedQueue(
                int(self.maxQueueLength.value))
