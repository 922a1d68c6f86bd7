"""`inspect`: what a model is, in words."""
from . import arguments
from .console import (
    axis_words,
    percent,
    position_heading,
    print_facts,
    print_json,
    print_table,
    validation_words,
)


def inspect(model: arguments.Model, as_json: arguments.Json = False):
    """Show what a model knows, how it was made and how good it is.

    The file is verified first: hashes, manifest, golden output. With --json,
    the manifest.
    """
    from ..model import load

    loaded = load(model)
    manifest = loaded.manifest
    if as_json:
        print_json(manifest)
        return
    print_facts(f"{manifest['id']}: verified", _facts(loaded))
    _bin_table(manifest)
    facts = _metrics(manifest["metrics"]) + _training(manifest["training"])
    if facts:
        print_facts("\nTraining", facts)


def _facts(loaded):
    manifest, definition = loaded.manifest, loaded.definition
    axis, gate = definition.axis, manifest["gate"]
    calibration = manifest["calibration"]
    return [
        ("description", manifest["description"] or "none"),
        ("classes", ", ".join(
            f"{index} = {name} (prior {prior:.3g})"
            for index, (name, prior) in enumerate(zip(
                manifest["classes"], manifest["priors"], strict=True)))),
        ("axis", f"{len(axis)} channels, {axis_words(axis)}"),
        ("preprocessing", _preprocessing(manifest["preprocessing"], axis)),
        ("members", f"{manifest['members']['kind']}, "
         f"{len(manifest['bins'])} in all, one per bin"),
        ("low intensity", f"below a mean of {gate['min_intensity']:.6g} per "
         f"channel ({gate['rule']})"),
        ("saturated", "never" if gate["saturation_level"] is None else
         f"from {gate['saturation_level']:g}"),
        ("unknown", _unknown(manifest["unknown"])),
        ("confidence", f"{calibration['status']}, "
         f"{calibration['samples']} calibration spectra of the rarest "
         f"class, temperature {calibration['temperature']:.3g}"),
        ("averaging", f"{manifest['averaging']} pulse(s)"),
        ("made", f"{manifest['created']} with " + ", ".join(
            f"{name} {version}" for name, version
            in manifest["software"].items())),
        ("licence", manifest["licence"]),
        ("SHA-256", loaded.sha256),
        ("file", loaded.path)]


def _preprocessing(entry, axis):
    baseline = entry["baseline"]
    if baseline["mode"] == "none":
        text = "no baseline"
    else:
        text = (f"baseline {baseline['mode']}, length "
                f"{baseline['length']:.3g}{_unit(axis)} "
                f"(lam {baseline['lam']:g}), p {baseline['p']:g}, "
                f"{baseline['iterations']} iterations")
    return f"{text}; normalisation {entry['normalisation']}"


def _unit(axis):
    return "" if axis.unit == "unknown" else f" {axis.unit}"


def _unknown(rule):
    limits = []
    if rule["min_confidence"]:
        limits.append(f"confidence below {rule['min_confidence']:.3g}")
    if rule["max_residual"] is not None:
        limits.append(f"residual above {rule['max_residual']:.3g}")
    return ", ".join([*limits, "a tie, or no bin with weight"])


def _views(members):
    """The name of the view of every bin, [] where members have none."""
    names = [view["name"] for view in members.get("views", ())]
    return [names[index] for index in members.get("view_of", ())]


def _bin_table(manifest):
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
    facts = [("separability", "skill above chance, cross-validated"),
             ("accuracy", "of the bin alone on its training data")]
    if idle:
        facts.append(("no vote", f"weight zero: {idle} of {len(rows)} bins"
                      + (", this model decides nothing"
                         if idle == len(rows) else "")))
    print_facts("", facts)


def _metrics(metrics):
    """The cross-validation in words, other metrics by their names."""
    facts = [(name.replace("_", " "), value) for name, value
             in metrics.items() if not isinstance(value, dict | list)]
    if "cross_validation" in metrics:
        facts.insert(0, ("accuracy",
                         validation_words(metrics["cross_validation"])))
    return facts


def _training(training):
    facts = []
    for source in training.get("data", ()):
        facts.append(("data", f"{len(source['indices'])} spectra of "
                      f"{source['identifier']}"))
        if source["sha256"]:
            facts.append(("", f"SHA-256 {source['sha256'][:16]}..."))
    if "options" in training:
        facts.append(("options", ", ".join(
            f"{name.replace('_', ' ')} {value}" for name, value
            in training["options"].items() if value is not None)))
    return facts + [("note", text) for text in training.get("warnings", ())]
