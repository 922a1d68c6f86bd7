"""What lies in a capture directory, and the jobs that work on it.

    <directory>/0001_solid/ ...     captures (files.captures)
               /training/           trained model, reports, job files, map
               /models/             published models, where no other folder
                                    is named
"""
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...core import capture as core
from ...core.capture import Capture
from ...errors import DataFileError, InputError, SpectraError
from ...files.atomic import replaced
from ...files.captures import discard, find_captures, is_discarded, next_number
from ...live.jobs import TRAINING, Job
from ..common.pulse_reader import AxisSettings
from .cluster_captures import ClusterCaptures
from .property_values import Report


class Session:
    """The captures and the trained model of one sample. Blocks on files.

    `captures`: tuple of `Capture`, discarded ones too; `trained`: report of
    the last training, None where there is none; `problems`: what could not
    be read.
    """

    def __init__(self, directory: str | Path) -> None:
        self.directory = Path(directory)
        self.work = self.directory / "training"
        self.work.mkdir(exist_ok=True)
        self.captures, self.problems = find_captures(directory)
        self.trained = self._trained_before()
        self.clusters = ClusterCaptures(self.directory, self.work)
        self.problems += self.clusters.problems

    def _trained_before(self) -> Report | None:
        result = self._result("train")
        if not (result.is_file() and self._model.is_file()):
            return None
        try:
            return json.loads(result.read_text())
        except ValueError:
            return None

    @property
    def _model(self) -> Path:
        return self.work / "trained.onnx"

    def _result(self, task: str) -> Path:
        return self.work / f"{task}.json"

    @property
    def kept(self) -> tuple[Capture, ...]:
        return core.kept(self.captures)

    def next_capture(self, name: str, wanted: int) -> Capture:
        """A new `Capture`, or `InputError` where none may be taken."""
        refusal = core.refusal_to_capture(name, self.captures)
        if refusal:
            raise InputError(refusal)
        # what cannot be read has its number, too
        number = max(next_number(self.directory), self.clusters.reserved + 1)
        return core.Capture(number, name, wanted)

    def name_cluster(self, cluster: int, name: str,
                     more: Mapping[str, Any]) -> tuple[Capture, ...]:
        """Write the captures of a cluster of the map; they take part.

        `more`: further facts of the trains. Raises `InputError` where it
        cannot be named, and `DataFileError` where they cannot be written.
        """
        refusal = core.refusal_to_capture(name, self.captures)
        if refusal:
            raise InputError(refusal)
        new: list[Capture] = []
        problem = ""
        for capture, problem in self.clusters.write(
                cluster, name, self.captures, more):
            new.append(self.add(capture, problem))
            if problem:
                break
        # other clusters may be captures of trains in between
        self.captures = tuple(sorted(self.captures,
                                     key=lambda each: each.number))
        if problem:
            raise DataFileError(problem)
        return tuple(new)

    def add(self, capture: Capture, problem: str) -> Capture:
        """Keep what has been taken, or what is left of it; returns it.

        It takes part unless it is marked on disk.
        """
        fewest = min(core.FEWEST_TRAINS, capture.wanted)
        if not problem and capture.tally.used < core.FEWEST_PULSES:
            problem = (f"only {capture.tally.used} of its pulses are usable:"
                       " is there beam?")
            capture = capture.discarded(problem)
        elif problem and capture.trains < fewest:
            capture = capture.discarded(problem)
        else:
            capture = replace(capture, problem=problem)
        if capture.trains:
            if not capture.kept:
                capture = self._marked(capture)
            self.captures += (capture,)
        return capture

    def _marked(self, capture: Capture) -> Capture:
        try:
            discard(self.directory, capture)
        except (OSError, SpectraError) as error:
            if is_discarded(self.directory, capture):
                return capture
            return replace(capture, kept=True, problem=(
                f"{capture.problem}; it has to be discarded, but that "
                f"cannot be written: {error}"))
        return capture

    def discard_last(self) -> Capture:
        """Take the last kept capture out; `InputError` without one."""
        if not self.kept:
            raise InputError("there is no capture to discard")
        good = self.kept[-1]
        last = good.discarded("discarded by an operator")
        try:
            discard(self.directory, last)
        except (OSError, SpectraError):
            if not is_discarded(self.directory, last):
                raise
        self.captures = tuple(last if each is good else each
                              for each in self.captures)
        return last

    def training(self, axis: AxisSettings, settings: dict[str, Any]) -> Job:
        """The `Job` of a training; `axis`: an `AxisSettings`; `settings`:
        name, time_budget, averaging."""
        refusal = core.refusal_to_train(self.captures)
        if refusal:
            raise InputError(refusal)
        names = core.classes(self.captures)
        return self._job("train", settings | {
            "axis": axis.as_dict(self.kept[0].channels),
            "output": str(self._model), "licence": "not stated",
            "description": f"Taught from {len(self.kept)} captures of "
                           f"{', '.join(names)}"})

    def evaluation(self) -> Job:
        """The `Job` of an evaluation of the trained model."""
        trained = self.require_trained()
        return self._job("evaluate", {
            "model": str(self._model), "trained_on": trained["captures"],
            "indices": trained["indices"]})

    def export(self, axis: AxisSettings, path: Path) -> Job:
        """The `Job` that writes all kept captures into one file."""
        if not self.kept:
            raise InputError("there is no capture to export")
        return self._job("export", {
            "axis": axis.as_dict(self.kept[0].channels),
            "output": str(path)})

    def preparation(self) -> Job:
        """The `Job` that compiles what a classifier needs for such models."""
        return self._job("prepare", {})

    def _job(self, task: str, more: dict[str, Any]) -> Job:
        return Job({"task": task, "directory": str(self.directory),
                    "captures": [each.number for each in self.kept],
                    "result": str(self._result(task))} | more,
                   self.work, task, TRAINING)

    def require_trained(self) -> Report:
        """The report of the trained model, or `InputError`."""
        if self.trained is None:
            raise InputError("there is no trained model: train first")
        return self.trained

    def publish(self, folder: str) -> Path:
        """Copy the trained model to a folder; returns its path there."""
        identity = self.require_trained()["id"]
        target = Path(folder) if folder else self.directory / "models"
        target.mkdir(parents=True, exist_ok=True)
        for source, name in ((self.work / f"{identity}.json",
                              f"{identity}.json"),
                             (self._model, f"{identity}.onnx")):
            with replaced(target / name) as temporary:
                shutil.copyfile(source, temporary)
        return target / f"{identity}.onnx"
