"""Puts what the classifier says of a run into the DAMNIT table.

    python submit_codes.py RESULT.h5 [--damnit-dir FOLDER]

RESULT.h5 is what `spectra-classifier classify` has written for a run of the
European XFEL; proposal and run are taken from it.
"""
import argparse
import json

import damnit
import h5py

from spectra_classifier.files.results.summary import summarise


def run_of(path):
    """(proposal, run) of a result."""
    with h5py.File(path) as file:
        origin = json.loads(file["entry/process/input/data"].asstr()[()])
    return origin["proposal"], origin["run"]


def submit(path, damnit_dir=None):
    """One column per number; a column per class shows how it went."""
    proposal, run = run_of(path)
    cells = {f"spectra_{name}": value
             for name, value in summarise(path).items()}
    damnit.submit(proposal, run, cells, provenance="spectra_classifier",
                  damnit_dir=damnit_dir)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("result")
    parser.add_argument("--damnit-dir", default=None)
    given = parser.parse_args()
    submit(given.result, given.damnit_dir)


if __name__ == "__main__":
    main()
