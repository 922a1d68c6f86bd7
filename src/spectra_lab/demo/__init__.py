"""The demonstration: source, classifier and guard in servers of their own.

    python -m spectra_lab.demo --help
"""
