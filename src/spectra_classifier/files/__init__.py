"""Spectra on disk: read labelled spectra, write them and the results."""
from .reading import checksum, read
from .result_writer import ResultWriter
from .writing import write_dataset

__all__ = ["ResultWriter", "checksum", "read", "write_dataset"]
