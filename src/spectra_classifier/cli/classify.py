"""`classify`: a label for every spectrum of a file or run, into a file."""
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..core.describe import percent
from . import arguments, data, picture
from .console import print_facts, print_json, print_table, progress, say
from .run_options import RunChoice, for_runs

if TYPE_CHECKING:
    from ..core.model_definition import ModelDefinition
    from ..core.spectra import Axis
    from ..files.runs.train_source import TrainSource

#: exit code of a program that Ctrl-C has stopped
_INTERRUPTED = 130


@for_runs(labels=False)
def classify(
        model: arguments.Model, spectra: arguments.Data,
        output: Annotated[Path, typer.Option(
            "--output", "-o", metavar="RESULT",
            help="File for the results: .h5 (NeXus) or .csv.")],
        engine: arguments.Engine = arguments.EngineKind.FUSED,
        threads: Annotated[int, typer.Option(
            min=1, help="Threads of the fused engine.")] = 1,
        min_confidence: Annotated[float | None, typer.Option(
            min=0, max=1, help="Confidence below which a spectrum is unknown "
            "(default: that of the model).")] = None,
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        dask: Annotated[str | None, typer.Option(
            metavar="ADDRESS|local:N", help="Spread the work over the "
            "workers of a dask cluster, or over N processes here.")] = None,
        restart: Annotated[bool, typer.Option(
            "--restart", help="Discard the results of an interrupted run "
            "instead of continuing it.")] = False,
        chunk: Annotated[int, typer.Option(
            min=1, help="Trains after which results are saved.",
        )] = 50,
        licence: arguments.Licence = "",
        plot: arguments.Plot = None,
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Classify every spectrum of DATA and write the results.

    RESULT has label, confidence, scores, mixture and residual of every
    spectrum; in .h5 also the model, configuration and input that they come
    from.
    After an interruption the same command continues where it stopped.
    """
    from ..api.inputs import dark_notes, parse_axis
    from ..api.models import load
    from ..core.model_definition import Settings
    from ..files.atomic import check_target
    from ..files.reading import HDF5_SUFFIXES
    from ..files.results.table import SUFFIX
    from ..offline import Job, analyse

    check_target(output, (*HDF5_SUFFIXES, SUFFIX))
    picture.check(plot)
    data.model_first(model, spectra)
    loaded = load(model).loaded
    data.keep_inputs([output, plot], [spectra, loaded.path, dark, *run.inputs])
    source, own = _source(spectra, axis, run, loaded.definition)
    darks, origin = data.dark_spectrum(dark, source.channels, run,
                                       loaded.definition.axis)
    understood = _understood(source, own, loaded.definition)
    data.show(understood, own or loaded.definition.axis)
    for note in dark_notes(loaded.manifest, source.provenance,
                           darks is not None):
        say(f"note: {note}")
    settings = Settings(
        min_confidence=min_confidence, dark=darks.mean if darks else None,
        cells=darks.cells if darks else None)
    settings.validate(loaded.definition)
    job = Job.of(loaded.path, spectra, source, settings, run=run.options,
                 axis=parse_axis(axis), text=run.text,
                 engine=str(engine), threads=threads, chunk_trains=chunk)
    configuration = job.configuration(loaded.definition, origin)
    if dask is None:
        with progress("Compiling the engine (the first time only)"):
            job.warm_engine()
    drawing = None if plot is None else picture.Drawing(
        loaded.definition, int(source.pulses.sum()), str(spectra))
    with _workers(dask) as cluster, \
            progress(f"Classifying {spectra}", "trains") as update:
        try:
            report = analyse(job, source, output, loaded, configuration,
                             cluster=cluster, restart=restart,
                             licence=licence, progress=update,
                             each=None if drawing is None
                             else drawing.add)
        except KeyboardInterrupt:
            say(f"interrupted; the same command continues {output}")
            raise typer.Exit(_INTERRUPTED) from None
    report = {"result": str(output), "model": loaded.definition.model_id,
              **configuration, **report}
    if drawing is not None and plot is not None:
        drawing.write(plot)
        report["plot"] = str(plot)
    if as_json:
        print_json(report | {"data": understood})
        return
    _show(report)


def _source(
        spectra: Path, axis: str | None, run: RunChoice,
        definition: "ModelDefinition",
        ) -> tuple["TrainSource", "Axis | None"]:
    """The spectra and their axis, which must be that of the model.

    Positions of a run are compared where --calibration gives them; without
    it the channels are assumed to be those of the model, as in the live
    device.
    """
    from ..api.inputs import check_axis, parse_axis
    from ..files import is_run
    from ..files.runs.train_source import ArraySource
    from ..offline.job import need_channels, need_monitor, open_source

    quantity_unit = parse_axis(axis)
    if is_run(spectra):
        source = open_source(spectra, run.options)
        need_channels(source, definition, spectra)
        need_monitor(source, definition, spectra)
        own = run.axis(source.channels, quantity_unit)
    else:
        run.refuse_for(spectra)
        with progress(f"Reading {spectra}"):
            source = open_source(spectra, run.options, quantity_unit,
                                 run.text)
        own = source.axis if isinstance(source, ArraySource) else None
    if own is not None:
        check_axis(own, definition, spectra)
    return source, own


def _understood(source: "TrainSource", own: "Axis | None",
                definition: "ModelDefinition") -> dict[str, Any]:
    """What was read; labels play no part."""
    from ..files.understood import report_of

    record = dict(source.provenance)
    if own is None:
        record["axis_from"] = "the model; positions of the run are not known"
    found = report_of(own or definition.axis, record,
                      int(source.pulses.sum()), str(source.dtype))
    return {name: value for name, value in found.items()
            if name not in ("classes", "captures")}


def _workers(dask: str | None) -> AbstractContextManager[Any]:
    """A context with the argument `cluster` of `analyse`."""
    if dask is None:
        return nullcontext()
    from ..offline.cluster import workers

    return workers(dask)


def _show(report: dict[str, Any]) -> None:
    rows = [*report["classes"].items(), *(
        (fate.replace("_", " "), report[fate]) for fate in (
            "unknown", "low_intensity", "saturated", "bad_data", "skipped")
        if report[fate])]
    total = max(report["spectra"], 1)
    print_table("Spectra by label",
                [("label", "left"), ("spectra", "right"), ("share", "right")],
                [(name, count, percent(count / total))
                 for name, count in rows])
    rate = report["spectra_per_second"]
    print_facts("", [
        ("model", report["model"]),
        ("engine", report["engine"] + (f", {rate:,.0f} spectra/s"
                                       if rate else "")),
        *((name.replace("_", " "), report[name]) for name in (
            "trains_without_data", "trains_unusable", "trains_suspect",
            "trains_foreign", "resumed_chunks") if report[name]),
        ("written", report["result"]),
        *(("plot", report["plot"]) for _ in range("plot" in report))])
