"""Simulated devices around the detector: motor, shutter, machine, outputs."""
