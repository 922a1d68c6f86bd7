"""Tasks are generators: what they yield for, and how long."""
import time
from collections.abc import Callable, Generator
from typing import Any

PATIENCE = 20.  # s

#: a task; it returns its answer, for JSON
type Task = Generator[None, None, dict[str, Any]]
#: by the name that a line asks for
type Tasks = dict[str, Callable[..., Task]]


def until(condition: Callable[[], object], what: str,
          patience: float = PATIENCE) -> Generator[None, None, None]:
    """Yields until `condition()` holds; `TimeoutError` names `what`."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"waited {patience:g} s for {what}")
        yield
