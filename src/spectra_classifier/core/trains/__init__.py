"""Trains in order: accounting, matching, buffers, load."""
