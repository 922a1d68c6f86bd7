"""The device `SpectraClassifier`."""
