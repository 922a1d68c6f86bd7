"""Training and evaluation for a trainer device, in a process of their own.

    python -m spectra_classifier.cli.trainer_process JOB.json

`JOB.json` names the task (train, evaluate, export or prepare), the captures
and the file of the result; see `job_process`.
"""
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from .. import files, model
from ..core.capture import Capture
from ..core.dataset import Dataset
from ..core.engine.fused_engine import FusedEngine
from ..core.spectra import Axis
from ..errors import InputError
from ..files.captures import find_captures, load_captures
from ..training import capture_training
from ..training.labelled import labelled
from ..training.validation import sampling
from . import job_process
from .job_process import say

#: spectra of a capture that an evaluation uses
EVALUATED = 2000
#: progress after reading and after the choice of members
_READ, _CHOSEN = 0.1, 0.85


def _train(job: dict[str, Any]) -> dict[str, Any]:
    say(0., "reading the captures")
    axis, captures = _axis(job), _captures(job)
    dataset = load_captures(
        job["directory"], captures, axis,
        sampling.most_for(len(axis)) * max(job["averaging"], 1)
        // len(captures))
    say(_READ, "choosing members that separate the classes")

    def progress(step: int, steps: int, loss: float) -> None:
        say(_READ + (_CHOSEN - _READ) * step / steps,
             f"step {step} of {steps}, loss {loss:.3f}")

    result, report = capture_training.train(
        dataset, progress, job["time_budget"], job["averaging"])
    say(0.97, "writing and verifying the model")
    manifest = result.save(Path(job["output"]), job["name"], job["licence"],
                           job["description"])
    return report | {
        "model": job["output"], "id": manifest["id"],
        "captures": [each.number for each in captures],
        "indices": labelled(dataset).indices.tolist()}


def _evaluate(job: dict[str, Any]) -> dict[str, Any]:
    say(0., "reading the captures")
    loaded = model.load(job["model"])
    new = [number for number in job["captures"]
           if number not in job["trained_on"]]
    dataset = load_captures(
        job["directory"], _captures(job, new or job["trained_on"]),
        loaded.definition.axis, EVALUATED, () if new else job["indices"])
    say(0.5, "classifying")
    return capture_training.evaluate_captures(loaded, dataset,
                                              job["trained_on"])


def _export(job: dict[str, Any]) -> dict[str, Any]:
    say(0., "reading the captures")
    captures = _captures(job)
    dataset = load_captures(job["directory"], captures, _axis(job),
                            max(each.tally.used for each in captures))
    say(0.5, "writing")
    files.write_dataset(job["output"], dataset)
    return {"path": job["output"], "spectra": len(dataset)}


def _prepare(job: dict[str, Any]) -> dict[str, str]:
    """Compile what a classifier will need for a trained model.

    That takes half a minute once, and is kept on disk; in the classifier it
    would delay the trains of the first new model.
    """
    say(0., "checking whether the engine is compiled")
    random = np.random.default_rng(0)
    labels = np.arange(96) // 24 % 2
    spectra = random.normal(size=(96, 64)) + 5. + labels[:, None] * np.sin(
        np.arange(64) / 5)
    result, _ = capture_training.train(Dataset(
        Axis.channels(64), spectra.astype(np.float32), labels, ("a", "b"),
        np.arange(96) // 24), None, time_budget=0.1)
    FusedEngine(result.definition).warm_up()
    return {"kind": str(result.definition.members.kind)}


def _captures(job: dict[str, Any],
              numbers: Collection[int] | None = None) -> list[Capture]:
    numbers = job["captures"] if numbers is None else numbers
    found, _ = find_captures(job["directory"])
    known = {each.number: each for each in found}
    missing = [number for number in numbers if number not in known]
    if missing:
        raise InputError(f"capture {missing[0]} is not in "
                         f"{job['directory']} any more: reload")
    return [known[number] for number in numbers]


def _axis(job: dict[str, Any]) -> Axis:
    axis = job["axis"]
    return Axis(np.array([axis["first"] + axis["step"] * channel
                          for channel in range(axis["channels"])]),
                axis["quantity"], axis["unit"])


#: what a job may ask for
TASKS = {"train": _train, "evaluate": _evaluate, "export": _export,
         "prepare": _prepare}


if __name__ == "__main__":
    sys.exit(job_process.main(sys.argv[1], TASKS))
