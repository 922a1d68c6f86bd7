"""Clusters of the last minutes for a trainer device, in a process of its own.

    python -m spectra_classifier.cli.exploration_process JOB.json

The job names the file of the spectra, that of the map and that of the result.
See `job_process`.
"""
import sys
from typing import Any

import numpy as np

from ..core.preprocessing.preprocess import correct
from ..errors import InputError
from ..exploration.stream_map import StreamMap
from ..files.atomic import replaced
from ..files.recent_spectra import read_recent
from . import job_process


def explore(job: dict[str, Any]) -> dict[str, Any]:
    """Find clusters and write the map; plain JSON values."""
    job_process.say(0., "reading the last minutes")
    recent, axis, background = read_recent(job["recent"])
    spectra = correct(recent.spectra, background.dark,
                      background.masked).astype(np.float32)
    job_process.say(0.2, "looking for clusters")
    try:
        found = StreamMap.of(recent, spectra, axis)
    except ModuleNotFoundError as error:
        raise InputError(f"{error.name} is missing: pip install "
                         "spectra_classifier[notebook]") from None
    with replaced(job["map"]) as temporary, temporary.open("wb") as file:
        np.savez(file, **found.arrays())  # type: ignore[arg-type]
    return {"words": found.words, "clusters": found.size.tolist()}


if __name__ == "__main__":
    sys.exit(job_process.main(sys.argv[1], {"explore": explore}))
