"""The device `SpectraCollector`."""
