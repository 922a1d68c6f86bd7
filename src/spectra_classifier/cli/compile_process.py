"""Compiles what an engine needs for a model, in a process of its own.

    python -m spectra_classifier.cli.compile_process JOB.json

What is compiled is kept on disk. The job names the model and the engine. See
`job_process`.
"""
import sys
from typing import Any

from ..live.configuration.live_model import load_model
from . import job_process


def _compile(job: dict[str, Any]) -> dict[str, Any]:
    load_model(job["model"], job["engine"], 1)
    return {}


if __name__ == "__main__":
    sys.exit(job_process.main(sys.argv[1], {"compile": _compile}))
