"""Pages of the reference that are made from the program itself.

    python -m docs_tables.reference [PAGE ...]

writes docs/reference/*.md, docs/decisions/index.md and the marked parts of
other pages; a test compares each with what this makes.
"""
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperArgument, TyperOption

from spectra_classifier import model as model_package
from spectra_classifier.cli.main import app
from spectra_classifier.core.decision.alarms import NAMES
from spectra_classifier.core.spectra import Code
from spectra_classifier.devices.classifier_base.property_values import FATES
from spectra_classifier.files.results import columns
from spectra_classifier.live.records import Fate

from .alarm_tables import alarm_rows
from .property_tables import device_classes, page_of
from .remedies import REMEDIES

DOCS = Path(__file__).resolve().parents[2] / "docs"
MADE = ("<!-- made by python -m docs_tables.reference; do not edit -->")
SCHEMA = Path(model_package.__file__).parent / "manifest.schema.json"
#: what each code means, and what it counts for
CODES = {
    Code.UNKNOWN: ("the pulse was examined, and no class is certain enough, "
                   "or its spectrum fits no trained state", "eligible"),
    Code.LOW_INTENSITY: ("the mean intensity is below the gate, or the "
                         "machine made no X-rays for this pulse", "rejected"),
    Code.SATURATED: ("a strip reached the saturation level or switched its "
                     "gain stage", "rejected"),
    Code.BAD_DATA: ("never received, not finite, or too few valid strips",
                    "rejected"),
    Code.SKIPPED: ("not examined: not selected, left out because of the "
                   "load, or padding behind the last pulse", "skipped")}
MEANINGS = {
    Fate.CLASSIFIED: "the engine examined it",
    Fate.REJECTED: "the data of the train could not be used",
    Fate.SKIPPED: "there was no time for it"}
EXIT_CODES = (
    ("spectra-classifier", 0, "done; of `compare` and `replay`: equal"),
    ("spectra-classifier", 1, "of `compare` and `replay`: different"),
    ("spectra-classifier", 2, "refused, with one line that gives the reason "
     "and the remedy"),
    ("spectra-classifier", 130, "interrupted by Ctrl-C"),
    ("device server", 69, "the connection to the broker is closed"),
    ("device server", 70, "the event loop was blocked, or a task that the "
     "device needs has ended"))


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table; bars in the cells are escaped."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(
        str(cell).replace("|", "\\|") for cell in line) + " |"
        for line in lines) + "\n"


def command_line() -> str:
    """Every command with all arguments and options."""
    program: Any = typer.main.get_command(app)
    parts = ["# Command line", "", MADE, "",
             "Every command with every option, as the program itself states "
             "them. How the commands are used: [from the command line]"
             "(../command-line.md). What DATA may be: [files](../files.md).",
             "", "Options in front of the command:", "",
             _options(program.params)]
    for name, command in sorted(program.commands.items()):
        arguments = [param for param in command.params
                     if isinstance(param, TyperArgument)]
        parts += [f"## {name}", "", "```text", " ".join([
            "spectra-classifier", name, *(
                f"{'' if each.required else '['}{_value(each)}"
                f"{'' if each.required else ']'}" for each in arguments),
            *(f"{_names(each)[0]} {_value(each)}" for each in command.params
              if isinstance(each, TyperOption) and each.required),
            "[OPTIONS]"]), "```", "", _plain(command.help, True), ""]
        if arguments:
            parts.append(table(("argument", "meaning"), [
                (f"`{_value(each)}`", _plain(each.help))
                for each in arguments]))
        parts.append(_options(command.params))
    return "\n".join(parts)


def _options(params: Iterable[Any]) -> str:
    rows = []
    for option in params:
        if isinstance(option, TyperOption) and not option.hidden:
            names = ", ".join(f"`{name}`" for name in _names(option))
            value = "" if option.is_flag else f" `{_value(option)}`"
            rows.append((names + value, _default(option),
                         _limits_of(option), _plain(option.help)))
    return table(("option", "default", "limits", "meaning"), rows)


def _names(option: TyperOption) -> list[str]:
    """Its names, the long one first; of a pair both."""
    return [*sorted(option.opts, key=lambda name: -len(name)),
            *option.secondary_opts]


def _value(param: Any) -> str:
    """What stands for its value."""
    kind = param.type_descriptor.annotation
    if param.metavar:
        return str(param.metavar)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(member.value) for member in kind)
    return {int: "N", float: "NUMBER", Path: "FILE"}.get(kind, "TEXT")


def _limits_of(option: Any) -> str:
    return ", ".join(f"{sign} {bound:g}" for sign, bound in (
        (">=", option.min), ("<=", option.max)) if bound is not None)


def _default(option: Any) -> str:
    if isinstance(option.show_default, str):
        return option.show_default
    if option.required:
        return "required"
    default = option.default
    if option.is_flag or default in (None, "") or callable(default):
        return ""
    return str(getattr(default, "value", default))


def _plain(text: str | None, paragraphs: bool = False) -> str:
    """A help text as Markdown."""
    # typer shows brackets as they are; Markdown takes <...> for a tag
    parts = [" ".join(part.split()) for part in re.split(
        r"\n\s*\n", text or "")]
    return ("\n\n" if paragraphs else " ").join(parts).replace(
        "<", "\\<").replace("*", "\\*")


def codes() -> str:
    """Codes of pulses and trains, alarms, exit codes."""
    rows = [("0, 1, 2 ...", "the name of the class", "a class of the model, "
             "in the order of its manifest", "eligible")]
    rows += [(int(code), code.name.lower().replace("_", " "), meaning, kind)
             for code, (meaning, kind) in CODES.items()]
    levels = {name: (level, delayed) for name, level, delayed
              in alarm_rows()}
    alarms = [(f"`{name}`", levels[name][0],
               "yes" if levels[name][1] else "no", REMEDIES[name].meaning)
              for name in NAMES]
    return "\n".join([
        "# Codes and alarms", "", MADE, "", "## Codes of a pulse", "",
        "In `label` of every output and result file, and in `code` of a "
        "table. *Eligible* pulses decide on the state of the sample.", "",
        table(("code", "label", "meaning", "counts as"), rows),
        "## Fates of a train", "", "`fateCode` of the output.", "",
        table(("code", "fate", "meaning"), [
            (number, fate.value, MEANINGS[fate])
            for number, fate in enumerate(FATES)]),
        "## Trains of a result file", "",
        f"`status` in `/entry/trains`: {columns.STATUS}.", "",
        "## Alarms", "",
        "Levels are those of an example while armed; *none*: the condition "
        "withholds the permit and raises no alarm. *Delayed*: raised when the "
        "cause has lasted for `alarms.delay`; the permit never waits. What "
        "to do: [every alarm](../runbook.md#every-alarm).", "",
        table(("alarm", "level", "delayed", "meaning"), alarms),
        "## Exit codes", "",
        table(("program", "code", "meaning"), EXIT_CODES)])


def schemas() -> str:
    """Files as schemas: columns of a result, the manifest of a model."""
    vectors = [(f"`{name}`", "(pulses)", dtype.__name__, text, unit or "-")
               for name, (dtype, text, unit) in columns.VECTORS.items()]
    vectors += [(f"`{name}`", "(pulses, classes)", "float32", text, "-")
                for name, text in columns.MATRICES.items()]
    trains = [(f"`{name}`", "(trains)", dtype.__name__, text, "-")
              for name, (dtype, text) in columns.TRAINS.items()]
    heads = ("column", "shape", "type", "meaning", "unit")
    schema = json.loads(SCHEMA.read_text())
    return "\n".join([
        "# File schemas", "", MADE, "",
        "What is read and written, with examples: [files](../files.md). "
        "How a model file is built: [model format](../model-format.md).", "",
        "## Result of classify, per pulse", "",
        "`/entry/result` and `/entry/scores` of the `.h5` form; in a `.csv` "
        "the matrices become one column for each class, `score NAME` and "
        "`mixture NAME`.", "",
        table(heads, vectors),
        "## Result of classify, per train", "", "`/entry/trains`.", "",
        table(heads, trains),
        "## Manifest of a model", "",
        f"{schema['title']}. Fields in alphabetical order; *-* where the "
        "schema states no limit. The whole schema is "
        "`src/spectra_classifier/model/manifest.schema.json` "
        "(JSON Schema, 2020-12).", "",
        table(("field", "required", "type", "limits", "meaning"),
              sorted(_fields(schema, schema)))])


def _fields(node: dict[str, Any], root: dict[str, Any], prefix: str = "",
            needed: bool = True) -> list[tuple[str, ...]]:
    rows = []
    required = node.get("required", ())
    for name, entry in node.get("properties", {}).items():
        path = f"{prefix}{name}"
        entry = _resolved(entry, root)
        rows.append((
            f"`{path}`", "yes" if name in required and needed else "no",
            _type(entry, root), _limits(entry), entry.get("description",
                                                          "-")))
        items = _resolved(entry.get("items", {}), root) if isinstance(
            entry.get("items", {}), dict) else {}
        rows += _fields(entry, root, f"{path}.", name in required and needed)
        rows += _fields(items, root, f"{path}.*.", False)
    return rows


def _resolved(entry: dict[str, Any], root: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in entry:
        return entry
    found: Any = root
    for part in entry["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return {**found, **{name: value for name, value in entry.items()
                        if name != "$ref"}}


def _type(entry: dict[str, Any], root: dict[str, Any]) -> str:
    if "enum" in entry:
        return ", ".join(f"`{json.dumps(value)}`" for value in entry["enum"])
    if "const" in entry:
        return f"`{json.dumps(entry['const'])}`"
    for kind in "oneOf", "anyOf":
        if kind in entry:
            return " or ".join(_type(_resolved(each, root), root)
                               for each in entry[kind])
    found = entry.get("type", "object")
    words = " or ".join(found) if isinstance(found, list) else found
    items = entry.get("items")
    if words == "array" and isinstance(items, dict):
        return f"array of {_type(_resolved(items, root), root)}"
    return words


def _limits(entry: dict[str, Any]) -> str:
    signs = {"minimum": ">= ", "exclusiveMinimum": "> ", "maximum": "<= ",
             "exclusiveMaximum": "< ", "minLength": "length >= ",
             "maxLength": "length <= ", "minItems": "items >= ",
             "maxItems": "items <= "}
    found = [f"{sign}{entry[name]}" for name, sign in signs.items()
             if name in entry]
    if "pattern" in entry:
        found.append(f"`{entry['pattern']}`")
    return ", ".join(found) or "-"


def python() -> str:
    """The Python API; its text comes from the docstrings."""
    homes = {
        "read": "api.reading.read", "train": "api.training.train",
        "load": "api.models.load", "explore": "api.exploration.explore",
        "scan": "api.scanning.scan",
        "Spectra": "api.reading.Spectra",
        "Model": "api.models.Model",
        "TrainedModel": "api.models.TrainedModel",
        "Classification": "api.classification.Classification",
        "SpectraClassifierEstimator":
            "api.estimator.SpectraClassifierEstimator",
        "Exploration": "api.exploration.Exploration",
        "StateScan": "api.scanning.StateScan",
        "Axis": "core.spectra.Axis",
        "SpectraError": "errors.SpectraError"}
    parts = ["# Python", "", MADE, "",
             "The names that `import spectra_classifier` gives, from their "
             "docstrings. `SpectraError` is in `spectra_classifier.errors`; "
             "a `TrainedModel` is what `train` returns. With examples: "
             "[in a notebook](../notebook.md).", ""]
    for name, home in homes.items():
        parts += [f"::: spectra_classifier.{home}", "    options:",
                  f"      heading: {name}", f"      toc_label: {name}", ""]
    parts += ["## Options of a training", "",
              "Keywords of `train`, and fields of the same name in "
              "`options` of the estimator.", "",
              "::: spectra_classifier.training.options.TrainingOptions", ""]
    return "\n".join(parts)


def decisions() -> str:
    """Index of the decision records."""
    rows = []
    for path in sorted((DOCS / "decisions").glob("0*.md")):
        title = path.read_text().split("\n", 1)[0].removeprefix("# ")
        number, _, words = title.partition(". ")
        rows.append((number, f"[{words}]({path.name})"))
    return "\n".join([
        "# Decisions", "", MADE, "",
        "What was decided, why, and what follows; one page each. A record "
        "that no longer holds stays, and names what replaces it.", "",
        table(("number", "decision"), rows)])


def devices() -> str:
    """The device classes, each with its page."""
    return "\n".join(f"- [`{found.__name__}`](devices/{page_of(found)})"
                     for found in device_classes()) + "\n"


#: (page, name of the part between two marks): what is there
PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("install.md", "devices"): devices}


def with_part(page: str, name: str, text: str) -> str:
    """A page with a new text between the marks of a part.

    `ValueError` if it has no such marks.
    """
    begin = (f"<!-- {name}: begin (made by python -m docs_tables.reference) "
             "-->")
    end = f"<!-- {name}: end -->"
    head, mark, rest = page.partition(begin)
    _, other, tail = rest.partition(end)
    if not (mark and other):
        raise ValueError(f"no place for {name}: put {begin!r} and {end!r} "
                         "into the page")
    return f"{head}{begin}\n\n{text}\n{end}{tail}"


PAGES: dict[str, Callable[[], str]] = {
    "reference/command-line.md": command_line,
    "reference/python.md": python, "reference/codes.md": codes,
    "reference/schemas.md": schemas, "decisions/index.md": decisions}


def main(names: Sequence[str]) -> None:
    for (name, part), make in PARTS.items():
        path = DOCS / name
        path.write_text(with_part(path.read_text(), part, make()))
    for name in names or PAGES:
        (DOCS / name).write_text(PAGES[name]())
        print(f"docs/{name}")


if __name__ == "__main__":
    main(sys.argv[1:])
