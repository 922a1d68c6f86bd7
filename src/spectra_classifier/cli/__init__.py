"""The command line `spectra-classifier`."""
