"""The device `SpectrometerSimulator`."""
