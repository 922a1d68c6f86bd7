"""The record of what happened, and of who asked for it."""
