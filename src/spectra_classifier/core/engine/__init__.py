"""Engines: from spectra to votes, labels and confidence."""
