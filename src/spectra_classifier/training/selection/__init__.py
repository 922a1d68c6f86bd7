"""Automatic choice of bins, views and members."""
