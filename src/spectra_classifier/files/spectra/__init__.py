"""Readers and writers of labelled spectra."""
