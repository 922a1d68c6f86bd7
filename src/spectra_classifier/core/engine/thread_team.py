"""Work on the pulses of a train, shared by the calling thread and helpers."""
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .helper_placement import HelperPlacement

#: shards of each thread. Every one costs a call with the lock of the
#: interpreter; with one, the threads wait for the last that was woken
_EACH = 2


class Team:
    """The calling thread and `threads` - 1 helper threads.

    The caller works as well: a helper that is woken on the caller's own core
    would otherwise keep it waiting while another core is idle.
    """

    def __init__(self, threads: int, name: str) -> None:
        self._helpers = threads - 1
        self._placement = HelperPlacement()
        self._pool = (ThreadPoolExecutor(self._helpers, name,
                                         self._placement.enter)
                      if self._helpers else None)

    def share(self, count: int, block: int, work: Callable[[int, int], object],
              alone: int = 0) -> None:
        """Call work(start, stop) over 0 ... count, once for every pulse.

        Several calls run at a time; each starts at a multiple of `block`. Up
        to `alone` pulses are processed by the caller alone. Returns when all
        are done; raises what one of them raised.
        """
        if self._pool is None or count <= max(block, alone):
            if count:
                work(0, count)
            return
        waiting = iter(shards(count, block, self._helpers + 1))

        def take() -> None:
            for shard in waiting:
                work(*shard)

        self._placement.away_from_here()
        helpers = [self._pool.submit(take) for _ in range(self._helpers)]
        try:
            take()
        finally:
            # one that is busy elsewhere has nothing left to do here
            running = [each for each in helpers if not each.cancel()]
            for each in running:
                each.result()


def shards(count: int, block: int, threads: int) -> list[tuple[int, int]]:
    """Return (start, stop) ranges of 0 ... count, of whole blocks."""
    size = -(-count // (_EACH * threads * block)) * block
    return [(start, min(start + size, count))
            for start in range(0, count, max(size, 1))]
