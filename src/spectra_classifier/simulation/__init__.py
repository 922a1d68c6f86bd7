"""Simulated spectra with a known truth, for demonstration and tests."""
