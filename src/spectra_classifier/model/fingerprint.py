"""Hashes that pin a model: of its graph, of what it does, of its manifest.

All are defined in docs/model-format.md, so that anyone can recompute them.
They find damage and confusion; they are not signatures.
"""
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from onnx import (
    ModelProto,
    NodeProto,
    TensorProto,
    ValueInfoProto,
    numpy_helper,
)

from ..core.cooperative import yield_to_trains
from .strict_json import Json, JsonObject

#: hexadecimal digits of the identity in an id: two of a billion models share
#: an id by chance with a probability below 0.03
DIGITS = 16
#: fields of a manifest that no code and no permit depends on. Every other
#: field enters the identity, also one that this version does not know.
#: "*" is any item of a list; a field includes everything below it
WORDS = frozenset((
    "format_version",
    "identity", "id", "name", "manifest_sha256",        # follow from the rest
    "description", "created", "software", "licence",
    "training", "metrics",          # but for the verdict, see `identity`
    "taught",
    "golden",                       # a proof, not a part
    "gate.rule",
    "preprocessing.baseline.length",                    # follows from lam
    "bins.*.from", "bins.*.to",                         # follow from the axis
    "bins.*.training_accuracy",
    "calibration.status",                               # follows from samples
))


def identity(manifest: Mapping[str, Any]) -> str:
    """Hash everything that a code or the permit depends on.

    Over the compact JSON of the manifest without `WORDS`; the graph and the
    arrays enter by the hashes that the manifest states of them. Of the
    metrics one bit enters: whether the training advises arming the model.

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    guards = manifest["metrics"].get("guards")
    advised = isinstance(guards, dict) and guards.get("arm") is True
    return _sha256({"manifest": _without_words(manifest, ()),
                    "arming_advised": advised})


def model_id(manifest: Mapping[str, Any]) -> str:
    """The id that people see: the name and digits of the identity."""
    return f"{manifest['name']}-{manifest['identity'][:DIGITS]}"


def weights_sha256(model: ModelProto) -> str:
    """Hash what a graph computes.

    Over lines of compact JSON, each followed by a line feed: the version of
    the file format, the operator sets, the inputs and the outputs in their
    order, one line per initialiser, sorted by name, one line per node in the
    order of the graph. Names of nodes, documentation and metadata do not
    enter.

    Parameters
    ----------
    model
        Plain ONNX (`plain.parse`).

    Returns
    -------
    str
        64 hexadecimal digits.
    """
    graph = model.graph
    lines = [["ir_version", model.ir_version],
             ["opsets", sorted([entry.domain or "ai.onnx", entry.version]
                               for entry in model.opset_import)],
             ["inputs", *map(_value, graph.input)],
             ["outputs", *map(_value, graph.output)]]
    lines += [_initialiser(tensor) for tensor in sorted(
        graph.initializer, key=lambda tensor: tensor.name)]
    yield_to_trains()
    lines += [_node(node) for node in graph.node]
    yield_to_trains()
    digest = hashlib.sha256()
    for line in lines:
        digest.update(_compact(line) + b"\n")
    return digest.hexdigest()


def manifest_sha256(manifest: Mapping[str, Any]) -> str:
    """Hash a manifest without its own `manifest_sha256`.

    Over the compact JSON with sorted keys; 64 hexadecimal digits.
    """
    return _sha256({key: value for key, value in manifest.items()
                    if key != "manifest_sha256"})


def sealed(manifest: Mapping[str, Any]) -> JsonObject:
    """The manifest with its identity, id and hash, computed from the rest."""
    manifest = dict(manifest)
    manifest["identity"] = identity(manifest)
    manifest["id"] = model_id(manifest)
    manifest["manifest_sha256"] = manifest_sha256(manifest)
    return manifest


def _without_words(value: Json, place: tuple[str, ...]) -> Json:
    if isinstance(value, dict):
        return {key: _without_words(each, (*place, key))
                for key, each in value.items()
                if ".".join((*place, key)) not in WORDS}
    if isinstance(value, list):
        return [_without_words(each, (*place, "*")) for each in value]
    return value


def _sha256(value: Json) -> str:
    return hashlib.sha256(_compact(value)).hexdigest()


def _compact(value: Json) -> bytes:
    """JSON in one way only: floats by the shortest text that gives them
    back, keys sorted, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"),
                      allow_nan=False).encode("ascii")


def _value(value: ValueInfoProto) -> list[Json]:
    """Name, element type and shape of an input or output."""
    tensor = value.type.tensor_type
    shape = ([size.dim_value if size.HasField("dim_value")
              else size.dim_param for size in tensor.shape.dim]
             if tensor.HasField("shape") else None)
    return [value.name, tensor.elem_type, shape]


def _initialiser(tensor: TensorProto) -> list[Json]:
    array = numpy_helper.to_array(tensor)
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return [tensor.name, TensorProto.DataType.Name(tensor.data_type),
            list(array.shape), hashlib.sha256(raw).hexdigest()]


def _node(node: NodeProto) -> list[Json]:
    attributes = sorted(
        [attribute.name,
         attribute.SerializeToString(deterministic=True).hex()]
        for attribute in node.attribute)
    return [node.domain or "ai.onnx", node.op_type, list(node.input),
            list(node.output), attributes]
