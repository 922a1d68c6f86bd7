"""How fast a folder takes bytes for good, and gives them back.

Read back after the page cache was asked to forget them; what a host or a
controller keeps beside that is not seen from here.
"""
import os
import tempfile
import time

import numpy as np

_BLOCK = 8 * 2**20


def disk(folder=None, mib=512):
    """(bytes/s written and synced, bytes/s read) of a file of `mib` MiB."""
    block = np.random.default_rng(0).bytes(_BLOCK)
    size = mib * 2**20
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        start = time.perf_counter()
        for _ in range(size // _BLOCK):
            file.write(block)
        os.fsync(file.fileno())
        written = time.perf_counter() - start
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        file.seek(0)
        start = time.perf_counter()
        while file.read(_BLOCK):
            pass
        return size / written, size / (time.perf_counter() - start)
