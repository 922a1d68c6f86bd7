"""Simulated motor and shutter."""
