"""Models and accuracies as text, for screens and commands."""
import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:       # `--help` needs no numpy
    from .spectra import Axis

#: control characters, halves of characters, and line ends of Unicode
_UNPRINTABLE = ("Cc", "Cs", "Zl", "Zp")


def percent(share: float | None) -> str:
    """A share in percent; "unknown" for None and NaN."""
    if share is None or not math.isfinite(share):
        return "unknown"
    return f"{share:.1%}"


def accuracy(share: float | None, number: int,
             interval: Sequence[float | None], interval_n: int,
             of: str) -> str:
    """An accuracy with its confidence interval and its numbers.

    Parameters
    ----------
    share
        The accuracy, 0 to 1.
    number
        Number of spectra.
    interval
        Ends of the 95 % interval.
    interval_n
        Number of independent units that the interval rests on.
    of
        Name of these units.
    """
    low, high = interval
    return (f"{percent(share)} of {number} spectra (95% interval "
            f"{percent(low)} to {percent(high)}, over {interval_n} {of})")


def validation_words(validation: Mapping[str, Any]) -> str:
    """The cross-validated accuracy of a report or manifest."""
    if not validation["known"]:
        return "not known: no cross-validation"
    return accuracy(
        validation["accuracy"], validation["n"], validation["interval"],
        validation["interval_n"], validation["interval_over"]
    ) + f", cross-validated by {validation['by']}"


def axis_words(axis: "Axis") -> str:
    """Range, unit and quantity of an axis."""
    ends = f"{axis.values[0]:g} to {axis.values[-1]:g}"
    if axis.quantity == "unknown":
        return f"{ends}, quantity not stated"
    if axis.quantity == axis.unit:
        return f"{ends} ({axis.unit} numbers)"
    return f"{ends} {axis.unit} ({axis.quantity})"


def model_facts(manifest: Mapping[str, Any],
                axis: "Axis") -> list[tuple[str, str]]:
    """[(topic, sentence)] of a manifest: what the model is."""
    gate, calibration = manifest["gate"], manifest["calibration"]
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
        ("mean of a train", _mean_rule(manifest.get("mean_rule"))),
        ("confidence", f"{calibration['status']}, "
         f"{calibration['samples']} calibration spectra of the rarest "
         f"class, temperature {calibration['temperature']:.3g}"),
        ("averaging", f"{manifest['averaging']} pulse(s)"),
        ("made", f"{manifest['created']} with " + ", ".join(
            f"{name} {version}" for name, version
            in manifest["software"].items())),
        ("licence", manifest["licence"])]


def metric_facts(metrics: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """[(topic, sentence or number)]: how good a model was shown to be."""
    facts = [(name.replace("_", " "), value) for name, value
             in metrics.items() if not isinstance(value, dict | list)]
    if "cross_validation" in metrics:
        facts.insert(0, ("accuracy",
                         validation_words(metrics["cross_validation"])))
    return facts


def training_facts(training: Mapping[str, Any]) -> list[tuple[str, str]]:
    """[(topic, sentence)]: what a model was made from."""
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


def _mean_rule(entry: Mapping[str, Any] | None) -> str:
    if entry is None:
        return "not judged: no limits are known"
    lines = ("" if "lines" not in entry else " or a line of "
             f"{entry['lines']['max_residual']:.3g}")
    return (f"unknown above a residual of {entry['max_residual']:.3g}"
            f"{lines}, from {entry['pulses']} pulses on; at most "
            f"{entry['level']:.1%} of the means of a taught state")


def _preprocessing(entry: Mapping[str, Any], axis: "Axis") -> str:
    baseline = entry["baseline"]
    if baseline["mode"] == "none":
        text = "no baseline"
    else:
        unit = "" if axis.unit == "unknown" else f" {axis.unit}"
        text = (f"baseline {baseline['mode']}, length "
                f"{baseline['length']:.3g}{unit} "
                f"(lam {baseline['lam']:g}), p {baseline['p']:g}, "
                f"{baseline['iterations']} iterations")
    if "spikes" in entry:
        text = (f"single strips above {entry['spikes']['counts']:.4g} counts "
                "over their neighbours interpolated; " + text)
    return f"{text}; normalisation {entry['normalisation']}"


def _unknown(rule: Mapping[str, Any]) -> str:
    limits = []
    if rule["min_confidence"]:
        limits.append(f"confidence below {rule['min_confidence']:.3g}")
    if rule["max_residual"] is not None:
        limits.append(f"residual above {rule['max_residual']:.3g}" + (
            f" ({rule['level']:.2%} of taught states)"
            if rule.get("level") else ""))
    elif rule.get("level"):
        limits.append("no limit of the residual (not enough spectra to tell)")
    if "max_distance" in rule:
        limits.append(f"texture farther than {rule['max_distance']:.3g} from "
                      "every class")
    return ", ".join([*limits, "a tie, or no bin with weight"])


def better_words(found: Mapping[str, float],
                 accuracy: float | None) -> list[str]:
    """A sentence for every simple reference that beats a model.

    `found`: {name: share right}, from `simple_references.better`.
    """
    return [f"{name.replace('_', ' ')} alone gets {share:.1%} right, the "
            f"model {accuracy:.1%}: the simple method is the better one here"
            for name, share in found.items()]


def unprintable(text: str) -> str:
    """The first character of `text` that no line can show, or ""."""
    return next((character for character in text
                 if unicodedata.category(character) in _UNPRINTABLE), "")


def printable(text: object) -> str:
    """`text` in UTF-8, with escapes for what no line can show."""
    return "".join(
        character.encode("unicode_escape").decode()
        if unicodedata.category(character) in _UNPRINTABLE else character
        for character in str(text))
