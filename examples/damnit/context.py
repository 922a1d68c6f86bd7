"""For the context file of a proposal: codes of every run, as it comes in.

Copy these lines; MODEL, SOURCE and RESULTS are yours.
"""
# ruff: noqa: F821, I001 (annotations are DAMNIT's; damnit_ctx is its own)
from pathlib import Path

from damnit_ctx import Variable
from spectra_classifier.files.results.summary import identifier, summarise
from spectra_classifier.offline import classify_run

MODEL = Path("/gpfs/exfel/exp/SQS/202502/p006000/usr/sample-0123456789.onnx")
SOURCE = "SQS_EXP_GH2-2/DET/RECEIVER:daqOutput"
RESULTS = Path("/gpfs/exfel/exp/SQS/202502/p006000/scratch/codes")


@Variable(title="Sample codes", cluster=True)
def sample_codes(run, number: "meta#run_number",
                 proposal: "meta#proposal_path"):
    """Classifies the run; the file is for everything that follows."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    output = RESULTS / f"r{number:04d}.h5"
    classify_run(MODEL, proposal / "raw" / f"r{number:04d}", output,
                 source=SOURCE)
    return str(output)


@Variable(title="Sample state")
def sample_state(run, codes: "var#sample_codes"):
    return summarise(codes)["state"]


@Variable(title="Unknown pulses", units="1")
def unknown_share(run, codes: "var#sample_codes"):
    return summarise(codes)["unknown_share"]


@Variable(title="Share of the state")
def state_share(run, codes: "var#sample_codes"):
    """By train; DAMNIT draws it as a small curve in the table."""
    found = summarise(codes)
    return found[f"share_{identifier(found['state'])}_by_train"]
