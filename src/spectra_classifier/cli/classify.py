"""`classify`: a label for every spectrum of a file, into a file."""
from pathlib import Path
from time import perf_counter
from typing import Annotated

import typer

from . import arguments, data
from .console import (
    percent,
    print_facts,
    print_json,
    print_table,
    progress,
)

#: spectra per call of the engine: as many as a full train has pulses
_BLOCK = 2700


def classify(
        model: arguments.Model, spectra: arguments.Data,
        output: Annotated[Path, typer.Option(
            "--output", "-o", metavar="RESULT.h5",
            help="NeXus/HDF5 file for the results.")],
        engine: arguments.Engine = arguments.EngineKind.FUSED,
        threads: Annotated[int, typer.Option(
            min=1, help="Threads of the fused engine.")] = 1,
        min_confidence: Annotated[float | None, typer.Option(
            min=0, max=1, help="A less sure spectrum becomes unknown "
            "(default: the model's own).")] = None,
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        as_json: arguments.Json = False):
    """Classify every spectrum of DATA and write the results.

    RESULT.h5 has label, confidence, scores, mixture and residual of every
    spectrum, and which model, configuration and input they come from.
    """
    from ..core.definition import Settings
    from ..errors import ConfigurationError
    from ..files import checksum
    from ..model import load, make_engine

    if _same(output, spectra) or _same(output, model):
        raise ConfigurationError(f"{output}: is an input, too; name another "
                                 "file for the results")
    loaded = load(model)
    definition = loaded.definition
    dataset = data.on_axis_of(data.load(spectra, axis=axis), definition,
                              spectra)
    settings = Settings(min_confidence=min_confidence,
                        dark=data.dark_spectrum(dark, dataset))
    settings.validate(definition)
    runner = make_engine(loaded, str(engine), threads)
    configuration = {
        "engine": runner.name, "threads": threads, "hash": settings.hash,
        "min_confidence": min_confidence, "dark": dark and {
            "path": str(dark), "sha256": checksum(dark)}}
    report = _run(runner, dataset, settings, loaded, output, configuration)
    if as_json:
        print_json(report)
        return
    _show(report)


def _run(engine, dataset, settings, loaded, output, configuration):
    """Classifies block by block into the file; returns the report."""
    from ..core.spectra import make_train
    from ..files import ResultWriter

    definition = loaded.definition
    tally = _Tally(definition.classes)
    with progress("Compiling the engine (the first time only)"):
        engine.warm_up()
    with ResultWriter(
            output, classes=definition.classes, model=loaded.manifest,
            model_id=definition.model_id, model_sha256=loaded.sha256,
            source=dataset.provenance, configuration=configuration) as out, \
            progress("Classifying", "spectra") as update:
        for start in range(0, len(dataset), _BLOCK):
            rows = slice(start, start + _BLOCK)
            # a file of spectra has no trains: 0 stands for "no train id"
            train = make_train(0, dataset.spectra[rows],
                               dataset.indices[rows])
            begin = perf_counter()
            result = engine.classify(train, settings)
            tally.add(result, perf_counter() - begin)
            out.append(result, dataset.indices[rows])
            update(out.pulses, len(dataset))
    return {"result": str(output), "model": definition.model_id,
            **configuration, **tally.report()}


class _Tally:
    """Numbers of spectra by fate and by class."""

    def __init__(self, classes):
        self.classes = classes
        self.fates, self.found = {}, [0] * len(classes)
        self.spectra, self.seconds = 0, 0.

    def add(self, result, seconds):
        self.spectra += result.pulses
        self.seconds += seconds
        for fate, count in result.counts().items():
            self.fates[fate] = self.fates.get(fate, 0) + count
        for index in range(len(self.classes)):
            self.found[index] += int((result.label == index).sum())

    def report(self):
        rate = self.spectra / self.seconds if self.seconds else None
        return {"spectra": self.spectra, **self.fates,
                "classes": dict(zip(self.classes, self.found, strict=True)),
                "seconds": self.seconds, "spectra_per_second": rate}


def _show(report):
    rows = [*report["classes"].items(), *(
        (fate.replace("_", " "), report[fate]) for fate in (
            "unknown", "low_intensity", "saturated", "bad_data", "skipped")
        if report[fate])]
    total = report["spectra"]
    print_table("Spectra by label",
                [("label", "left"), ("spectra", "right"), ("share", "right")],
                [(name, count, percent(count / total))
                 for name, count in rows])
    print_facts("", [
        ("model", report["model"]),
        ("engine", f"{report['engine']}, "
         f"{report['spectra_per_second']:,.0f} spectra/s"),
        ("written", report["result"])])


def _same(one, other):
    return one.exists() and other.exists() and one.samefile(other)
