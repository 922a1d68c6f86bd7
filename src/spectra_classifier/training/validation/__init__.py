"""Folds, cross-validation, statistics, calibration."""
