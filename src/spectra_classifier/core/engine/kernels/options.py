"""How all kernels are compiled, where that is kept, and the block's width."""
import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numba
import numpy as np
from numba.core import event

from ....errors import SpectraError

#: spectra per block
LANES = 32
#: the same as an unsigned index: signed ones keep LLVM from vectorising
WIDTH = np.uintp(LANES)

#: no parallel=True: the workqueue layer aborts when two threads call it.
#: error_model numpy: a division that may raise is not vectorised.
_OPTIONS = {"nogil": True, "error_model": "numpy", "boundscheck": False,
            "fastmath": {"contract", "nsz"}}
_SUM_OPTIONS = _OPTIONS | {"fastmath": {"contract", "nsz", "reassoc"}}


def kernel[Function: Callable[..., object]](function: Function) -> Function:
    """Compile `function` on its first call and cache it on disk."""
    return _compile(function, _OPTIONS)


def sum_kernel[Function: Callable[..., object]](
        function: Function) -> Function:
    """Compile like `kernel`, free to reorder sums along one spectrum."""
    return _compile(function, _SUM_OPTIONS)


def cache_directory() -> Path | None:
    """Return the directory of compiled kernels; None if it cannot be written.

    numba detects a change of the file that contains a kernel, but not of those
    that it calls; so every state of the kernels' sources has a directory of
    its own, below NUMBA_CACHE_DIR, XDG_CACHE_HOME or ~/.cache.
    """
    digest = hashlib.sha256()
    for source in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    base = (os.environ.get("NUMBA_CACHE_DIR")
            or os.environ.get("XDG_CACHE_HOME")
            or Path.home() / ".cache")
    path = Path(base) / "spectra_classifier" / digest.hexdigest()[:16]
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return path if os.access(path, os.W_OK) else None


_CACHE = cache_directory()


class NotCompiled(SpectraError):
    """A kernel that is not on disk yet."""


@contextmanager
def only_from_disk() -> Iterator[None]:
    """Raise `NotCompiled` where this thread would compile a kernel."""
    with event.install_listener("numba:compile", _Refusal()):
        yield


class _Refusal(event.Listener):
    """Refuses to compile in the thread that has made it."""

    def __init__(self) -> None:
        self._thread = threading.get_ident()

    def on_start(self, event: event.Event) -> None:
        if threading.get_ident() == self._thread:
            raise NotCompiled(
                f"{event.data['dispatcher'].__name__} is not compiled")

    def on_end(self, event: event.Event) -> None:
        """Called also after `on_start` has refused."""


def _compile[Function: Callable[..., object]](
        function: Function, options: dict[str, object]) -> Function:
    if _CACHE is None:
        return numba.njit(**options)(function)
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = str(_CACHE)
    try:
        return numba.njit(cache=True, **options)(function)
    finally:
        numba.config.CACHE_DIR = before
