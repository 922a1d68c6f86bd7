"""Spectra on disk: read labelled spectra, write them and the results."""
from .reading import checksum, inputs_of, read
from .results.writer import ResultWriter
from .runs.runs import RunOptions, is_run
from .writing import write_dataset

__all__ = ["ResultWriter", "RunOptions", "checksum", "inputs_of",
           "is_run", "read", "write_dataset"]
