"""Models in files: written atomically, verified whole before use."""
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import ArrayLike, NDArray
from onnx import ModelProto

from ..core.cooperative import yield_to_trains
from ..core.engine.reference_engine import NumpyEngine
from ..core.model_definition import ModelDefinition
from ..core.preprocessing.preprocess import preprocess
from ..core.spectra import Axis, Code
from ..errors import ModelFileError, SpectraError
from . import arrays, bounds, golden, graph, manifest, plain, strict_json
from .engines import GOLDEN_SECONDS, onnxruntime_engine
from .fingerprint import weights_sha256
from .plain import AnyPath
from .strict_json import Json, JsonObject

MANIFEST_KEY = "spectra_classifier.manifest"
#: the arrays of a manifest in a file of its own, {key: base64 text}
ARRAYS = "arrays"
#: characters of a message
LONGEST = 600


@dataclass(frozen=True, eq=False)
class LoadedModel:
    """A verified model.

    Attributes
    ----------
    definition
        What it computes.
    manifest
        Its manifest, as parsed JSON.
    sha256
        Hash of the graph alone (`fingerprint.weights_sha256`).
    path
        The file that it was loaded from.
    graph
        The bytes of that file.
    whole
        The manifest is in that file, too.
    """
    definition: ModelDefinition
    manifest: dict
    sha256: str
    path: Path
    graph: bytes
    whole: bool

    @property
    def identity(self) -> str:
        """Hash of everything that a code or the permit depends on.

        64 hexadecimal digits; the first of them are part of the id.
        """
        return self.manifest["identity"]

    def taught(self) -> NDArray[np.float32] | None:
        """Marks of its training spectra, None where it has none.

        See `core.evaluation.taught_spectra`.
        """
        if "taught" not in self.manifest:
            return None
        return arrays.decode(self.manifest["taught"], self.properties)

    @property
    def properties(self) -> dict[str, str]:
        """The arrays of its manifest that are in the file, as text by key."""
        return {entry.key: entry.value for entry in plain.parse(
            self.graph, self.path).metadata_props
            if entry.key != MANIFEST_KEY}


def save(path: AnyPath, definition: ModelDefinition, info: Mapping[str, Any],
         golden_input: ArrayLike,
         manifest_dir: AnyPath | None = None) -> JsonObject:
    """Write an ensemble as one ONNX file with its manifest.

    The manifest is embedded, and written as `<id>.json` to `manifest_dir`.
    The id is the name and the first digits of the identity. Both files
    appear whole or not at all.

    Parameters
    ----------
    path
        File to write.
    definition
        The ensemble.
    info
        Facts for the manifest, see `manifest.compose`.
    golden_input
        Raw spectra (k, channels), k > 0, kept with the answer of the float64
        reference.
    manifest_dir
        Folder of the manifest, by default that of `path`.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    ModelFileError
        If the model would not load, or its manifest would replace that of
        another model. Nothing is written then.
    """
    made = compose(definition, info, golden_input, path)
    put(made, path, manifest_dir)
    return made.manifest


def compose(definition: ModelDefinition, info: Mapping[str, Any],
            golden_input: ArrayLike,
            path: AnyPath = "the model") -> LoadedModel:
    """Make a model in memory, verified like one that is loaded.

    Parameters
    ----------
    definition, info, golden_input
        As for `save`.
    path
        Its name in messages.

    Raises
    ------
    ModelFileError
        If the model would not load.
    """
    return _composed(
        path, graph.build(definition), definition, info, golden_input,
        golden.answer(NumpyEngine(definition), golden_input))


def wrap(source: AnyPath, path: AnyPath, definition: ModelDefinition,
         info: Mapping[str, Any], golden_input: ArrayLike,
         manifest_dir: AnyPath | None = None) -> JsonObject:
    """Give a foreign ONNX classifier a manifest.

    Parameters
    ----------
    source
        ONNX file that takes [n, channels] float32, preprocessed as
        `definition` states, and gives [n, classes].
    path
        File to write.
    definition
        One bin and `ForeignMembers`.
    info
        As for `save`; `info["foreign_output"]` is "probabilities" or
        "logits".
    golden_input
        As for `save`, kept with the answer of the classifier.
    manifest_dir
        Folder of the manifest, by default that of `path`.

    Returns
    -------
    dict
        The manifest.

    Raises
    ------
    ModelFileError
        If the source is not plain ONNX, is too large, or is not such a
        classifier; as `save`.
    """
    proto = plain.parse(plain.read_bytes(source), source)
    bounds.check(proto, source)
    settings = {"id": info["name"], "members": {
        "output": info.get("foreign_output", "probabilities")}}
    engine = onnxruntime_engine(definition, proto.SerializeToString(),
                                settings, GOLDEN_SECONDS)
    answer = golden.answer(engine, golden_input)
    _check_foreign(*answer, settings)
    _check_order(answer[0], definition, golden_input)
    made = _composed(path, proto, definition, info, golden_input, answer)
    put(made, path, manifest_dir)
    return made.manifest


def _check_foreign(labels: NDArray[np.int8], scores: NDArray[np.float32],
                   settings: JsonObject) -> None:
    """`ModelFileError` where what a foreign classifier gives is no vote."""
    odd = np.flatnonzero((labels == Code.UNKNOWN) & ~scores.any(axis=1))
    if len(odd):
        raise ModelFileError(
            f"{settings['id']} does not give golden spectrum {odd[0]} shares "
            "of a vote (from 0 to 1, with the sum 1): its output is stated as "
            f"{settings['members']['output']!r}; state \"foreign_output\": "
            "\"logits\" if it gives logits")


def _check_order(labels: NDArray[np.int8], definition: ModelDefinition,
                 spectra: ArrayLike) -> None:
    """`ModelFileError` where the outputs are not in the order of the classes.

    That is, where golden spectra are like several class references, and none
    of them gets the class that it is most like.
    """
    shapes = preprocess(np.asarray(spectra, np.float32),
                        definition.preprocessing).astype(np.float64)
    references = np.asarray(definition.references, np.float64)
    shapes -= shapes.mean(axis=1, keepdims=True)
    references = references - references.mean(axis=1, keepdims=True)
    length = np.linalg.norm(references, axis=1)
    like = (shapes @ references.T / np.maximum(
        length, np.finfo(np.float32).tiny)).argmax(axis=1)
    known = labels >= 0
    if len(np.unique(like[known])) > 1 and (labels != like)[known].all():
        raise ModelFileError(
            "no golden spectrum gets the class whose reference it is like: "
            f"the outputs are not in the order of {list(definition.classes)}")


def load(path: AnyPath, axis: Axis | None = None,
         manifest_dir: AnyPath | None = None,
         known: Iterable[LoadedModel] = ()) -> LoadedModel:
    """Load and verify a model.

    Nothing in the file is executed but standard ONNX operators.

    Parameters
    ----------
    path
        ONNX file. Without an embedded manifest, `<file name>.json` is its
        manifest.
    axis
        Axis of the data, if known.
    manifest_dir
        Folder of that manifest, by default that of `path`.
    known
        Verified models: a file of the same bytes, manifest included, is not
        verified again.

    Raises
    ------
    ModelFileError
        If anything is wrong with the file; the message is one line.
    """
    with _rejecting(path):
        file = plain.check_path(path)
        data = plain.read_bytes(file)
        same = next((each for each in known
                     if each.whole and each.graph == data), None)
        model = (replace(same, path=file) if same
                 else _verified(data, file, manifest_dir))
        mismatch = "" if axis is None else model.definition.axis.mismatch(axis)
        if mismatch:
            raise ModelFileError(
                f"{file} was trained on another axis; the data has "
                f"{mismatch}: train a model for it")
        return model


@contextmanager
def _rejecting(path: AnyPath) -> Iterator[None]:
    """Any error that a file causes as a `ModelFileError` of one line."""
    try:
        yield
    except SpectraError as error:
        raise ModelFileError(_one_line(error)) from None
    except Exception as error:
        # the last resort: any error that a file causes rejects it
        raise ModelFileError(_one_line(
            f"{path} cannot be loaded ({type(error).__name__}: "
            f"{error!s:.200}): it is damaged, copy or export it again")
            ) from error


def classes_stated(path: AnyPath) -> int:
    """Number of classes in the manifest of a model that is not verified.

    Raises
    ------
    ModelFileError
        If the file is no plain ONNX, or its manifest is wrong.
    """
    with _rejecting(path):
        file = plain.check_path(path)
        proto = plain.parse(plain.read_bytes(file), file)
        statement, _ = _manifest(file, {
            entry.key: entry.value for entry in proto.metadata_props}, None)
        manifest.check(statement, file)
        return len(statement["classes"])


def _one_line(error: object) -> str:
    """A message that can be shown: names in a file may hold anything."""
    text = " ".join(str(error).split())
    if not text.isprintable():
        text = text.encode("unicode_escape").decode("ascii")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."


def _verified(data: bytes, path: Path,
              manifest_dir: AnyPath | None = None) -> LoadedModel:
    """The model of the content of a file."""
    yield_to_trains()
    proto = plain.parse(data, path)
    yield_to_trains()
    # each key is there once: the checker of ONNX refuses another graph
    own = {entry.key: entry.value for entry in proto.metadata_props}
    statement, properties = _manifest(path, own, manifest_dir)
    yield_to_trains()
    manifest.check(statement, path)
    yield_to_trains()
    digest = weights_sha256(proto)
    if digest != statement["weights_sha256"]:
        raise ModelFileError(
            f"{path}: the graph has hash {digest[:10]}..., the manifest "
            f"states {statement['weights_sha256'][:10]}...: the file is "
            "damaged or belongs to another manifest")
    yield_to_trains()
    definition = _definition(path, proto, statement, properties, digest)
    yield_to_trains()
    engine = onnxruntime_engine(definition, data, statement, GOLDEN_SECONDS)
    golden.check(engine, statement, properties)
    return LoadedModel(definition, statement, digest, path, data,
                       MANIFEST_KEY in own)


def _composed(path: AnyPath, proto: ModelProto, definition: ModelDefinition,
              info: Mapping[str, Any], golden_input: ArrayLike,
              answer: tuple[NDArray[np.int8], NDArray[np.float32]],
              ) -> LoadedModel:
    statement, properties = manifest.compose(
        definition, info, weights_sha256(proto),
        (np.asarray(golden_input), *answer))
    return embedded(proto, statement, properties, path)


def embedded(proto: ModelProto, statement: JsonObject,
             properties: Mapping[str, str], path: AnyPath) -> LoadedModel:
    """The verified model of a graph and its manifest.

    Parameters
    ----------
    proto
        The graph; gets the manifest and `properties` as metadata.
    statement
        The manifest.
    properties
        The arrays of the manifest, by key.
    path
        Its name in messages.

    Raises
    ------
    ModelFileError
        If the model would not load.
    """
    path = Path(path)
    manifest.check(statement, path)
    onnx.helper.set_model_props(proto, dict(properties) | {
        MANIFEST_KEY: json.dumps(statement, allow_nan=False)})
    return _verified(proto.SerializeToString(deterministic=True), path)


def put(model: LoadedModel, path: AnyPath,
        manifest_dir: AnyPath | None = None) -> None:
    """Write both files of a model.

    Parameters
    ----------
    model
        The model.
    path
        File to write.
    manifest_dir
        Folder of the manifest, by default that of `path`.

    Raises
    ------
    ModelFileError
        Before anything is written: if its manifest would replace that of
        another one.
    """
    path, statement = Path(path), model.manifest
    # next to a foreign graph whose metadata are not ours it stands alone
    own = ({ARRAYS: model.properties}
           if statement["members"]["kind"] == "foreign" else {})
    text = json.dumps(statement | own, indent=1, allow_nan=False) + "\n"
    separate = Path(manifest_dir or path.parent) / f"{statement['id']}.json"
    _keep_others(separate, statement)
    # neither without the other where the disk is full
    with _replaced(separate, text.encode()), _replaced(path, model.graph):
        pass


def _keep_others(separate: Path, statement: JsonObject) -> None:
    """`ModelFileError` where a manifest of another model would be lost."""
    if not separate.exists():
        return
    try:
        there = strict_json.parse(
            plain.read_bytes(separate).decode("utf-8"), separate)["identity"]
    except (ValueError, TypeError, KeyError):
        there = "not readable"
    if there != statement["identity"]:
        raise ModelFileError(
            f"{separate} belongs to another model (identity {there:.12}...): "
            "give this one another name, or move that file away")


@contextmanager
def _replaced(path: Path, data: bytes) -> Iterator[None]:
    """A file that is whole on disk, and gets its name after the block."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent,
                                         prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        yield
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _manifest(path: Path, properties: Mapping[str, str],
              manifest_dir: AnyPath | None) -> tuple[Json, Mapping[str, str]]:
    """The manifest as parsed JSON, and its arrays by key.

    Both are embedded, or in a file of their own.
    """
    text, where = properties.get(MANIFEST_KEY), path
    if text is None:
        where = Path(manifest_dir or path.parent) / f"{path.stem}.json"
        if not where.is_file():
            raise ModelFileError(
                f"{path} has no manifest: save or wrap the model with "
                f"spectra_classifier, or put {where.name} next to it")
        try:
            text = plain.read_bytes(where).decode("utf-8")
        except UnicodeDecodeError:
            raise ModelFileError(f"{where}: the manifest is not UTF-8: copy "
                                 "it again") from None
    statement = strict_json.parse(text, where)
    if where != path and isinstance(statement, dict):
        own = statement.pop(ARRAYS, {})
        if not (isinstance(own, dict) and all(
                isinstance(value, str) for value in own.values())):
            raise ModelFileError(f"{where}: {ARRAYS} are not texts by name: "
                                 "copy it again")
        properties = {**properties, **own}
    return statement, properties


def _definition(path: Path, proto: ModelProto, statement: JsonObject,
                properties: Mapping[str, str], digest: str) -> ModelDefinition:
    """The definition, which must describe the graph bit for bit."""
    kind = statement["members"]["kind"]
    if kind == "foreign":
        bounds.check(proto, path)
        return manifest.definition_from(statement, None, properties)
    try:
        members = graph.read_members(proto, statement["members"],
                                     len(statement["bins"]))
        yield_to_trains()
        definition = manifest.definition_from(statement, members, properties)
        yield_to_trains()
        built = graph.build(definition)
        yield_to_trains()
        same = weights_sha256(built) == digest
    except SpectraError:
        raise
    except (KeyError, ValueError, IndexError, TypeError) as error:
        raise ModelFileError(f"{path}: the graph is not an ensemble of "
                             f"{kind} members as the manifest states "
                             f"({error})") from None
    if not same:
        raise ModelFileError(f"{path}: the graph is not the one that the "
                             "manifest describes: export the model again")
    return definition
