"""What to do before there are labels: states found in a stream of spectra."""
