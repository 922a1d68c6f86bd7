"""Simulated devices beside the detector: motor, shutter, machine."""
