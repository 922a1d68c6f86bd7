"""The published pressure ramp, simulated from its figures."""
