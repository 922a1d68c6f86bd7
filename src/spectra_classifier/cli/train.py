"""`train`: from labelled spectra to a model file."""
from pathlib import Path
from typing import Annotated, Any

import typer

from ..core.describe import percent, validation_words
from ..errors import ConfigurationError
from . import arguments, data, reports
from .console import (
    position_heading,
    print_facts,
    print_json,
    print_table,
    progress,
    say,
)
from .run_options import RunChoice, for_runs


def _option(default: str, text: str, *names: str, **limits: Any) -> Any:
    """An option that changes `TrainingOptions`; None keeps its default."""
    return typer.Option(*names, help=text, show_default=default, **limits)


@for_runs()
def train(
        source: arguments.Data,
        output: Annotated[Path, typer.Option(
            "--output", "-o", metavar="MODEL.onnx",
            help="Model file to write; its manifest goes to the same "
            "folder.")],
        members: Annotated[str | None, _option(
            "auto", "Members that vote, one per bin: auto (linear; chooses "
            "bins, normalisation and views of the spectrum itself) or texture "
            "(the same among textures, for spikes); on the whole bin linear "
            "(discriminant), ridge, logistic or mlp (a network); published "
            "(a small network on single points, with the settings of the "
            "publication; for spectra in other units add --input-scaling).",
        )] = None,
        labels: arguments.Labels = None,
        indices: arguments.Indices = None,
        dark: arguments.Dark = None,
        axis: arguments.AxisOption = None,
        name: Annotated[str | None, typer.Option(
            help="Name of the model.", show_default="that of the file",
        )] = None,
        description: Annotated[str, typer.Option(
            help="One sentence that goes into the model.",
            show_default=False)] = "",
        licence: Annotated[str, typer.Option(
            help="Licence of the model.")] = "not stated",
        bins: Annotated[int | None, _option(
            "15", "Number of bins.", min=1)] = None,
        averaging: Annotated[int | None, _option(
            "1", "Pulses whose mean is classified, in training and in use; 0 "
            "for the number that the report recommends.", min=0)] = None,
        counts_per_photon: Annotated[float | None, _option(
            "not stated", "Counts of one photon, to state photons in the "
            "report.")] = None,
        baseline: Annotated[str | None, _option(
            "none; published: exact", "Baseline: none, exact or reduced "
            "(faster).")] = None,
        lam: Annotated[float | None, _option(
            "100000", "Stiffness of the baseline, channels^4.", min=0)] = None,
        baseline_length: Annotated[float | None, _option(
            "that of lam", "Length of the baseline in units of the axis, "
            "instead of --lam: the same on axes of any number of points.",
            min=0)] = None,
        normalisation: Annotated[str | None, _option(
            "none", "Normalisation: none, area, snv, or monitor (DATA is "
            "divided by the pulse energy, and so will be what the model "
            "gets).")] = None,
        noise: Annotated[str | None, _option(
            "published", "Noise copies: zero-mean or published (one-sided).",
        )] = None,
        copies: Annotated[int | None, _option(
            "to about 44 spectra", "Noise copies of every spectrum.", min=0,
        )] = None,
        variants: Annotated[int | None, _option(
            "0", "Copies of every spectrum with another shift, gain, "
            "pedestal and slope; for linear, ridge, logistic and mlp.",
            min=0)] = None,
        input_scaling: Annotated[str | None, _option(
            "none", "Inputs of published members: none, published (to the "
            "ranges of the publication) or standardised.")] = None,
        hidden: Annotated[int | None, _option(
            "150", "Hidden units of a published or mlp member.", min=1,
        )] = None,
        epochs: Annotated[int | None, _option(
            "700", "Epochs of published members; the folds take no more.",
            min=1)] = None,
        folds: Annotated[int | None, _option(
            "5", "Folds of the cross-validation, 0 for none.", min=0)] = None,
        try_baseline: Annotated[bool | None, _option(
            "no", "auto: try a baseline as well, and use it if it is better.",
            "--try-baseline")] = None,
        try_regressions: Annotated[bool | None, _option(
            "no", "auto: try ridge and logistic regression as well, for few "
            "spectra.", "--try-regressions")] = None,
        time_budget: Annotated[float | None, _option(
            "15", "auto: seconds after which no further candidate is tried.",
            min=0,
        )] = None,
        min_confidence: Annotated[float | None, _option(
            "0", "Confidence below which a spectrum is unknown.", min=0,
            max=1,
        )] = None,
        unknown_level: Annotated[float | None, _option(
            "0.01", "Share of the spectra of taught states that may be "
            "unknown by their shape; 0 for none.", min=0, max=1)] = None,
        seed: Annotated[int | None, _option(
            "0", "Seed of all random numbers.", min=0)] = None,
        threads: Annotated[int | None, _option(
            "1", "Threads of the computation.", min=1)] = None,
        report_file: reports.Report = None,
        as_json: arguments.Json = False, *, run: RunChoice) -> None:
    """Train a model on labelled spectra and write it as one ONNX file.

    Every bin is cross-validated: by captures where DATA has them, else by
    contiguous blocks. Needs torch for published and mlp members.
    """
    from ..api import training
    from ..api.inputs import need_labels
    from ..files.understood import understood

    changes = dict(
        members=members, bins=bins, averaging=averaging,
        counts_per_photon=counts_per_photon, baseline=baseline, lam=lam,
        baseline_length=baseline_length,
        normalisation=normalisation, noise=noise, copies=copies,
        variants=variants, input_scaling=input_scaling, hidden=hidden,
        epochs=epochs, folds=folds,
        try_baseline=try_baseline, try_regressions=try_regressions,
        time_budget=time_budget,
        min_confidence=min_confidence, unknown_level=unknown_level,
        seed=seed, threads=threads)
    options, ignored = training.options_of({
        key: value for key, value in changes.items() if value is not None})
    if ignored:
        words = ", ".join(f"--{key.replace('_', '-')}" for key in ignored)
        say(f"note: --members {options.members} takes no {words}: not used")
    _check_output(output, name)
    reports.check(report_file)
    if not licence.strip():
        raise ConfigurationError("--licence is empty: name one, or leave the "
                                 "option out")
    data.keep_inputs([output, *reports.files(report_file)], [
        source, labels, indices, dark, *run.inputs])
    data.need_energies(options.preprocessing(), source)
    dataset = data.load(source, labels, axis, run=run, dark=dark)
    need_labels(dataset, source)
    dataset = data.minus_dark(data.select(dataset, indices), dark, run)
    with progress("Training", "steps") as update:
        model = training.fit(
            dataset, options, output.stem if name is None else name, licence,
            description, lambda step, steps, loss: update(
                step, steps, f"loss {loss:.3f}"), str(output))
    model.save(output)
    manifest = model.manifest
    report = {"model": str(output), "id": manifest["id"],
              "manifest": str(output.parent / f"{manifest['id']}.json"),
              "identity": manifest["identity"], **model.report}
    if report_file is not None:
        reports.write(report_file, "training", manifest["id"], report,
                      model.evidence, dataset.provenance)
    if as_json:
        print_json(report | {"data": understood(dataset)})
    else:
        _show(report, dataset.axis.unit)


def _check_output(output: Path, name: str | None) -> None:
    """Refuse, before the training, a file or name that cannot be written."""
    from ..api.models import check_name
    from ..files.atomic import check_target

    check_name(output.stem if name is None else name)
    if output.suffix != ".onnx":
        raise ConfigurationError(f"--output {output}: a model file ends in "
                                 ".onnx")
    check_target(output)


def _show(report: dict[str, Any], unit: str) -> None:
    if report["beaten_by"]:
        print_facts("", [("note", text) for text in report["beaten_by"]])
    print_table(
        "Bins",
        [("bin", "right"), (position_heading(unit), "right"),
         ("separability", "right"), ("accuracy", "right"),
         ("weight", "right"), ("", "left")],
        [(number, f"{entry['from']:.5g}-{entry['to']:.5g}",
          percent(entry["separability"]),
          percent(entry["training_accuracy"]), f"{entry['weight']:.4f}",
          "" if entry["weight"] else "no vote")
         for number, entry in enumerate(report["bins"])])
    print_facts("", [
        ("separability", "skill above chance, cross-validated"),
        ("accuracy", "of the bin alone on its training data")])
    print_facts(f"\n{report['id']}", [
        ("trained on", f"{report['spectra']} spectra in "
         f"{report['seconds']:.1f} s; " + ", ".join(
             f"{name}: {count}" for name, count in zip(
                 report["classes"], report["spectra_per_class"],
                 strict=True))),
        ("accuracy", validation_words(report["cross_validation"])),
        ("unknown", report["unknown"]["words"]),
        ("mean of a train", report["unknown"]["means"]["words"]),
        *_verdict(report.get("null_tests")),
        *_averaging(report["averaging"]),
        *(("note", text) for text
          in dict.fromkeys(report["warnings"])
          if text not in report["beaten_by"]),
        ("written", report["model"]),
        ("manifest", report["manifest"])])


def _verdict(tests: dict[str, Any] | None) -> list[tuple[str, object]]:
    """Verdict on arming, null test and simple references, where known."""
    if tests is None:
        return []
    arming = "" if tests["arm"] else "; do not arm it"
    compared = [f"{percent(tests['accuracy'])} on left-out spectra"]
    if tests["null"] is not None:
        compared.append(f"null test (halves of one capture) "
                        f"{percent(tests['null'])}, expected 50%")
    compared += [f"{name.replace('_', ' ')} {percent(share)}"
                 for name, share in tests["references"].items()]
    return [("verdict", tests["verdict"] + arming),
            ("compared", ", ".join(compared))]


def _averaging(averaging: dict[str, Any]) -> list[tuple[str, object]]:
    """Accuracy against the number of pulses averaged, where known."""
    study = averaging["study"]
    if study is None or not study["table"]:
        return []
    known = ", ".join(
        f"{entry['k']}: {percent(entry['means'])} (summed log-odds "
        f"{percent(entry['summed_log_odds'])})" for entry in study["table"])
    return [("averaging", f"{averaging['k']} pulse(s); by pulses averaged "
             f"{known}; recommended {study['recommended']}")]
