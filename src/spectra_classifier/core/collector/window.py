"""Trains ordered by id, each delayed as little as possible and never too long.

A train is released when every train before it is out or cannot arrive any
more: it directly follows the last one, or every worker has delivered a newer
one (a worker delivers in order), or its waiting time is over. A train that
arrives behind the edge is too late.
"""
import heapq
import math
from enum import StrEnum


class Place(StrEnum):
    """Result of adding a train to the window."""
    HELD = "held"            # waits for its turn
    REPEATED = "repeated"    # one with this id waits already
    BEHIND = "behind"        # a newer one has gone


class ReorderWindow[Item]:
    """Holds trains; not thread safe, time is an argument.

    Attributes
    ----------
    patience
        Seconds that a train may wait.
    capacity
        Number of trains that may wait; beyond it the oldest are released.
    edge
        Id of the newest released train, None before any.
    high_water
        Largest number of trains that ever waited.
    """

    def __init__(self, patience: float = 0.25, capacity: int = 200) -> None:
        self.patience = patience
        self.capacity = capacity
        self.edge: int | None = None
        self.high_water = 0
        self._order: list[int] = []     # heap of ids
        # id -> (arrived, item)
        self._held: dict[int, tuple[float, Item]] = {}

    def __len__(self) -> int:
        return len(self._held)

    def items(self) -> list[Item]:
        """The items that wait, in no order."""
        return [item for _, item in self._held.values()]

    def put(self, train_id: int, item: Item, now: float) -> Place:
        """Add a train; returns its `Place`."""
        if train_id in self._held:
            return Place.REPEATED
        if self.edge is not None and train_id <= self.edge:
            return Place.BEHIND
        self._held[train_id] = now, item
        heapq.heappush(self._order, train_id)
        self.high_water = max(self.high_water, len(self._held))
        return Place.HELD

    def take(self, now: float,
             watermark: int | None = None) -> list[tuple[int, Item]]:
        """Return the trains that are due, as (id, item) in order.

        Parameters
        ----------
        now
            Monotonic seconds.
        watermark
            No id up to this one can arrive any more; None where not known.
        """
        limit = -1 if watermark is None else watermark + 1
        # what has waited long enough takes everything before it along
        limit = max([limit, *(number for number, (arrived, _)
                              in self._held.items()
                              if arrived + self.patience <= now)])
        taken = []
        while self._order and (
                self._order[0] <= limit or self._follows(self._order[0])
                or len(self._held) > self.capacity):
            first = self.edge = heapq.heappop(self._order)
            taken.append((first, self._held.pop(first)[1]))
        return taken

    def _follows(self, train_id: int) -> bool:
        return self.edge is not None and train_id == self.edge + 1

    def due(self) -> float:
        """Return when `take` returns something at latest, in monotonic s."""
        return min((arrived for arrived, _ in self._held.values()),
                   default=math.inf) + self.patience

    def flush(self) -> list[tuple[int, Item]]:
        """Release all trains, as (id, item) in order, and forget the edge."""
        taken = [(number, self._held[number][1])
                 for number in sorted(self._held)]
        self._held.clear()
        self._order.clear()
        self.edge = None
        return taken
