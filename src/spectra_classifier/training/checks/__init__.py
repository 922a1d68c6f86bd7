"""Null tests and other checks of a training."""
