"""The device `PeakMonitor`."""
