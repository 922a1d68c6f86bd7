"""Memory for whole trains, used again and again.

From the heap, a train that the ring keeps for seconds leaves a hole of some
MB, into which a few bytes of something that stays are put; the next train
does not fit any more, and the heap grows for hours. Mapped for each train,
memory costs more than the copy into it, page fault by page fault. So whole
trains have memory of their own, which goes back when the last view of it
dies.
"""
import mmap
from collections import deque
from weakref import finalize

import numpy as np

#: bytes from which on memory comes from a slab; less is left to the heap
LARGE = 1 << 20
#: slabs that wait to be used again; what is more goes back to the system
IDLE = 8
#: steps within a factor of two in which slabs have their sizes
STEPS = 8


class Slabs:
    """Lends memory; any thread may let go of it."""

    def __init__(self, idle=IDLE):
        self._idle = deque(maxlen=idle)

    def take(self, size):
        """Writable uint8 array (size,), its start on a cache line or better
        if it is `LARGE`; values are those of whoever had it before.

        It is lent as long as the array, or any view of it, lives.
        """
        if size < LARGE:
            return np.empty(size, np.uint8)
        slab = self._find(room(size))
        lent = np.frombuffer(slab, np.uint8, size)
        finalize(lent, self._idle.append, slab).atexit = False
        return lent

    def _find(self, size):
        for _ in range(len(self._idle)):
            try:
                slab = self._idle.pop()
            except IndexError:
                break       # another thread was faster
            if len(slab) == size:
                return slab
            # of another source, or of its former shape: the next to go
            self._idle.appendleft(slab)
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)


def room(size):
    """`size` bytes rounded up to one of few, at most an eighth more."""
    step = max(1 << (size.bit_length() - 1), LARGE) // STEPS
    return -(-size // step) * step
