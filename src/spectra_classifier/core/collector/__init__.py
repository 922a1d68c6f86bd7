"""Merging of several workers on one source; pure.

`ReorderWindow` releases trains in the order of their ids, `WorkerBook`
records what each worker delivers, `Collation` combines both with the
accounting. No clock is read here.
"""
from .codes import Codes
from .collation import Collation, Limits, Released
from .window import ReorderWindow
from .workers import WorkerBook

__all__ = ["Codes", "Collation", "Limits", "Released", "ReorderWindow",
           "WorkerBook"]
