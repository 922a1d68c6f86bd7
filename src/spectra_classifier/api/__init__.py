"""Python interface for notebooks and scripts; the command line uses it, too.

Its names are those of the package itself, `spectra_classifier.load` and so
on, and are imported when they are first used.
"""
