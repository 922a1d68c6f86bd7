"""The environment variables of a Karabo server, in one place."""
import os
from pathlib import Path

# glibc maps and unmaps every array of a few MB, page fault by page fault;
# with these settings a Middlelayer server receives four times cheaper.
# Price: memory once used is kept; so there is one heap for all threads, not
# one for each that keeps what it once needed to load a model
MALLOC = {"MALLOC_ARENA_MAX": "1",
          "MALLOC_MMAP_THRESHOLD_": str(1 << 30),
          "MALLOC_TRIM_THRESHOLD_": str(1 << 32),
          "MALLOC_TOP_PAD_": str(1 << 28)}
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS",
           "NUMBA_NUM_THREADS")


def pinned(threads: int = 1) -> dict[str, str]:
    """Variables that keep numeric libraries from taking every core."""
    return {name: str(threads) for name in THREADS}


def make_karabo_folder(directory: str | os.PathLike[str]) -> Path:
    """The folder $KARABO points to; enough for all kinds of server."""
    directory = Path(directory).resolve()
    for name in "var/data", "var/log", "plugins":
        (directory / name).mkdir(parents=True, exist_ok=True)
    return directory


def karabo_variables(directory: str | os.PathLike[str], broker_url: str,
                     topic: str) -> dict[str, str]:
    """KARABO, KARABO_BROKER and KARABO_BROKER_TOPIC; makes the folder."""
    return {"KARABO": str(make_karabo_folder(directory)),
            "KARABO_BROKER": broker_url, "KARABO_BROKER_TOPIC": topic}


def server_environment(extra: dict[str, str] | None = None,
                       threads: int = 1) -> dict[str, str]:
    """Our own environment, with `extra`, for a device server.

    Raises `KeyError` where KARABO, KARABO_BROKER or KARABO_BROKER_TOPIC
    are missing: a server must never find another installation by default.
    """
    env = os.environ | MALLOC | pinned(threads) | (extra or {})
    for name in "KARABO", "KARABO_BROKER", "KARABO_BROKER_TOPIC":
        if not env.get(name):
            raise KeyError(f"{name} is not set: a device server needs "
                           "KARABO, KARABO_BROKER and KARABO_BROKER_TOPIC")
    return env
