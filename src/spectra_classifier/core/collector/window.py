"""Trains by id, each as late as need be and never later than a limit.

A train is let go when every train before it is out or cannot come any more:
it follows directly on the last one, or every worker has delivered something
newer than the gap before it (a worker delivers in order), or it has waited
for its time. What comes behind the edge is too late for the order.
"""
import heapq
import math
from enum import StrEnum


class Place(StrEnum):
    """Where a train has got to."""
    HELD = "held"            # waits for its turn
    REPEATED = "repeated"    # one with this id waits already
    BEHIND = "behind"        # a newer one has gone


class ReorderWindow:
    """Holds trains; not thread safe, time is an argument.

    `patience`: s that a train may wait; `capacity`: trains that may wait, the
    oldest go beyond that; `edge`: id of the newest train that was let go,
    None before any; `high_water`: most trains that ever waited.
    """

    def __init__(self, patience=0.25, capacity=200):
        self.patience = patience
        self.capacity = capacity
        self.edge = None
        self.high_water = 0
        self._order = []        # heap of ids
        self._held = {}         # id -> (arrived, item)

    def __len__(self):
        return len(self._held)

    def items(self):
        """The items that wait, in no order."""
        return [item for _, item in self._held.values()]

    def put(self, train_id, item, now):
        """Take a train in; returns its `Place`."""
        if train_id in self._held:
            return Place.REPEATED
        if self.edge is not None and train_id <= self.edge:
            return Place.BEHIND
        self._held[train_id] = now, item
        heapq.heappush(self._order, train_id)
        self.high_water = max(self.high_water, len(self._held))
        return Place.HELD

    def take(self, now, watermark=None):
        """[(id, item)] whose turn it is, in order.

        `watermark`: no id up to this one can come any more; None where
        nothing is known.
        """
        limit = -1 if watermark is None else watermark + 1
        # what has waited long enough takes everything before it along
        limit = max([limit, *(number for number, (arrived, _)
                              in self._held.items()
                              if now - arrived >= self.patience)])
        taken = []
        while self._order and (
                self._order[0] <= limit or self._follows(self._order[0])
                or len(self._held) > self.capacity):
            self.edge = heapq.heappop(self._order)
            taken.append((self.edge, self._held.pop(self.edge)[1]))
        return taken

    def _follows(self, train_id):
        return self.edge is not None and train_id == self.edge + 1

    def due(self):
        """Monotonic s at which `take` gives something at the latest."""
        return min((arrived for arrived, _ in self._held.values()),
                   default=math.inf) + self.patience

    def flush(self):
        """[(id, item)] of all that wait, in order; the order starts anew."""
        taken = [(number, self._held[number][1])
                 for number in sorted(self._held)]
        self._held.clear()
        self._order.clear()
        self.edge = None
        return taken
