"""The manifest: what a model is, in text and numbers, as JSON.

`compose` writes it from a definition, `check` checks it against the schema,
`definition_from` reads it back. docs/model-format.md explains the fields.
"""
import json
import math
import platform
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache
from importlib import metadata, resources
from typing import Any

import jsonschema
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .. import __version__
from ..core.drift.reference import DriftLimits, DriftReference
from ..core.engine.mean_spectrum import LineRule, MeanRule
from ..core.engine.within_class_variation import Variation
from ..core.limits import MAX_BINS, MAX_CLASSES, check_classes, check_name
from ..core.model_definition import (
    DEFAULT_VALID_SHARE,
    Baseline,
    Calibration,
    ForeignMembers,
    MixtureError,
    ModelDefinition,
    PointwiseMembers,
    Preprocessing,
    SpikeRule,
    UnknownRule,
    ViewMembers,
)
from ..core.spectra import Axis
from ..errors import ModelFileError, SpectraError
from . import arrays
from .fingerprint import DIGITS, identity, manifest_sha256, model_id, sealed
from .graph import OwnMembers
from .plain import AnyPath
from .strict_json import Json, JsonObject

FORMAT_VERSION = 2
#: lists with one number per spectrum of the training, checked on their own
_PER_SPECTRUM = "indices", "groups"
#: values of a manifest without those lists: the schema takes 20 us of each
MAX_VALUES = 100_000
#: relative difference of numbers that are stated twice
_REPETITION = 1e-9
#: a sum of priors may differ from 1 by rounding
_PRIOR_TOLERANCE = 1e-6


@cache
def schema() -> JsonObject:
    """The JSON schema that every manifest of this version fulfils."""
    return json.loads(resources.files(__package__).joinpath(
        "manifest.schema.json").read_text())


@cache
def _validator() -> jsonschema.protocols.Validator:
    """The schema, with integers that are integers: 1.0 is not one."""
    base = jsonschema.Draft202012Validator
    kind = jsonschema.validators.extend(
        base, type_checker=base.TYPE_CHECKER.redefine(
            "integer", lambda _, value: type(value) is int))
    return kind(schema())


def check(manifest: Json, path: AnyPath) -> None:
    """Check a manifest against the schema and its own hashes.

    Sizes come first, so that the rest takes a bounded time.

    Raises
    ------
    ModelFileError
        Names the field that is wrong.
    """
    if not isinstance(manifest, dict):
        raise ModelFileError(f"{path}: the manifest is not a JSON object")
    version = manifest.get("format_version")
    if type(version) is not int or version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path} has format version {version!r:.40}, this software reads "
            f"{FORMAT_VERSION}: update the software or export the model "
            "again")
    error = jsonschema.exceptions.best_match(
        _validator().iter_errors(_bounded(manifest, path)))
    if error is not None:
        field = ".".join(map(str, error.absolute_path)) or "top level"
        raise ModelFileError(f"{path}: the manifest is wrong at {field:.200}:"
                             f" {error.message[:200]}")
    if manifest_sha256(manifest) != manifest["manifest_sha256"]:
        raise ModelFileError(f"{path}: the manifest does not match its own "
                             "hash: it is damaged or was edited")
    stated = manifest["identity"], manifest["id"]
    found = identity(manifest), model_id(manifest)
    if stated != found:
        raise ModelFileError(
            f"{path} calls itself {stated[1]} with identity "
            f"{stated[0][:DIGITS]}..., its content is {found[1]} with "
            f"{found[0][:DIGITS]}...: it was edited, export it again")
    _check_sense(manifest, path)


def _bounded(manifest: JsonObject, path: AnyPath) -> JsonObject:
    """The manifest without the long lists, which are checked here."""
    lean = dict(manifest)
    for key, most in ("classes", MAX_CLASSES), ("bins", MAX_BINS):
        if isinstance(manifest.get(key), list) and len(manifest[key]) > most:
            raise ModelFileError(f"{path}: the manifest has "
                                 f"{len(manifest[key])} {key}, more than the "
                                 f"limit of {most}")
    training = manifest.get("training")
    if isinstance(training, dict) and isinstance(training.get("data"), list):
        lean["training"] = training | {"data": [
            _lean_source(source, path) for source in training["data"]]}
    count, waiting = 0, [lean]
    while waiting:
        value = waiting.pop()
        count += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        if count + len(waiting) > MAX_VALUES:
            raise ModelFileError(
                f"{path}: the manifest has more than {MAX_VALUES} values: "
                "leave out of it what is not about the model")
    return lean


def _lean_source(source: Json, path: AnyPath) -> Json:
    """A source of the training with lists of at most one number."""
    if not isinstance(source, dict):
        return source
    lean = dict(source)
    for key in _PER_SPECTRUM:
        numbers = source.get(key)
        if not isinstance(numbers, list):
            continue
        if not all(type(number) is int for number in numbers):
            raise ModelFileError(
                f"{path}: the manifest is wrong at training.data.{key}: "
                "expected integers")
        lean[key] = [min(numbers)] if numbers else []
    return lean


def _check_sense(manifest: JsonObject, path: AnyPath) -> None:
    """Check what a schema cannot express."""
    classes, priors = manifest["classes"], manifest["priors"]
    calibration = manifest["calibration"]
    status = Calibration(samples=calibration["samples"]).status
    try:
        check_classes(classes)
        for what in "quantity", "unit":
            if manifest["axis"][what]:
                check_name(f"axis {what}", manifest["axis"][what])
    except SpectraError as error:
        raise ModelFileError(f"{path}: the manifest is wrong: {error}"
                             ) from None
    if (len(priors) != len(classes) or not min(priors) > 0
            or not abs(sum(priors) - 1) <= _PRIOR_TOLERANCE):
        raise ModelFileError(
            f"{path}: the priors {priors!s:.80} of {len(classes)} classes "
            "are wrong: expected one above 0 for each, with the sum 1")
    if calibration["status"] != status:
        raise ModelFileError(
            f"{path}: the calibration is called {calibration['status']} with "
            f"{calibration['samples']} samples: it is {status}")


def compose(definition: ModelDefinition, info: Mapping[str, Any],
            weights_sha256: str,
            golden: tuple[ArrayLike, NDArray[np.int8], NDArray[np.float32]]
           ) -> tuple[JsonObject, dict[str, str]]:
    """Compose the manifest of a definition.

    Parameters
    ----------
    definition
        The model.
    info
        "name" and "licence", and as far as known "description", "priors",
        "gate_rule", "training_accuracy" (B,), "foreign_output", "training",
        "metrics", "software", "taught" (N, k: marks of the training spectra,
        `core.evaluation.taught_spectra`).
    weights_sha256
        Hash of the graph.
    golden
        Raw spectra (k, channels) float32, labels (k,), scores (k, C).

    Returns
    -------
    manifest
    properties
        {key: text} of its arrays, for the metadata of the file.
    """
    properties = {}

    def stored(key: str, array: ArrayLike) -> JsonObject:
        description, text = arrays.encode(key, array)
        properties.update(text)
        return description

    spectra, labels, scores = golden
    classes = len(definition.classes)
    manifest = {
        "format_version": FORMAT_VERSION,
        "name": info["name"],
        "description": info.get("description", ""),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "software": software() | info.get("software", {}),
        "weights_sha256": weights_sha256,
        "classes": list(definition.classes),
        "priors": list(map(float, info.get("priors")
                           or np.full(classes, 1 / classes))),
        "axis": _axis_entry(definition.axis, stored),
        "preprocessing": _preprocessing_entry(definition),
        "members": _members_entry(definition, info),
        "bins": _bin_entries(definition, info.get("training_accuracy")),
        "gate": {
            "min_intensity": float(definition.min_intensity),
            "saturation_level": _finite(definition.saturation_level),
            "rule": info.get("gate_rule", "given"),
            "min_valid_share": float(definition.min_valid_share),
            "untaught": list(map(int, definition.untaught))},
        "unknown": {
            "min_confidence": definition.unknown.min_confidence,
            "max_residual": _finite(definition.unknown.max_residual),
            **({} if definition.unknown.level is None else
               {"level": float(definition.unknown.level)}),
            **({} if definition.texture is None else
               {"max_distance": float(definition.unknown.max_distance)})},
        "calibration": {
            "temperature": float(definition.calibration.temperature),
            "samples": int(definition.calibration.samples),
            "of": definition.calibration.of,
            "doubt": float(definition.calibration.doubt),
            "status": definition.calibration.status},
        "averaging": int(definition.averaging),
        "references": stored("references", np.asarray(
            definition.references, np.float32)),
        "training": info.get("training", {}),
        "metrics": info.get("metrics", {}),
        "licence": info["licence"],
        "golden": {
            "input": stored("golden", np.asarray(spectra, np.float32)),
            "labels": labels.tolist(),
            "scores": [[round(float(s), 6) for s in row]
                       for row in scores]},
    }
    if definition.drift is not None:
        manifest["drift"] = {
            "spectra": stored("drift", definition.drift.spectra),
            "intensity": definition.drift.intensity,
            "limits": asdict(definition.drift.limits)}
    if info.get("taught") is not None:
        manifest["taught"] = stored("taught", info["taught"])
    if definition.variation is not None:
        manifest["variation"] = _variation_entry(
            definition.variation, "variation", stored)
    rule = definition.mean_rule
    if rule is not None:
        manifest["mean_rule"] = {
            "variation": _variation_entry(rule.variation, "means",
                                          stored),
            "pulses": int(rule.pulses),
            "max_residual": float(rule.max_residual),
            "max_noise": float(rule.max_noise), "level": float(rule.level)}
        if rule.structure:
            manifest["mean_rule"]["structure"] = float(rule.structure)
        if rule.lines is not None:
            manifest["mean_rule"]["lines"] = {
                "variation": _variation_entry(rule.lines.variation, "lines",
                                              stored),
                "max_residual": float(rule.lines.max_residual)}
    if definition.strengths:
        manifest["strengths"] = list(definition.strengths)
    if definition.mixture_error is not None:
        manifest["mixture_error"] = {
            "errors": list(definition.mixture_error.errors),
            "strengths": list(definition.mixture_error.strengths),
            "freedom": int(definition.mixture_error.freedom)}
    return sealed(manifest), properties


def software() -> dict[str, str]:
    """Versions of the software that a model is made with."""
    return {"spectra_classifier": __version__,
            "python": platform.python_version(),
            **{name: metadata.version(name)
               for name in ("numpy", "onnx", "onnxruntime")}}


def definition_from(manifest: JsonObject, members: OwnMembers | None,
                    properties: Mapping[str, str]) -> ModelDefinition:
    """Read the definition of a checked manifest.

    Parameters
    ----------
    manifest
        Has passed `check`.
    members
        The members of its graph; None for a foreign classifier.
    properties
        The metadata of the file.

    Raises
    ------
    ModelFileError
        If the manifest contradicts itself or its arrays.
    """
    try:
        definition = _definition(manifest, members, properties)
        _check_repetitions(manifest, definition)
        return definition
    except ModelFileError:
        raise
    except SpectraError as error:
        raise ModelFileError(f"the manifest contradicts itself: {error}"
                             ) from None


def _definition(manifest: JsonObject, members: OwnMembers | None,
                properties: Mapping[str, str]) -> ModelDefinition:
    bins = manifest["bins"]
    baseline = {key: value for key, value in
                manifest["preprocessing"]["baseline"].items()
                if key != "length"}
    axis = _axis(manifest["axis"], properties)
    references = arrays.decode(manifest["references"], properties)
    expected = len(manifest["classes"]), len(axis)
    return ModelDefinition(
        model_id=manifest["id"],
        classes=tuple(manifest["classes"]),
        axis=axis,
        preprocessing=Preprocessing(
            Baseline(**baseline),
            manifest["preprocessing"]["normalisation"],
            _spikes(manifest["preprocessing"].get("spikes"))),
        bins=tuple((entry["start"], entry["stop"]) for entry in bins),
        members=members or ForeignMembers(),
        weights=np.array([entry["weight"] for entry in bins]),
        separability=np.array([
            _number(entry["separability"]) for entry in bins]),
        references=references,
        min_intensity=manifest["gate"]["min_intensity"],
        saturation_level=_number(manifest["gate"]["saturation_level"],
                                 math.inf),
        min_valid_share=manifest["gate"].get(
            "min_valid_share", DEFAULT_VALID_SHARE),
        untaught=tuple(manifest["gate"].get("untaught", ())),
        calibration=Calibration(**{
            key: value for key, value in manifest["calibration"].items()
            if key != "status"}),
        unknown=UnknownRule(
            manifest["unknown"]["min_confidence"],
            _number(manifest["unknown"]["max_residual"], math.inf),
            manifest["unknown"].get("level"),
            manifest["unknown"].get("max_distance", math.inf)),
        averaging=manifest["averaging"],
        drift=_drift(manifest, properties, expected),
        variation=_variation(manifest, properties),
        strengths=tuple(manifest.get("strengths", ())),
        mixture_error=_mixture_error(manifest),
        mean_rule=_mean_rule(manifest, properties))


def _check_repetitions(manifest: JsonObject,
                       definition: ModelDefinition) -> None:
    """Check that what a manifest states twice agrees."""
    entries = _bin_entries(definition, None)
    pairs = [(f"bins.{number}.{key}", stated[key], entry[key])
             for number, (stated, entry) in enumerate(zip(
                 manifest["bins"], entries, strict=True))
             for key in ("from", "to")]
    preprocessing = _preprocessing_entry(definition)
    pairs.append(("preprocessing.baseline.length",
                  manifest["preprocessing"]["baseline"]["length"],
                  preprocessing["baseline"]["length"]))
    for field, stated, found in pairs:
        if not math.isclose(stated, found, rel_tol=_REPETITION):
            raise ModelFileError(f"the manifest states {stated:g} at {field}, "
                                 f"its other fields state {found:g}: export "
                                 "the model again")
    if manifest["preprocessing"]["order"] != preprocessing["order"]:
        raise ModelFileError(
            "the manifest states that the order of preprocessing is "
            f"{', '.join(manifest['preprocessing']['order'])}, it is "
            f"{', '.join(preprocessing['order'])}: export the model again")
    if (isinstance(definition.members, ForeignMembers)
            and len(definition.bins) != 1):
        raise ModelFileError(f"the manifest has {len(definition.bins)} bins, "
                             "a foreign classifier has 1")


def _drift(manifest: JsonObject, properties: Mapping[str, str],
           expected: tuple[int, int]) -> DriftReference | None:
    """The `DriftReference`; None in a manifest of an older date."""
    if "drift" not in manifest:
        return None
    entry = manifest["drift"]
    spectra = arrays.decode(entry["spectra"], properties)
    if spectra.shape != expected:
        raise ModelFileError(
            f"a drift reference of shape {spectra.shape}, expected "
            f"{expected}: the manifest does not fit its arrays")
    return DriftReference(spectra, entry["intensity"],
                          DriftLimits(**entry["limits"]))


def _variation(manifest: JsonObject,
               properties: Mapping[str, str]) -> Variation | None:
    """The `Variation`, in older manifests without weights, or None."""
    if "variation" not in manifest:
        return None
    entry = manifest["variation"]
    return Variation(entry["width"],
                     arrays.decode(entry["directions"], properties),
                     entry.get("weights"))


def _variation_entry(variation: Variation, key: str,
                     stored: Callable[[str, ArrayLike], JsonObject],
                     ) -> JsonObject:
    return {"width": int(variation.width),
            "directions": stored(key, variation.directions),
            "weights": variation.weights.tolist()}


def _mean_rule(manifest: JsonObject,
               properties: Mapping[str, str]) -> MeanRule | None:
    """The `MeanRule`; None in a manifest of an older date."""
    if "mean_rule" not in manifest:
        return None
    entry = manifest["mean_rule"]
    given: JsonObject = {"variation": _variation(entry, properties)}
    if "lines" in entry:
        given["lines"] = LineRule(**entry["lines"] | {
            "variation": _variation(entry["lines"], properties)})
    return MeanRule(**entry | given)


def _mixture_error(manifest: JsonObject) -> MixtureError | None:
    """The `MixtureError`; None in a manifest of an older date."""
    if "mixture_error" not in manifest:
        return None
    entry = manifest["mixture_error"]
    return MixtureError(tuple(entry["errors"]), tuple(entry["strengths"]),
                        entry["freedom"])


def _axis_entry(axis: Axis,
                stored: Callable[[str, ArrayLike], JsonObject]) -> JsonObject:
    count = len(axis)
    first = float(axis.values[0])
    step = axis.step
    entry = {"quantity": axis.quantity, "unit": axis.unit, "channels": count}
    if np.array_equal(first + step * np.arange(count), axis.values):
        return entry | {"first": first, "step": step}
    return entry | {"values": stored("axis", axis.values)}


def _axis(entry: Mapping[str, Any], properties: Mapping[str, str]) -> Axis:
    if "values" in entry:
        values = arrays.decode(entry["values"], properties)
    else:
        values = entry["first"] + entry["step"] * np.arange(entry["channels"])
    if values.shape != (entry["channels"],):
        raise ModelFileError(f"{values.size} axis values for "
                             f"{entry['channels']} channels: the manifest "
                             "does not fit its arrays")
    return Axis(values, entry["quantity"], entry["unit"])


def _preprocessing_entry(definition: ModelDefinition) -> JsonObject:
    baseline = definition.preprocessing.baseline
    spikes = definition.preprocessing.spikes
    return {
        "order": [
            "dark", *["monitor"] * definition.preprocessing.by_monitor,
            "mask", "gate", *["spikes"] * (spikes is not None), "baseline",
            *["normalisation"] * (not definition.preprocessing.by_monitor)],
        "baseline": {
            "mode": baseline.mode, "lam": baseline.lam, "p": baseline.p,
            "iterations": baseline.iterations,
            "knot_step": baseline.knot_step,
            "length": baseline.lam ** 0.25 * definition.axis.step},
        "normalisation": definition.preprocessing.normalisation,
        **({} if spikes is None else {"spikes": {
            "counts": float(spikes.counts),
            "roughness": float(spikes.roughness)}})}


def _spikes(entry: Mapping[str, float] | None) -> SpikeRule | None:
    """The `SpikeRule`; None in a manifest of an older date."""
    return None if entry is None else SpikeRule(**entry)


def _members_entry(definition: ModelDefinition,
                   info: Mapping[str, Any]) -> JsonObject:
    members = definition.members
    entry: JsonObject = {"kind": members.kind}
    if isinstance(members, PointwiseMembers):
        entry["hidden"] = int(members.b1.shape[1])
    elif isinstance(members, ForeignMembers):
        entry["output"] = info.get("foreign_output", "probabilities")
    elif isinstance(members, ViewMembers):
        entry["views"] = [asdict(view) for view in members.views]
        entry["view_of"] = list(map(int, members.view_of))
        if members.texture is not None:
            entry["texture"] = int(members.texture.view)
    return entry


def _bin_entries(definition: ModelDefinition,
                 accuracy: Sequence[float | None] | NDArray[np.float64] | None
                ) -> list[JsonObject]:
    x = definition.axis.values
    accuracy = [None] * len(definition.bins) if accuracy is None else accuracy
    skill = definition.separability
    return [{
        "start": int(start), "stop": int(stop),
        "from": float(x[start]), "to": float(x[stop - 1]),
        "weight": float(definition.weights[b]),
        "separability": None if skill is None else _finite(skill[b]),
        "training_accuracy": _finite(accuracy[b]),
    } for b, (start, stop) in enumerate(definition.bins)]


def _finite(value: float | None) -> float | None:
    return None if value is None or not math.isfinite(value) else float(value)


def _number(value: float | None, default: float = math.nan) -> float:
    return default if value is None else value
