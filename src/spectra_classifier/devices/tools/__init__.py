"""Karabo projects: writing and importing."""
