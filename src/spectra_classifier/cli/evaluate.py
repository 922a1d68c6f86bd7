"""`evaluate`: accuracy of a model on labelled data."""
from typing import Annotated, Any

import typer

from ..core.describe import accuracy, percent
from ..errors import InputError
from . import arguments, data, reports
from .console import print_facts, print_json, print_table, progress, say
from .run_options import RunChoice, for_runs


@for_runs()
def evaluate(
        model: arguments.Model, source: arguments.Data,
        labels: arguments.Labels = None,
        indices: arguments.Indices = None,
        include_training: Annotated[bool, typer.Option(
            "--include-training", help="Include the spectra that the model "
            "was trained on; they are left out otherwise.")] = False,
        engine: arguments.Engine = arguments.EngineKind.FUSED,
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        report_file: reports.Report = None,
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Compare the labels of a model with those of DATA.

    Unknown and rejected spectra count as wrong. The spectra that the model
    was trained on are known from its manifest (checksum and number).
    """
    from ..core.model_definition import Settings
    from ..model import load
    from ..training import evaluate as evaluation
    from ..training.labelled import labelled

    reports.check(report_file)
    data.model_first(model, source)
    data.keep_inputs(reports.files(report_file), [
        source, model, labels, indices, dark, *run.inputs])
    loaded = load(model)
    data.need_energies(loaded.definition.preprocessing, source)
    dataset = data.load(source, labels, axis, run, dark)
    data.need_labels(dataset, source)
    dataset = data.select(data.on_axis_of(dataset, loaded.definition, source),
                          indices)
    named = data.with_class_names(dataset, loaded.definition.classes)
    if named is not dataset:
        say("note: the labels are numbers, taken as class numbers of the "
            "model")
    dataset = named
    trained = evaluation.training_rows(loaded.manifest, dataset)
    numbers = labelled(dataset, "an evaluation").indices
    kept = numbers if include_training else numbers[~trained]
    if not len(kept):
        raise InputError(f"{source}: the model was trained on all of these "
                         "spectra; take others, or --include-training")
    darks, _ = data.dark_spectrum(dark, len(dataset.axis), run,
                                  dataset.axis)
    settings = Settings(dark=darks.mean if darks else None)
    with progress("Classifying"):
        report, evidence = evaluation.examine(loaded, dataset, kept,
                                              settings, str(engine))
    report["training_spectra_left_out"] = len(dataset) - len(kept)
    if report_file is not None:
        reports.write(report_file, "evaluation", report["model"], report,
                      evidence)
    if as_json:
        print_json(report)
    else:
        _show(report)


def _show(report: dict[str, Any]) -> None:
    print_table(
        "Labelled class (rows) and predicted class (columns)",
        [("label", "left"), *((str(index), "right") for index
                              in range(len(report["classes"])))],
        [(f"{index} = {name}", *row) for index, (name, row) in enumerate(
            zip(report["classes"], report["confusion"], strict=True))])
    print_facts(report["model"], [
        ("accuracy", accuracy(
            report["accuracy"], report["n"], report["accuracy_interval"],
            report["interval_n"], report["interval_over"])),
        *_undecided(report), *_confidence(report),
        ("boundary", "no single change of class in the labels"
         if report["boundary_error"] is None else
         f"{abs(report['boundary_error']):g} spectra "
         f"{'late' if report['boundary_error'] >= 0 else 'early'}"),
        *(("simple reference",
           f"{name.replace('_', ' ')} alone: {percent(share)}")
          for name, share in (report["simple_references"] or {}).items()),
        ("speed", f"{1e6 * report['seconds_per_spectrum']:,.1f} microseconds "
         f"per spectrum, engine {report['engine']}"),
        *_training(report)])


def _undecided(report: dict[str, Any]) -> list[tuple[str, object]]:
    if not report["unknown"] + report["rejected"]:
        return []
    return [("undecided", f"{report['unknown']} unknown, "
             f"{report['rejected']} rejected; accuracy of the others: "
             f"{percent(report['accuracy_decided'])}")]


def _confidence(report: dict[str, Any]) -> list[tuple[str, object]]:
    return [
        ("confidence", f"{report['calibration']}, calibration error "
         f"{percent(report['ece'])}"),
        ("coverage", "at 98% accuracy: "
         f"{percent(report['coverage_at_98'])} of the spectra")]


def _training(report: dict[str, Any]) -> list[tuple[str, object]]:
    left_out = report["training_spectra_left_out"]
    included = report["training_spectra_included"]
    if left_out:
        return [("note", f"{left_out} spectra of the training left out")]
    if included:
        return [("note", f"{included} of these spectra were used in "
                 "training: the accuracy is too high")]
    return []
