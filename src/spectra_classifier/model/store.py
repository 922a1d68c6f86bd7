"""Models in files: written atomically, verified whole before use."""
import json
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx

from ..core.cooperative import yield_to_trains
from ..core.engine.reference_engine import NumpyEngine
from ..core.model_definition import ModelDefinition
from ..errors import ModelFileError, SpectraError
from . import bounds, golden, graph, manifest, plain, strict_json
from .engines import GOLDEN_SECONDS, onnxruntime_engine
from .fingerprint import weights_sha256

MANIFEST_KEY = "spectra_classifier.manifest"
#: characters of a refusal
LONGEST = 600


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A verified model: what it computes, what it says, where it came from.

    `identity`: hash of everything that a code or the permit depends on, and
    the beginning of it is in the id; `sha256`: of the graph alone; `graph`:
    the bytes of the ONNX file.
    """
    definition: ModelDefinition
    manifest: dict
    sha256: str
    path: Path
    graph: bytes

    @property
    def identity(self) -> str:
        """64 hexadecimal digits."""
        return self.manifest["identity"]


def save(path, definition, info, golden_input, manifest_dir=None):
    """Write an ensemble as one ONNX file; returns its manifest.

    `info`: see `manifest.compose`. `golden_input` (k, channels): raw
    spectra, at least one, kept with the answer of the float64 reference.
    The manifest is embedded, and written as `<id>.json` to `manifest_dir`
    (the folder of `path` by default). The id is the name and the first
    digits of the identity. Both files appear whole or not at all.
    """
    proto = graph.build(definition)
    answer = golden.answer(NumpyEngine(definition), golden_input)
    return _write(path, proto, definition, info, golden_input, answer,
                  manifest_dir)


def wrap(source, path, definition, info, golden_input, manifest_dir=None):
    """Give a foreign ONNX classifier a manifest; returns the manifest.

    `source` takes [n, channels] float32, preprocessed as `definition` says,
    and gives [n, classes]; `info["foreign_output"]` is "probabilities" or
    "logits". `definition` has one bin and `ForeignMembers`.
    """
    proto = plain.parse(plain.read_bytes(source), source)
    bounds.check(proto, source)
    settings = {"id": info["name"], "members": {
        "output": info.get("foreign_output", "probabilities")}}
    engine = onnxruntime_engine(definition, proto.SerializeToString(),
                                settings, GOLDEN_SECONDS)
    answer = golden.answer(engine, golden_input)
    return _write(path, proto, definition, info, golden_input, answer,
                  manifest_dir)


def load(path, axis=None, manifest_dir=None):
    """A verified `LoadedModel`, or `ModelFileError` saying why not.

    `axis`: the `Axis` of the data, if known. An ONNX file without embedded
    manifest takes `<file name>.json` from `manifest_dir` or its own folder.
    Nothing in the file is executed but standard ONNX operators.
    """
    try:
        return _load(plain.check_path(path), axis, manifest_dir)
    except SpectraError as error:
        raise ModelFileError(_one_line(error)) from None
    except Exception as error:
        # the last resort: whatever a file brings about refuses the file
        raise ModelFileError(_one_line(
            f"{path} cannot be loaded ({type(error).__name__}: "
            f"{error!s:.200}): it is damaged, copy or export it again")
            ) from error


def _one_line(error):
    """A message that can be shown: names in a file may hold anything."""
    text = " ".join(str(error).split())
    if not text.isprintable():
        text = text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _load(path, axis, manifest_dir):
    data = plain.read_bytes(path)
    yield_to_trains()
    proto = plain.parse(data, path)
    properties = _properties(proto, path)
    statement = _manifest(path, properties, manifest_dir)
    yield_to_trains()
    manifest.check(statement, path)
    yield_to_trains()
    digest = weights_sha256(proto)
    if digest != statement["weights_sha256"]:
        raise ModelFileError(
            f"{path}: the graph has hash {digest[:10]}..., the manifest says "
            f"{statement['weights_sha256'][:10]}...: the file is damaged or "
            "belongs to another manifest")
    yield_to_trains()
    definition = _definition(path, proto, statement, properties, digest)
    yield_to_trains()
    mismatch = "" if axis is None else definition.axis.mismatch(axis)
    if mismatch:
        raise ModelFileError(f"{path} was trained on another axis; the data "
                             f"has {mismatch}: train a model for it")
    golden.check(onnxruntime_engine(definition, data, statement,
                                    GOLDEN_SECONDS), statement, properties)
    return LoadedModel(definition, statement, digest, path, data)


def _properties(proto, path):
    """{key: text} of the metadata, each key once."""
    found = {entry.key: entry.value for entry in proto.metadata_props}
    if len(found) < len(proto.metadata_props):
        raise ModelFileError(f"{path} has two entries of one name among its "
                             "metadata: export the model again")
    return found


def _write(path, proto, definition, info, golden_input, answer,
           manifest_dir):
    path = Path(path)
    statement, properties = manifest.compose(
        definition, info, weights_sha256(proto),
        (np.asarray(golden_input), *answer))
    write(path, proto, statement, properties, manifest_dir)
    return statement


def write(path, proto, statement, properties, manifest_dir=None):
    """Both files of a model whose manifest is complete.

    `ModelFileError` before anything is written, also where the manifest of
    another model with this id is there.
    """
    manifest.check(statement, path)
    onnx.helper.set_model_props(proto, properties | {
        MANIFEST_KEY: json.dumps(statement, allow_nan=False)})
    data = proto.SerializeToString(deterministic=True)
    plain.parse(data, path)
    text = json.dumps(statement, indent=1, allow_nan=False) + "\n"
    beside = Path(manifest_dir or path.parent) / f"{statement['id']}.json"
    _keep_others(beside, statement)
    _replace(beside, text.encode())
    _replace(path, data)


def _keep_others(beside, statement):
    """`ModelFileError` where a manifest of another model would be lost."""
    if not beside.exists():
        return
    try:
        there = strict_json.parse(
            plain.read_bytes(beside).decode("utf-8"), beside)["identity"]
    except (SpectraError, ValueError, TypeError, KeyError):
        there = "not readable"
    if there != statement["identity"]:
        raise ModelFileError(
            f"{beside} belongs to another model (identity {there:.12}...): "
            "give this one another name, or move that file away")


def _replace(path, data):
    """Write a file so that it is whole or absent whatever happens."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent,
                                         prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _manifest(path, properties, manifest_dir):
    """The manifest as parsed JSON, embedded or beside the file."""
    text, where = properties.get(MANIFEST_KEY), path
    if text is None:
        where = Path(manifest_dir or path.parent) / f"{path.stem}.json"
        if not where.is_file():
            raise ModelFileError(
                f"{path} has no manifest: save or wrap the model with "
                f"spectra_classifier, or put {where.name} beside it")
        try:
            text = plain.read_bytes(where).decode("utf-8")
        except UnicodeDecodeError:
            raise ModelFileError(f"{where}: the manifest is not UTF-8: copy "
                                 "it again") from None
    return strict_json.parse(text, where)


def _definition(path, proto, statement, properties, digest):
    """The definition, which must describe the graph to the last bit."""
    kind = statement["members"]["kind"]
    if kind == "foreign":
        bounds.check(proto, path)
        return manifest.definition_from(statement, None, properties)
    try:
        members = graph.read_members(proto, statement["members"],
                                     len(statement["bins"]))
        definition = manifest.definition_from(statement, members, properties)
        same = weights_sha256(graph.build(definition)) == digest
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise ModelFileError(f"{path}: the graph is not an ensemble of "
                             f"{kind} members as the manifest says "
                             f"({error})") from None
    if not same:
        raise ModelFileError(f"{path}: the graph is not the one that the "
                             "manifest describes: export the model again")
    return definition
