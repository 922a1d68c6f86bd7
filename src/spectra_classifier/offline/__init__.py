"""Re-analysis of data already taken, on one machine or many."""
from .job import Job
from .run import analyse

__all__ = ["Job", "analyse"]
