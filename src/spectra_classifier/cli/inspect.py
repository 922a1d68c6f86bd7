"""`inspect`: description of a model."""
import sys
import time
from typing import Annotated, Any

import typer

from ..core.describe import metric_facts, model_facts, percent, training_facts
from . import arguments, data
from .console import position_heading, print_facts, print_json, print_table

Prepare = Annotated[bool, typer.Option(
    "--prepare", help="Also compile the engine for the model, so that the "
    "first start of a device need not: run it as the user of the server.")]


def inspect(model: arguments.Model, as_json: arguments.Json = False,
            prepare: Prepare = False) -> None:
    """Show classes, training and accuracy of a model.

    The file is verified first: hashes, identity, manifest, golden output.
    With --json, the manifest.
    """
    from ..api.models import load
    from ..files.understood import report_of

    loaded = load(model).loaded
    if prepare:
        from ..live.configuration.live_model import load_model

        begun = time.monotonic()
        load_model(loaded.path.resolve(), "fused", 1)
        print(f"engine ready after {time.monotonic() - begun:.1f} s",
              file=sys.stderr)
    manifest = loaded.manifest
    taught = manifest["training"].get("spectra_per_class")
    if taught:      # a foreign model need not say
        data.show(report_of(
            loaded.definition.axis, {
                "path": str(loaded.path), "format": "model",
                "axis_from": "the manifest"}, sum(taught), "float32",
            dict(zip(manifest["classes"], taught, strict=True))),
            loaded.definition.axis)
    if as_json:
        print_json(manifest)
        return
    print_facts(f"{manifest['id']}: verified", [
        *model_facts(manifest, loaded.definition.axis),
        ("identity", loaded.identity), ("file", loaded.path)])
    _bin_table(manifest)
    facts = (metric_facts(manifest["metrics"])
             + training_facts(manifest["training"]))
    if facts:
        print_facts("\nTraining", facts)


def _views(members: dict[str, Any]) -> list[str]:
    """The name of the view of every bin; empty where members have none."""
    names = [view["name"] for view in members.get("views", ())]
    return [names[index] for index in members.get("view_of", ())]


def _bin_table(manifest: dict[str, Any]) -> None:
    views = _views(manifest["members"])
    rows = [(
        number, f"{entry['start']}-{entry['stop'] - 1}",
        f"{entry['from']:.5g}-{entry['to']:.5g}",
        percent(entry["separability"]), percent(entry["training_accuracy"]),
        f"{entry['weight']:.4f}", ", ".join(
            views[number:number + 1]
            + ([] if entry["weight"] else ["no vote"])))
        for number, entry in enumerate(manifest["bins"])]
    print_table(
        "\nBins",
        [("bin", "right"), ("channels", "right"),
         (position_heading(manifest["axis"]["unit"]), "right"),
         ("separability", "right"), ("accuracy", "right"),
         ("weight", "right"), ("", "left")], rows)
    idle = sum(not entry["weight"] for entry in manifest["bins"])
    facts: list[tuple[str, object]] = [
             ("separability", "skill above chance, cross-validated"),
             ("accuracy", "of the bin alone on its training data")]
    if idle:
        facts.append(("no vote", f"weight zero: {idle} of {len(rows)} bins"
                      + (", this model decides nothing"
                         if idle == len(rows) else "")))
    print_facts("", facts)
