"""The device `StateScan`."""
