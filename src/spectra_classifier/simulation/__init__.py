"""Spectra that never were: a source to prove everything else with."""
