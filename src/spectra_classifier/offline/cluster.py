"""Chunks spread over the workers of a dask cluster.

dask brings workers, their supervision and the repetition of what a lost
worker had in hand; only here is it imported. Chunks come back in any order
and are kept by number, so the result does not depend on who computed what.
"""
from contextlib import contextmanager

from ..errors import ConfigurationError
from .chunks import classify_chunk

#: chunks given out per worker: one at work, one behind it
_AHEAD = 2
#: s for a scheduler to answer
_PATIENCE = 10


@contextmanager
def workers(address):
    """What `analyse` takes as `cluster`, while the workers are there."""
    with connected(address) as client:
        yield spread(client)


@contextmanager
def connected(address):
    """A dask client of "local:N" (N processes here) or of a scheduler."""
    try:
        from dask.distributed import Client, LocalCluster
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"--dask {address} needs {error.name}, which is not installed: "
            "install spectra_classifier[offline]") from None
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


def spread(client):
    """A function for `analyse` that gives the chunks to a dask cluster."""
    from dask.distributed import as_completed

    def run(job, todo, write, meter):
        waiting = list(reversed(todo.items()))
        given = {}

        def give():
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
