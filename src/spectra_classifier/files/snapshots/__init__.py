"""Snapshot files: writing, reading, replay."""
