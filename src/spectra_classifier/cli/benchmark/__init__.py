"""Speed of the engine and of its peers, measured in one process.

`suite.run` gives the list of cases that `spectra-classifier bench --json`
prints. Peers that are not installed are left out.
"""
