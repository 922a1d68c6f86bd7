"""Memory for whole trains that is used again.

From the heap, a train that the ring keeps for seconds leaves a hole of some
MB, which small objects that stay then occupy; the next train does not fit any
more, and the heap grows for hours. Mapped for each train, memory costs more
than the copy into it, page fault by page fault. So whole trains have buffers
of their own, which are returned when the last view of them dies.
"""
import mmap
from collections import deque
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

#: bytes from which on memory comes from the pool; less is left to the heap
LARGE = 1 << 20
#: buffers that are kept for the next train; more go back to the system. A
#: burst of trains leaves as many
IDLE = 2
#: steps within a factor of two in which buffers have their sizes
STEPS = 8


class BufferPool:
    """Lends memory; any thread may release it.

    Parameters
    ----------
    idle
        Number of unused buffers that are kept.
    """

    def __init__(self, idle: int = IDLE) -> None:
        self._idle: deque[mmap.mmap] = deque(maxlen=idle)

    def take(self, size: int) -> NDArray[np.uint8]:
        """Memory that is lent as long as the array, or any view of it, lives.

        Parameters
        ----------
        size
            Number of bytes.

        Returns
        -------
        NDArray[np.uint8]
            Writable, shape (size,). From `LARGE` on it begins on a cache
            line or better. Its values are arbitrary.
        """
        if size < LARGE:
            return np.empty(size, np.uint8)
        buffer = self._find(rounded_size(size))
        lent = np.frombuffer(buffer, np.uint8, size)
        finalize(lent, self._idle.append, buffer).atexit = False
        return lent

    def _find(self, size: int) -> mmap.mmap:
        for _ in range(len(self._idle)):
            try:
                buffer = self._idle.pop()
            except IndexError:
                break       # another thread was faster
            if len(buffer) == size:
                return buffer
            # of another source, or of its former shape: the next to go
            self._idle.appendleft(buffer)
        return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE)


def rounded_size(size: int) -> int:
    """`size` bytes rounded up to one of few sizes, at most an eighth more."""
    step = max(1 << (size.bit_length() - 1), LARGE) // STEPS
    return -(-size // step) * step
