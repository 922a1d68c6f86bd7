"""Re-analysis of data already taken, on one machine or many."""
from .job import Job
from .run import analyse, classify_run

__all__ = ["Job", "analyse", "classify_run"]
