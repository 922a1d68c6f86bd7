"""Scenes that the device brings along."""
SCENES = {}
