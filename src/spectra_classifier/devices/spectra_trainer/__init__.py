"""The device `SpectraTrainer`."""
