"""`evaluate`: accuracy of a model on labelled data."""
from typing import Annotated, Any

import typer

from ..core.describe import accuracy, better_words, percent
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
    was trained on are known by their content, in whatever file they come.
    Spectra of classes that it was not taught show how many strangers it calls
    a class.
    """
    from ..api import inputs
    from ..api.models import load
    from ..core.model_definition import Settings
    from ..files.understood import understood
    from ..training import evaluate as evaluation
    from ..training.labelled import labelled

    reports.check(report_file)
    data.model_first(model, source)
    loaded = load(model).loaded
    data.keep_inputs(reports.files(report_file), [
        source, loaded.path, labels, indices, dark, *run.inputs])
    data.need_energies(loaded.definition.preprocessing, source)
    dataset = data.load(source, labels, axis, run=run, dark=dark)
    inputs.need_labels(dataset, source)
    dataset = data.select(
        inputs.on_axis_of(dataset, loaded.definition, source), indices)
    named = inputs.with_class_names(dataset, loaded.definition.classes)
    if named is not dataset:
        say("note: the labels are numbers, taken as class numbers of the "
            "model")
    dataset = named
    darks, _ = data.dark_spectrum(dark, len(dataset.axis), run,
                                  dataset.axis)
    settings = Settings(dark=darks.mean if darks else None)
    for note in inputs.dark_notes(loaded.manifest, dataset.provenance,
                                  darks is not None):
        say(f"note: {note}")
    with progress("Classifying"):
        report, evidence = evaluation.examine(
            loaded, dataset, labelled(dataset, "an evaluation").indices
            if include_training else None, settings, str(engine))
    if report_file is not None and not report["n"]:
        raise InputError(f"{source}: holds no class of the model, so there is "
                         "nothing to report; leave out --report")
    if report_file is not None:
        reports.write(report_file, "evaluation", report["model"], report,
                      evidence, dataset.provenance)
    if as_json:
        print_json(report | {"data": understood(dataset)})
    else:
        _show(report)


def _show(report: dict[str, Any]) -> None:
    better = better_words(report["better_references"], report["accuracy"])
    if better:
        print_facts("", [("note", words) for words in better])
    print_table(
        "Labelled class (rows) and predicted class (columns)",
        [("label", "left"), *((str(index), "right") for index
                              in range(len(report["classes"])))],
        [(f"{index} = {name}", *row) for index, (name, row) in enumerate(
            zip(report["classes"], report["confusion"], strict=True))]
        + [(f"not taught: {each['class']}", *each["called"].values())
           for each in report["untaught"]])
    print_table(
        "By class", [("class", "left"), *((name, "right") for name in (
            "spectra", "recall", "precision", "F1"))],
        [(each["class"], each["n"], *(
            percent(each[key]) for key in ("recall", "precision", "f1")))
         for each in report["per_class"]])
    print_facts(report["model"], [
        *_taught(report), *_strangers(report),
        ("speed", f"{1e6 * report['seconds_per_spectrum']:,.1f} microseconds "
         f"per spectrum, engine {report['engine']}"),
        *_training(report)])


def _taught(report: dict[str, Any]) -> list[tuple[str, object]]:
    """What is known of spectra of the taught classes."""
    if not report["n"]:
        return [("accuracy", "not known: no spectrum is of a class that the "
                 "model was taught")]
    return [
        ("accuracy", accuracy(
            report["accuracy"], report["n"], report["accuracy_interval"],
            report["interval_n"], report["interval_over"])),
        ("balanced", f"{percent(report['balanced_accuracy'])}, the mean of "
         "the recalls"),
        *_undecided(report), *_confidence(report),
        ("boundary", "no single change of class in the labels"
         if report["boundary_error"] is None else
         f"{abs(report['boundary_error']):g} spectra "
         f"{'late' if report['boundary_error'] >= 0 else 'early'}"),
        *(("simple reference",
           f"{name.replace('_', ' ')} alone: {percent(share)}")
          for name, share in (report["simple_references"] or {}).items())]


def _strangers(report: dict[str, Any]) -> list[tuple[str, object]]:
    """How many spectra of classes that were not taught got a class."""
    if not report["untaught"]:
        return []
    low, high = report["false_acceptance_interval"]
    names = ", ".join(each["class"] for each in report["untaught"])
    return [("not taught", f"{percent(report['false_acceptance'])} of "
             f"{sum(each['n'] for each in report['untaught'])} spectra of "
             f"{names} get a class (95% interval {percent(low)} to "
             f"{percent(high)})")]


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
    similar = len(report["similar_to_training"])
    notes = []
    if left_out:
        notes.append(f"{left_out} spectra of the training left out")
    if included:
        notes.append(f"{included} of these spectra were used in training: "
                     "the accuracy is too high")
    if similar:
        notes.append(
            f"{similar} further spectra are nearly equal to one of the "
            "training: if they are copies the accuracy is too high")
    return [("note", each) for each in notes]
