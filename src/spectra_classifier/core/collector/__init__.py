"""Several workers on one source, put together again: pure.

`ReorderWindow` gives trains in the order of their ids, `WorkerBook` knows
who delivers what, `Collation` joins both with the accounting: what workers
deliver goes in, `Released` trains come out. No clock is read here.
"""
from .codes import Codes
from .collation import Collation, Limits, Released
from .window import ReorderWindow
from .workers import WorkerBook

__all__ = ["Codes", "Collation", "Limits", "Released", "ReorderWindow",
           "WorkerBook"]
