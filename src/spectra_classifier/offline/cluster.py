"""Chunks spread over the workers of a dask cluster.

dask starts and supervises workers, and repeats the tasks of a lost worker;
it is imported only here. Chunks come back in any order and are kept by number,
so the result does not depend on which worker computed what.
"""
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import ConfigurationError
from ..files.results.columns import Chunk
from .chunks import classify_chunk
from .job import Job

if TYPE_CHECKING:
    from dask.distributed import Client, Future

#: computes chunks: job, {number: positions of its trains}, what keeps a
#: chunk, what counts its trains
type Cluster = Callable[
    [Job, dict[int, tuple[int, int]], Callable[[int, Chunk], object],
     Callable[[int], object]], None]

#: chunks given out per worker: one at work, one behind it
_AHEAD = 2
#: s for a scheduler to answer
_PATIENCE = 10


@contextmanager
def workers(address: str) -> Iterator[Cluster]:
    """The `cluster` of `analyse`, while the workers exist.

    Raises
    ------
    ConfigurationError
        As `connected`.
    """
    with connected(address) as client:
        yield spread(client)


@contextmanager
def connected(address: str) -> Iterator["Client"]:
    """A dask client of "local:N" (N processes here) or of a scheduler.

    Raises
    ------
    ConfigurationError
        If dask is not installed, or there is no scheduler at the address.
    """
    try:
        from dask.distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"--dask {address} needs {error.name}, which is not installed: "
            "pip install 'dask[distributed]'") from None
    kind, _, number = address.partition(":")
    if kind != "local":
        try:
            client = Client(address, timeout=_PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise ConfigurationError(
                f"--dask {address}: no scheduler answers there ({error}); "
                "expected an address such as tcp://host:8786, or local:N"
            ) from None
        with client:
            yield client
        return
    if not number.isdecimal() or not int(number):
        raise ConfigurationError(f"--dask {address}: expected local: and the "
                                 "number of worker processes, as in local:4")
    # loopback only: nothing of this is for others on the network
    local = LocalCluster(
        n_workers=int(number), threads_per_worker=1, processes=True,
        host="127.0.0.1", dashboard_address="127.0.0.1:0",
        worker_dashboard_address="127.0.0.1:0", silence_logs="ERROR")
    with local, Client(local) as client:
        yield client


def spread(client: "Client") -> Cluster:
    """A function for `analyse` that gives the chunks to a dask cluster."""
    from dask.distributed import as_completed

    def run(job: Job, todo: dict[int, tuple[int, int]],
            write: Callable[[int, Chunk], object],
            meter: Callable[[int], object]) -> None:
        waiting = list(reversed(todo.items()))
        given: dict[Future, tuple[int, int]] = {}

        def give() -> "Future":
            number, (first, stop) = waiting.pop()
            future = client.submit(classify_chunk, job, first, stop,
                                   pure=False, retries=1)
            given[future] = number, stop - first
            return future

        ahead = _AHEAD * max(len(client.ncores()), 1)
        finished = as_completed([give() for _ in range(
            min(ahead, len(waiting)))])
        try:
            for future in finished:
                number, trains = given.pop(future)
                write(number, future.result())
                meter(trains)
                future.release()
                if waiting:
                    finished.add(give())
        finally:
            client.cancel(list(given))
    return run
