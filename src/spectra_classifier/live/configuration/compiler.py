"""What an engine needs is compiled in a process of its own.

Compiling takes half a minute of one core, the lock of the interpreter and
some 200 MB. A process of lower priority leaves the trains what they need; what
it has compiled is on disk, and loaded from there within a second.
"""
import ctypes
import tempfile
from threading import Lock, Timer

from ...model import golden
from ..jobs import COMPILING, Cancelled, Job
from .live_model import LiveModel, run_by

#: nice value of the process: it gives way to trains, but with 15, as for
#: training, it got 1 % of a core where two cores had eight busy processes
NICENESS = 5
#: s after which nothing of the slower engine is in use
_UNTIL_FREE = 30.


class Compiler:
    """Compiles for one model after another; safe to call from threads."""

    def __init__(self) -> None:
        self._turn = Lock()
        self._job: Job | None = None
        self._stopped = False

    def finish(self, interim: LiveModel, kind: str,
               threads: int) -> LiveModel:
        """The model of `interim` with compiled kernels. Blocks.

        Without a directory to keep them in, this process compiles.

        Parameters
        ----------
        kind
            Name of the engine.
        threads
            Threads of the engine.

        Raises
        ------
        SpectraError
            With the reason why it cannot be compiled, or what it gives for
            the golden input instead of the labels there.
        Cancelled
            After `stop`.
        """
        from ...core.engine.kernels.options import cache_directory
        if cache_directory() is not None:
            with self._turn:
                self._fill(interim.path, kind)
        loaded = interim.loaded
        model = run_by(kind, threads, interim.path, loaded)
        # it goes on in the middle of a run, with the same labels
        golden.check(model.engine, loaded.manifest, loaded.properties)
        return model

    def _fill(self, path: str, kind: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            self._job = Job({"task": "compile", "model": path, "engine": kind,
                             "result": f"{folder}/result.json"},
                            folder, "kernels", COMPILING)
            if self._stopped:
                raise Cancelled
            self._job.run(lambda *_: None, NICENESS)

    def stop(self) -> None:
        """End the process; what still waits is cancelled."""
        self._stopped = True
        if self._job is not None:
            self._job.cancel()


def trim_later() -> None:
    """Return memory that is free to the system, in half a minute.

    The slower engine, and the trains that waited for it, took some 100 MB
    that malloc would keep, and that the compiled engine does not need.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:        # glibc alone has it
        timer = Timer(_UNTIL_FREE, trim, (0,))
        timer.daemon = True
        timer.start()
