"""Hashes that pin a model: one of its weights, one of its manifest.

Both are defined in docs/model-format.md, so that anyone can recompute them.
"""
import hashlib
import json

from onnx import TensorProto, numpy_helper


def weights_sha256(model):
    """Hash of what a graph computes, (64 hexadecimal digits).

    Over one line per initialiser, sorted by name (name, element type, shape,
    SHA-256 of the little-endian bytes), then one line per node in the order
    of the graph (domain, operator, inputs, outputs, attributes), each line
    as compact JSON followed by a line feed. Names of nodes, documentation
    and metadata do not enter.
    """
    lines = [_initialiser(tensor) for tensor in sorted(
        model.graph.initializer, key=lambda tensor: tensor.name)]
    lines += [_node(node) for node in model.graph.node]
    digest = hashlib.sha256()
    for line in lines:
        digest.update(_compact(line) + b"\n")
    return digest.hexdigest()


def manifest_sha256(manifest):
    """Hash of a manifest without its own `manifest_sha256`.

    Over the compact JSON with sorted keys.
    """
    rest = {key: value for key, value in manifest.items()
            if key != "manifest_sha256"}
    return hashlib.sha256(_compact(rest)).hexdigest()


def _compact(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"),
                      allow_nan=False).encode("ascii")


def _initialiser(tensor):
    array = numpy_helper.to_array(tensor)
    raw = array.astype(array.dtype.newbyteorder("<")).tobytes()
    return [tensor.name, TensorProto.DataType.Name(tensor.data_type),
            list(array.shape), hashlib.sha256(raw).hexdigest()]


def _node(node):
    attributes = sorted(
        [attribute.name,
         attribute.SerializeToString(deterministic=True).hex()]
        for attribute in node.attribute)
    return [node.domain, node.op_type, list(node.input), list(node.output),
            attributes]
