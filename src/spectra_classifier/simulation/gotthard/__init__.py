"""A simulated Gotthard-II detector."""
from .source import GotthardSource

__all__ = ["GotthardSource"]
