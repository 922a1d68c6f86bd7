"""Tasks are generators: what they yield for, and how long."""
import time

PATIENCE = 20.  # s


def until(condition, what, patience=PATIENCE):
    """Yields until `condition()` holds; `TimeoutError` names `what`."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:g} s for {what}")
        yield
