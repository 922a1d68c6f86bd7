"""Codes that were recorded live."""
